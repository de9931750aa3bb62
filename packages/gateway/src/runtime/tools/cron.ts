import { z } from "zod";
import type { Tool } from "./types.ts";

const nameAtMost = 100;

// What the service checks itself is not bounded here: every byte is sent with every request.
const params = z.strictObject({
  action: z.enum(["list", "create", "delete"]),
  jobId: z.string().optional().describe("to delete"),
  name: z.string().optional(),
  schedule: z.string().max(200).optional().describe('"0 9 * * 1-5", "every 15m", "2026-12-24T18:00"'),
  timezone: z.string().optional().describe("IANA"),
  message: z.string().max(32_000).optional().describe("what you are told then"),
  once: z.boolean().optional(),
});

/** Lets the agent be told something later. */
export const tool: Tool<typeof params> = {
  name: "cron",
  description: "Reminders and repeated jobs: the message starts you in the job's own conversation.",
  params,
  async prepare({ action, jobId, name, ...job }, { ports }) {
    const { schedule: jobs } = ports;
    if (action === "list") return { risks: [], run: () => jobs.list() };
    if (action === "delete") {
      if (jobId === undefined) throw new Error("Give the jobId. action list tells which there are.");
      return { risks: ["schedule"], facts: { delete: jobId }, run: () => jobs.delete(jobId) };
    }
    const { schedule, message } = job;
    if (!schedule || !message) throw new Error("Give schedule and message.");
    const wanted = { ...job, schedule, message, name: (name || message).slice(0, nameAtMost) };
    const firstAt = await jobs.check(wanted);
    return { risks: ["schedule"], facts: { ...wanted, firstAt }, run: () => jobs.create(wanted) };
  },
};
