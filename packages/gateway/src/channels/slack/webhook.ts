import { GatewayError } from "../../lib/errors.ts";
import { hmacSha256, sameText } from "../signatures.ts";
import type { Inbox, WebhookAnswer, WebhookRequest } from "../types.ts";
import type { Self } from "./api.ts";
import { deliver } from "./deliver.ts";
import type { SlackOptions } from "./settings.ts";

const mostBytes = 1024 * 1024;
/** How far a request's time may be from ours; Slack recommends five minutes. */
const mostAwayMs = 5 * 60_000;

/**
 * A request of the Events API. Its headers are checked before the body is read, and its signature before it is parsed.
 * Source: https://docs.slack.dev/authentication/verifying-requests-from-slack and https://docs.slack.dev/apis/events-api/using-http-request-urls
 */
export async function takeRequest(
  request: WebhookRequest,
  inbox: Inbox,
  facts: { self: Self | undefined; options: SlackOptions; signingSecret: string; now: number },
): Promise<WebhookAnswer> {
  if (request.method !== "POST") return { status: 405 };
  const time = headerOf(request, "x-slack-request-timestamp");
  const signature = headerOf(request, "x-slack-signature");
  if (!/^\d{1,12}$/.test(time) || !/^v0=[0-9a-f]{64}$/.test(signature)) return refused(inbox, "unsigned");
  if (Math.abs(facts.now - Number(time) * 1000) > mostAwayMs) return refused(inbox, "replayed");

  let body: Uint8Array;
  try {
    body = await request.body(mostBytes);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code !== "payload_too_large") throw thrown;
    inbox.rejected("too_large");
    return { status: 413 };
  }
  const expected = `v0=${hmacSha256(facts.signingSecret, `v0:${time}:`, body)}`;
  if (!sameText(signature, expected)) return refused(inbox, "unsigned");

  const parsed = parse(body);
  if (parsed === undefined) {
    inbox.rejected("malformed");
    return { status: 400 };
  }
  if (parsed.type === "url_verification") return challenge(parsed);
  if (facts.self === undefined) return { status: 503 };
  try {
    await deliver(parsed, inbox, { self: facts.self, options: facts.options });
    return { status: 200 };
  } catch {
    return { status: 503 }; // Slack sends it again: at once, after a minute, after five
  }
}

function headerOf({ headers }: WebhookRequest, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

function refused(inbox: Inbox, reason: "unsigned" | "replayed"): WebhookAnswer {
  inbox.rejected(reason);
  return { status: 401 };
}

function parse(body: Uint8Array): { type?: unknown; challenge?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Slack asks once, when the address is saved, whether it is ours. */
function challenge({ challenge }: { challenge?: unknown }): WebhookAnswer {
  const isText = typeof challenge === "string" && challenge.length <= 1000;
  return isText ? { status: 200, body: challenge, contentType: "text/plain" } : { status: 400 };
}
