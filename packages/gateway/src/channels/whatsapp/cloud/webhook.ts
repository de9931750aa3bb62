import { GatewayError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { hmacSha256, sameText } from "../../signatures.ts";
import type { InboundMessage, Inbox, WebhookAnswer, WebhookRequest } from "../../types.ts";
import { inboundOf } from "./inbound.ts";
import { failedStatus, messagesValue, payload } from "./payload.ts";

export interface WebhookFacts {
  phoneNumberId: string;
  appSecret: string | undefined;
  verifyToken: string | undefined;
  log: Log;
  /** Told of every message that was taken in. */
  onMessage(message: InboundMessage): void;
}

/** Meta sends up to 3 MB at once (https://developers.facebook.com/docs/graph-api/webhooks/getting-started). */
const mostBytes = 3 * 1024 * 1024;

/** An HTTP request of Meta's: the one that subscribes, or one with what happened. */
export async function answerWebhook(
  request: WebhookRequest,
  inbox: Inbox,
  facts: WebhookFacts,
): Promise<WebhookAnswer> {
  if (request.method === "GET") return subscribe(request.query, inbox, facts);
  const signature = header(request, "x-hub-signature-256");
  if (facts.appSecret === undefined || !/^sha256=[0-9a-f]{64}$/.test(signature)) return unsigned(inbox);
  let bytes: Uint8Array;
  try {
    bytes = await request.body(mostBytes);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code !== "payload_too_large") throw thrown;
    inbox.rejected("too_large");
    return { status: 413 };
  }
  if (!sameText(signature, `sha256=${hmacSha256(facts.appSecret, bytes)}`)) return unsigned(inbox);
  const parsed = payload.safeParse(jsonOf(bytes));
  if (!parsed.success) {
    inbox.rejected("malformed");
    return { status: 200 }; // it is Meta's; the same again would not be better
  }
  const values = parsed.data.entry.flatMap((entry) => entry.changes.map((change) => change.value));
  for (const value of values) await take(value, inbox, facts);
  return { status: 200 };
}

/** Rejects with what `receive` does: then the whole is answered 500 and comes again, and what is known is known. */
async function take(raw: unknown, inbox: Inbox, facts: WebhookFacts): Promise<void> {
  const parsed = messagesValue.safeParse(raw);
  if (!parsed.success) return; // another field that the app is subscribed to
  const value = parsed.data;
  if (value.metadata.phone_number_id !== facts.phoneNumberId) {
    inbox.rejected("not_for_us");
    return;
  }
  for (const one of value.messages ?? []) {
    const message = inboundOf(one, value);
    if (message === "malformed") inbox.rejected("malformed");
    else if (message !== "silent") {
      await inbox.receive(message);
      facts.onMessage(message);
    }
  }
  for (const one of value.statuses ?? []) {
    const failed = failedStatus.safeParse(one).data;
    if (failed === undefined) continue;
    const codes = failed.errors?.map(({ code }) => code);
    facts.log.warn({ messageId: failed.id, codes }, "WhatsApp could not deliver a message that it had taken");
  }
}

function subscribe(query: URLSearchParams, inbox: Inbox, { verifyToken }: WebhookFacts): WebhookAnswer {
  const given = query.get("hub.verify_token") ?? "";
  const challenge = query.get("hub.challenge") ?? "";
  const isOurs = verifyToken !== undefined && sameText(given, verifyToken);
  if (query.get("hub.mode") !== "subscribe" || !isOurs || !/^[\w-]{1,200}$/.test(challenge)) {
    inbox.rejected("unsigned");
    return { status: 403 };
  }
  return { status: 200, body: challenge, contentType: "text/plain" };
}

function unsigned(inbox: Inbox): WebhookAnswer {
  inbox.rejected("unsigned");
  return { status: 401 };
}

function header(request: WebhookRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
