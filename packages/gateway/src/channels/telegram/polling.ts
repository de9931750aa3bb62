import type { Inbox } from "../types.ts";
import type { Calls } from "./bot-api.ts";
import { type ReadUpdate, take } from "./take.ts";

/** Seconds that Telegram holds back an answer with nothing in it. */
const pollSeconds = 25;

/**
 * Asks for updates until the signal aborts, which rejects (https://core.telegram.org/bots/api#getupdates). Telegram
 * forgets an update once later ones are asked for, so that is done only when everything before is stored. Where that
 * fails this rejects too, and the next lifetime gets the same again.
 */
export async function poll(
  { raw }: Calls,
  inbox: Inbox,
  read: ReadUpdate,
  signal: AbortSignal,
): Promise<never> {
  for (let offset = 0; ; ) {
    const updates = await raw.getUpdates(
      { timeout: pollSeconds, allowed_updates: ["message"], ...(offset > 0 && { offset }) },
      signal,
    );
    inbox.alive();
    for (const update of updates) {
      await take(update, inbox, read);
      offset = update.update_id + 1;
    }
  }
}
