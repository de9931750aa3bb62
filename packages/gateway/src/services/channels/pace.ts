import type { Clock } from "../../lib/clock.ts";
import { sleep } from "../../lib/signals.ts";

/** Chats whose last sends are remembered. */
const chatsAtMost = 1_000;
/** Sends that may follow each other at once before the pace is kept. */
const burst = 20;

/** Keeps sends apart, as a platform wants it, with room for short bursts. */
export interface Pace {
  /** Waits until a chat may be sent to, and takes the place. */
  ready(chatId: string, options: { signal: AbortSignal }): Promise<void>;
  /** The platform wants to be left alone for a while. */
  rest(ms: number): void;
}

/** `everyMs`: least time between two sends in the long run, of the account and of one chat. The generic cell rate algorithm. */
export function createPace(everyMs: { account: number; chat: number }, clock: Clock): Pace {
  let accountAt = 0;
  let restUntil = 0;
  const chatAt = new Map<string, number>();

  return {
    async ready(chatId, options) {
      const now = clock.now();
      accountAt = Math.max(now, accountAt) + everyMs.account;
      const chat = Math.max(now, chatAt.get(chatId) ?? 0) + everyMs.chat;
      chatAt.delete(chatId);
      chatAt.set(chatId, chat);
      if (chatAt.size > chatsAtMost) chatAt.delete(chatAt.keys().next().value!);
      const due = Math.max(accountAt - burst * everyMs.account, chat - burst * everyMs.chat, restUntil);
      if (due > now) await sleep(due - now, options);
    },
    rest(ms) {
      restUntil = Math.max(restUntil, clock.now() + ms);
    },
  };
}
