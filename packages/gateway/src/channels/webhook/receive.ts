import { GatewayError } from "../../lib/errors.ts";
import type { AccountSetup, InboundMessage, Inbox, WebhookAnswer, WebhookRequest } from "../types.ts";
import { inboundOf } from "./inbound.ts";
import type { Settings } from "./settings.ts";
import { claimOf, isSigned } from "./signing.ts";

/** Takes a message from a POST. The body is read only once its headers could be right, and parsed only once it is signed. */
export async function receive(
  { settings, clock }: AccountSetup<Settings>,
  request: WebhookRequest,
  inbox: Inbox,
): Promise<WebhookAnswer> {
  if (request.method !== "POST") return json(405, { error: { message: "Messages are sent by POST." } });
  const claim = claimOf(request, clock.now());
  if (typeof claim === "string") return unauthorized(inbox, claim);

  let body: Uint8Array;
  try {
    body = await request.body(settings.maxBodyBytes);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code !== "payload_too_large") throw thrown;
    inbox.rejected("too_large");
    return failed(tooLarge(settings.maxBodyBytes));
  }
  if (!isSigned(settings.secret, claim, body)) return unauthorized(inbox, "unsigned");

  let message: InboundMessage;
  try {
    message = inboundOf(body);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    inbox.rejected("malformed", { param: thrown.param });
    return failed(thrown);
  }
  try {
    return json(200, { status: await inbox.receive(message) });
  } catch {
    return failed(notStored());
  }
}

function unauthorized(inbox: Inbox, reason: "unsigned" | "replayed"): WebhookAnswer {
  inbox.rejected(reason);
  const message =
    reason === "replayed"
      ? "The timestamp is more than 5 minutes away from the gateway's clock. Set the clock, and sign each attempt anew."
      : "The signature is missing or wrong. Sign `<X-OpenClaw-Timestamp>.<raw body>` with the channel's secret.";
  return failed(new GatewayError("unauthorized", message));
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError("payload_too_large", `A request may have ${maxBytes} bytes (maxBodyBytes).`);
}

function notStored(): GatewayError {
  return new GatewayError("service_unavailable", "The message could not be stored. Send it again later.");
}

function failed(error: GatewayError): WebhookAnswer {
  return json(error.status, { error: error.toDetail() });
}

function json(status: number, value: unknown): WebhookAnswer {
  return { status, body: JSON.stringify(value), contentType: "application/json" };
}
