import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { sleep } from "../../lib/signals.ts";
import { sameText } from "../signatures.ts";
import { type Inbox, JoinError, type WebhookAnswer, type WebhookRequest } from "../types.ts";
import { Refusal } from "./answers.ts";
import type { Calls } from "./bot-api.ts";
import { type ReadUpdate, take } from "./take.ts";

/** Where Telegram sends updates to, and how it proves to be Telegram (https://core.telegram.org/bots/api#setwebhook). */
export interface Webhook {
  readonly url: string;
  readonly secret: string;
}

/** An update has a message of some 4,000 characters and what it answers; more is none. */
const mostBytes = 1024 * 1024;

/** How often Telegram is asked whether it still sends its updates here, ms. */
const lookEveryMs = 5 * 60_000;

/** Tells Telegram to send updates. One at a time, since several would come in no order. */
export async function setWebhook(
  { raw }: Calls,
  { url, secret }: Webhook,
  signal: AbortSignal,
): Promise<void> {
  try {
    await raw.setWebhook(
      {
        url,
        secret_token: secret,
        max_connections: 1,
        allowed_updates: ["message"],
        drop_pending_updates: false,
      },
      signal,
    );
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.code !== 400) throw thrown;
    throw new JoinError(
      "settings",
      `Telegram does not take channels.telegram.webhookUrl (${thrown.description}). It must be a public https address.`,
    );
  }
}

/** Waits until the signal aborts, which rejects; rejects as well once Telegram sends its updates elsewhere. */
export async function watchWebhook(
  { raw }: Calls,
  { url }: Webhook,
  { log, signal, everyMs = lookEveryMs }: { log: Log; signal: AbortSignal; everyMs?: number },
): Promise<never> {
  for (let lastErrorAt = 0; ; ) {
    await sleep(everyMs, { signal });
    const info = await raw.getWebhookInfo(signal);
    if (URL.parse(info.url ?? "")?.href !== new URL(url).href) {
      throw new Error(
        "Another program changed or deleted the webhook of this bot. Stop that, or make a bot of its own for this gateway.",
      );
    }
    const { last_error_date: errorAt = 0, last_error_message: error, pending_update_count: pending } = info;
    if (errorAt > lastErrorAt && pending > 0) {
      log.warn({ error, pending }, "Telegram cannot deliver to channels.telegram.webhookUrl");
    }
    lastErrorAt = errorAt;
  }
}

/** A request to the account's webhook: nothing of it is read before it has proved to be Telegram's. */
export async function answerWebhook(
  request: WebhookRequest,
  inbox: Inbox,
  { secret, read, log }: { secret: string; read: ReadUpdate; log: Log },
): Promise<WebhookAnswer> {
  const given = request.headers["x-telegram-bot-api-secret-token"];
  if (typeof given !== "string" || !sameText(given, secret)) {
    inbox.rejected("unsigned");
    return { status: 401 };
  }
  if (request.method !== "POST") return { status: 405 };
  try {
    const update = jsonOf(await request.body(mostBytes));
    await take(update, inbox, read);
    return { status: 200 };
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === "payload_too_large") {
      inbox.rejected("too_large");
      return { status: 413 };
    }
    log.warn({ err: thrown }, "a message of Telegram's could not be stored; it will come again");
    return { status: 503 };
  }
}

/** Undefined where it is none: no update then either. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
