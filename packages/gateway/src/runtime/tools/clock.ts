import { z } from "zod";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  timezone: z.string().max(64).optional().describe("IANA; UTC unless told"),
});

/** Tells the time. */
export const tool: Tool<typeof params> = {
  name: "clock",
  description: "Tells the current date and time.",
  params,
  parallel: true,
  prepare: ({ timezone = "UTC" }, context) => ({
    risks: [],
    async run() {
      const now = new Date(context.now());
      return { iso: now.toISOString(), timezone, local: localTime(now, timezone) };
    },
  }),
};

function localTime(now: Date, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long", timeZone }).format(now);
  } catch {
    throw new Error(`There is no time zone named ${timeZone}.`);
  }
}
