import type { Inbox } from "../types.ts";
import type { Self } from "./api.ts";
import { readEvent } from "./inbound.ts";
import type { SlackOptions } from "./settings.ts";

/** Puts an event into the inbox. Rejects if Slack must not be told that it arrived; what is no message of ours it may forget. */
export async function deliver(
  body: unknown,
  inbox: Inbox,
  { self, options }: { self: Self; options: Pick<SlackOptions, "replyInThread"> },
): Promise<void> {
  const read = readEvent(body, self, options);
  if (read.message !== undefined) await inbox.receive(read.message);
  else if (read.why === "malformed") inbox.rejected("malformed");
  else if (read.why === "foreign") inbox.rejected("not_for_us", { team: "another" });
}
