import { z } from "zod";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  task: z.string().max(32_000).optional().describe("all it must know: it sees nothing of this talk"),
  label: z.string().optional(),
  agentId: z.string().optional().describe("another agent"),
  model: z.string().optional().describe("provider/model"),
  wait: z.boolean().optional().describe("for the result; else it comes as a message"),
  list: z.boolean().optional().describe("instead: your sub-agents and results"),
});

/** Gives work to a sub-agent. */
export const tool: Tool<typeof params> = {
  name: "spawn",
  description: "Gives a task to a sub-agent in a conversation of its own.",
  params,
  // They work beside each other, and several may be waited for at once.
  parallel: true,
  // A report may hold what the sub-agent has read on some page.
  outside: true,
  prepare({ task, list, wait = false, ...more }, { ports, signal }) {
    if (list) return { risks: [], run: () => ports.tasks.list() };
    if (!task) throw new Error("Give the task, or list: true.");
    return {
      risks: [],
      facts: { task, ...more },
      run: () => ports.tasks.spawn({ prompt: task, ...more }, { wait, signal }),
    };
  },
};
