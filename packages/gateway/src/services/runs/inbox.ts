import type { Steering } from "../../runtime/loop.ts";

/** What the user says to a run that is under way, between its being taken in and its being heard. */
export interface Inbox {
  /** A place for a message that is about to be stored; undefined: the run listens no more, or has enough to hear. Fill it or give it back. */
  reserve(): { fill(message: Steering): void; giveBack(): void } | undefined;
  /** What has come, once; waits for places that are being filled. Where the run is about to end and nothing has, it listens no more. */
  take(isEnding: boolean): Promise<Steering[]>;
  /** Listens no more, whatever is in it. */
  close(): void;
}

const messagesAtMost = 100;

export function createInbox(): Inbox {
  let isOpen = true;
  let reserved = 0;
  let settled: PromiseWithResolvers<void> | undefined;
  let messages: Steering[] = [];

  function settle(): void {
    reserved -= 1;
    if (reserved === 0) settled?.resolve();
  }

  return {
    reserve() {
      if (!isOpen || messages.length + reserved >= messagesAtMost) return undefined;
      reserved += 1;
      return {
        fill(message) {
          messages.push(message);
          settle();
        },
        giveBack: settle,
      };
    },
    async take(isEnding) {
      while (reserved > 0) {
        settled = Promise.withResolvers();
        await settled.promise;
      }
      const taken = messages;
      messages = [];
      if (isEnding && taken.length === 0) isOpen = false;
      return taken;
    },
    close() {
      isOpen = false;
    },
  };
}
