import { z } from "zod";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  timezone: z.string().max(64).optional().describe("IANA time zone, e.g. Europe/Berlin; UTC unless told"),
});

/** Tells the time. */
export const tool: Tool<typeof params> = {
  name: "clock",
  description: "Tells the current date and time.",
  params,
  async run({ timezone = "UTC" }, context) {
    const now = new Date(context.now());
    let local: string;
    try {
      local = new Intl.DateTimeFormat("en-GB", {
        dateStyle: "full",
        timeStyle: "long",
        timeZone: timezone,
      }).format(now);
    } catch {
      throw new Error(`There is no time zone named ${timezone}.`);
    }
    return { iso: now.toISOString(), timezone, local };
  },
};
