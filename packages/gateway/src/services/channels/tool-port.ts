import type { ChannelPort } from "../../runtime/tools/ports.ts";
import type { Channels } from "./channels.ts";

/** The channels as runs use them. */
export function createChannelPort(channels: Pick<Channels, "unavailable">): ChannelPort {
  return { send: async ({ channel }) => channels.unavailable(channel) };
}
