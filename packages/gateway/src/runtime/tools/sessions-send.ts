import { z } from "zod";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  sessionKey: z.string(),
  message: z.string().min(1).max(32_000),
  waitMs: z.int().min(0).max(120_000).optional().describe("for the answer, 30000 unless told"),
});

/** Says something to the agent of another conversation. */
export const tool: Tool<typeof params> = {
  name: "sessions_send",
  description: "Says something to the agent in another conversation and gives its answer.",
  params,
  // What the other one answers may come from anywhere.
  outside: true,
  prepare: ({ sessionKey, message, waitMs = 30_000 }, { ports, signal }) => ({
    risks: [],
    facts: { sessionKey, message },
    run: () => ports.sessions.send(sessionKey, message, { waitMs, signal }),
  }),
};
