import { z } from "zod";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  channel: z.string().describe("e.g. telegram"),
  to: z.string().max(512).describe("chat or person"),
  text: z.string().min(1).max(32_000),
});

/** Writes to somebody through a messenger. */
export const tool: Tool<typeof params> = {
  name: "message",
  description: "Sends a message through a messenger. To answer here just answer.",
  params,
  prepare: (message, { ports, signal }) => ({
    risks: ["message-send"],
    facts: { ...message },
    // "Always" is for whom it goes to, whatever it says.
    words: [message.channel, message.to],
    run: () => ports.channels.send(message, { signal }),
  }),
};
