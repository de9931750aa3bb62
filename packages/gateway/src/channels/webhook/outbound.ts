import { sendErrorOf } from "../failures.ts";
import {
  type AccountSetup,
  type Destination,
  type OutboundMessage,
  SendError,
  type SendOptions,
  type Sent,
} from "../types.ts";
import type { Settings } from "./settings.ts";
import { signed } from "./signing.ts";

/** Posts a message to the owner's address. The receiver de-duplicates by `id`, so every doubt is `later`, not `unknown`. */
export async function post(
  { channelId, settings, clock }: AccountSetup<Settings>,
  to: Destination,
  message: OutboundMessage,
  { signal, idempotencyKey }: SendOptions,
): Promise<Sent> {
  if (settings.url === undefined) {
    throw new SendError("refused", `Set channels.${channelId}.url to where answers are to be sent.`);
  }
  const body = JSON.stringify(bodyOf(to, message, idempotencyKey));
  const limit = AbortSignal.timeout(settings.timeoutMs);
  const both = AbortSignal.any([signal, limit]);
  let response: Response;
  try {
    response = await fetch(settings.url, {
      method: "POST",
      redirect: "manual",
      signal: both,
      body,
      headers: {
        "content-type": "application/json",
        "x-openclaw-delivery": idempotencyKey,
        ...signed(settings.secret, body, clock.now()),
      },
    });
  } catch (thrown) {
    throw failureOf(thrown, signal);
  }
  if (response.ok) return sentOf(await answerOf(response));
  await response.body?.cancel().catch(() => undefined);
  throw refusalOf(response, clock.now());
}

function bodyOf({ chatId, threadId, replyTo }: Destination, { text, media }: OutboundMessage, id: string) {
  const attachment = media && {
    type: media.kind,
    mimeType: media.mimeType,
    name: media.name,
    data: Buffer.from(media.bytes).toString("base64"),
  };
  return { id, to: { chatId, threadId, replyTo }, text, attachment }; // JSON leaves out what is undefined
}

function failureOf(thrown: unknown, signal: AbortSignal): SendError {
  const error = sendErrorOf(thrown);
  if (signal.aborted || error.outcome !== "unknown") return error;
  return new SendError("later", "The receiver did not answer; the message is sent again under the same id.");
}

function refusalOf({ status, headers }: Response, nowMs: number): SendError {
  const retryAfterMs = retryAfterOf(headers.get("retry-after"), nowMs);
  if (status === 429 || status === 408 || status >= 500) {
    return new SendError("later", `The receiver answered ${status}.`, { retryAfterMs });
  }
  if (status < 400) {
    return new SendError("refused", `The receiver redirects (${status}). Set url to where it leads.`);
  }
  const hint = status === 401 || status === 403 ? " Check that both sides have the same secret." : "";
  return new SendError("refused", `The receiver refused the message with ${status}.${hint}`);
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfterOf(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

const longestAnswer = 65_536;

/** The answer's JSON. The message was taken: whatever is wrong with the rest is no failure. */
async function answerOf(response: Response): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of response.body ?? []) {
      length += piece.byteLength;
      if (length > longestAnswer) return undefined;
      pieces.push(piece);
    }
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    return undefined;
  }
}

function sentOf(answer: unknown): Sent {
  if (typeof answer !== "object" || answer === null || !("id" in answer)) return {};
  const { id } = answer;
  return typeof id === "string" && id !== "" && id.length <= 200 ? { messageId: id } : {};
}
