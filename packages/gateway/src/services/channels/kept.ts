import type { InboundMessage } from "../../channels/types.ts";
import type { InboxRow } from "../../storage/channel-inbox.ts";

/** What the inbox keeps of a message that is to be answered: what was said, and what was decided about it. */
export interface Kept {
  readonly message: InboundMessage;
  readonly agentId: string;
  readonly isOwner: boolean;
  /** The owner himself, in a direct chat: his session has his rights. */
  readonly trusted: boolean;
  readonly command?: { readonly name: string; readonly args: string } | undefined;
}

export function keptOf(row: InboxRow): Kept {
  return JSON.parse(row.message_json ?? "{}") as Kept; // written from a Kept
}
