import { z } from "zod";
import { agentId, attachment, finishReason, runId, runOptions, sessionKey, usage } from "./chat.ts";
import { errorDetail } from "./errors.ts";
import { define, timestamp } from "./method.ts";

export const runStatuses = ["queued", "running", "done", "failed", "aborted", "interrupted"] as const;
export const runStatus = z.enum(runStatuses).meta({ id: "RunStatus" });
export type RunStatus = z.infer<typeof runStatus>;

/** What a client says to an agent. */
export const chatInput = z.strictObject({
  message: z.string().min(1, "must not be empty").describe("What the user says"),
  sessionKey: sessionKey.optional(),
  agentId: agentId.optional(),
  attachments: z.array(attachment).max(32).optional(),
  options: runOptions.optional(),
  stream: z.boolean().optional().describe("true answers as server-sent events"),
  idempotencyKey: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe("Same key and body within 24 h: the same run"),
});
export type ChatInput = z.infer<typeof chatInput>;

/** The run as a client may look it up at any time. */
export const run = z
  .object({
    runId: z.string(),
    sessionKey: z.string(),
    agentId: z.string(),
    status: runStatus,
    model: z.string(),
    createdAt: timestamp,
    startedAt: timestamp.optional(),
    endedAt: timestamp.optional(),
    response: z.string().optional().describe("The last assistant message"),
    finishReason: finishReason.optional(),
    usage: usage.optional(),
    cost: z.number().optional().describe("USD"),
    error: errorDetail.optional(),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof run>;

/** The answer of a run that was waited for. */
export const runAnswer = z
  .object({
    runId: z.string(),
    sessionKey: z.string(),
    response: z.string(),
    usage,
    finishReason,
    model: z.string(),
    cost: z.number().describe("USD"),
  })
  .meta({ id: "RunAnswer" });
export type RunAnswer = z.infer<typeof runAnswer>;

export const runAccepted = z
  .object({ runId: z.string(), sessionKey: z.string(), status: z.enum(["started", "queued", "merged"]) })
  .meta({ id: "RunAccepted" });
export type RunAccepted = z.infer<typeof runAccepted>;

const oneRun = z.strictObject({ runId });
const seq = z.int().min(0);

export const runMethods = {
  "agent.run": define({
    summary: "Run the agent and wait for its answer",
    scopes: ["chat"],
    http: { method: "POST", path: "/v1/agent/run" },
    params: chatInput,
    result: runAnswer,
  }),
  "chat.run": define({
    summary: "Start a run and return at once; its events follow",
    scopes: ["chat"],
    http: { method: "POST", path: "/v1/runs", status: 202 },
    params: chatInput,
    result: runAccepted,
  }),
  "run.get": define({
    summary: "Look up a run",
    scopes: ["chat"],
    http: { method: "GET", path: "/v1/runs/{runId}" },
    params: oneRun,
    result: run,
  }),
  "chat.abort": define({
    summary: "Abort a run; its partial answer is kept",
    scopes: ["chat"],
    http: { method: "POST", path: "/v1/runs/{runId}/abort" },
    params: oneRun,
    result: z.object({ aborted: z.boolean() }),
  }),
  "chat.subscribe": define({
    summary: "Replay what was missed of a run (or of a session's current and later runs) and follow it",
    scopes: ["chat"],
    http: { method: "GET", path: "/v1/runs/{runId}/events" },
    params: z.strictObject({
      runId: runId.optional(),
      sessionKey: sessionKey.optional(),
      afterSeq: seq.optional().describe("The last seq seen; 0 replays from the start"),
    }),
    result: z.object({
      runId: z.string().nullable().describe("null: the session has no run yet"),
      sessionKey: z.string(),
      status: runStatus.nullable(),
      lastSeq: z.int(),
    }),
  }),
  "chat.unsubscribe": define({
    summary: "Stop following a run or a session on this connection",
    scopes: ["chat"],
    http: { method: "DELETE", path: "/v1/runs/{runId}/events" },
    params: z.strictObject({ runId: runId.optional(), sessionKey: sessionKey.optional() }),
    result: z.object({ unsubscribed: z.boolean() }),
  }),
} as const;
