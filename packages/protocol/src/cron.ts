import { z } from "zod";
import { agentId, runOptions, sessionKey } from "./chat.ts";
import { define, noParams, timestamp } from "./method.ts";

const jobId = z.string().min(1).max(128);

const settings = {
  name: z.string().min(1).max(100),
  schedule: z
    .string()
    .min(1)
    .max(200)
    .describe("Five cron fields, `every 15m` (m, h, d; at least 1m), or one date and time by ISO 8601"),
  timezone: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("IANA zone of the fields, e.g. Europe/Berlin; that of the gateway's machine unless told"),
  message: z.string().min(1).max(32_000).describe("What is said to the agent"),
  options: runOptions.pick({ thinking: true, model: true, timeoutMs: true }).optional(),
  misfire: z
    .enum(["skip", "once"])
    .optional()
    .describe("A slot that the gateway slept through: once (unless told) makes it good within an hour"),
  once: z.boolean().optional().describe("Only the next slot; a date and time has one slot anyway"),
  enabled: z.boolean().optional(),
};

export const cronJob = z
  .object({
    jobId: z.string(),
    name: z.string(),
    schedule: z.string(),
    timezone: z.string(),
    message: z.string(),
    agentId: z.string(),
    sessionKey: z.string().describe("The conversation that all its runs are part of"),
    options: settings.options.unwrap(),
    misfire: z.enum(["skip", "once"]),
    once: z.boolean(),
    enabled: z.boolean(),
    createdBy: z.string().describe("The credential whose rights its runs have"),
    createdAt: timestamp,
    nextAt: timestamp.nullable(),
  })
  .meta({ id: "CronJob" });
export type CronJob = z.infer<typeof cronJob>;

export const cronFire = z
  .object({
    at: timestamp.describe("The slot"),
    outcome: z
      .enum(["ran", "missed", "skipped", "failed"])
      .describe(
        "missed: the gateway was off; skipped: the run before it had not ended; failed: no run began",
      ),
    runId: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "CronFire" });
export type CronFire = z.infer<typeof cronFire>;

const one = z.strictObject({ jobId });

export const cronMethods = {
  "cron.list": define({
    summary: "The jobs that run on a schedule, oldest first",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/cron" },
    params: noParams,
    result: z.object({ jobs: z.array(cronJob) }),
  }),
  "cron.get": define({
    summary: "A job and what became of its last slots, the latest first",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/cron/{jobId}" },
    params: one,
    result: cronJob.extend({ fires: z.array(cronFire).describe("At most 100") }),
  }),
  "cron.create": define({
    summary:
      "Say something to an agent on a schedule; needs the scope chat, too: the runs have the maker's rights",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/cron" },
    params: z.strictObject({
      ...settings,
      agentId: agentId.optional(),
      sessionKey: sessionKey.optional().describe("cron:<jobId> unless told"),
    }),
    result: cronJob,
  }),
  "cron.update": define({
    summary:
      "Change, pause or resume a job; what it says can be changed by those only who have its maker's rights",
    scopes: ["operate"],
    http: { method: "PATCH", path: "/v1/cron/{jobId}" },
    params: one.extend({
      ...settings,
      name: settings.name.optional(),
      schedule: settings.schedule.optional(),
      message: settings.message.optional(),
    }),
    result: cronJob,
  }),
  "cron.delete": define({
    summary: "Delete a job; a run that it has started goes on",
    scopes: ["operate"],
    http: { method: "DELETE", path: "/v1/cron/{jobId}" },
    params: one,
    result: z.object({ deleted: z.literal(true), jobId: z.string() }),
  }),
  "cron.run": define({
    summary: "Run a job now, beside its schedule",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/cron/{jobId}/run" },
    params: one,
    result: z.object({ jobId: z.string(), runId: z.string() }),
  }),
} as const;
