import type { InboundMessage, Inbox } from "../types.ts";

/** Makes an update a message; undefined for one that holds none. Throws for what is no update. */
export type ReadUpdate = (update: unknown) => InboundMessage | undefined;

/** Hands one update over. Rejects when it could not be stored: then Telegram must not be told that it was taken. */
export async function take(update: unknown, inbox: Inbox, read: ReadUpdate): Promise<void> {
  let message: InboundMessage | undefined;
  try {
    message = read(update);
  } catch {
    inbox.rejected("malformed"); // to ask for it again would bring the same, and nothing behind it
    return;
  }
  if (message !== undefined) await inbox.receive(message);
}
