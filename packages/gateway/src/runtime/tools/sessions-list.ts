import { z } from "zod";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  limit: z.int().min(1).max(50).optional().describe("20 unless told"),
  search: z.string().max(256).optional().describe("part of key or title"),
});

/** Tells which other conversations there are. */
export const tool: Tool<typeof params> = {
  name: "sessions_list",
  description: "Lists conversations, last used first.",
  params,
  parallel: true,
  prepare: ({ limit = 20, search }, { ports }) => ({
    risks: [],
    run: () => ports.sessions.list({ limit, search }),
  }),
};
