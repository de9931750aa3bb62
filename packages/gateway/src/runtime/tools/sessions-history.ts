import { z } from "zod";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  sessionKey: z.string(),
  limit: z.int().min(1).max(50).optional().describe("20 unless told"),
});

/** Reads what was said in another conversation. */
export const tool: Tool<typeof params> = {
  name: "sessions_history",
  description: "Reads the newest messages of a conversation, shortened.",
  params,
  parallel: true,
  outside: true, // it may show what strangers wrote there
  prepare: ({ sessionKey, limit = 20 }, { ports }) => ({
    risks: [],
    run: () => ports.sessions.history(sessionKey, { limit }),
  }),
};
