import { z } from "zod";
import { define, noParams, timestamp } from "./method.ts";

export const approval = z
  .object({
    approvalId: z.string(),
    runId: z.string(),
    sessionKey: z.string(),
    tool: z.string(),
    params: z.unknown(),
    toolCallId: z.string(),
    agentId: z.string(),
    facts: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("Exactly what will run if it is allowed, e.g. argv, cwd and env of a command"),
    reasons: z.array(z.string()).describe("Why somebody is asked"),
    canAlways: z.boolean().describe("Whether `always` can put this very call on the allow-list"),
    createdAt: timestamp,
    expiresAt: timestamp,
  })
  .meta({ id: "Approval" });
export type Approval = z.infer<typeof approval>;

export const approvalDecision = z.enum(["allow", "always", "deny"]);
export type ApprovalDecision = z.infer<typeof approvalDecision>;

/** One decision on a tool call that was not simply free to run. */
export const callDecision = z
  .object({
    approvalId: z.string().nullable().describe("null: nobody was asked"),
    runId: z.string(),
    sessionKey: z.string(),
    agentId: z.string(),
    toolCallId: z.string(),
    tool: z.string(),
    call: z.unknown().describe("Its params and facts; values that look secret are ***"),
    decision: approvalDecision,
    reason: z.string(),
    decidedBy: z
      .string()
      .nullable()
      .describe("The credential; null: the policy, the allow-list or the time limit"),
    decidedAt: timestamp,
  })
  .meta({ id: "CallDecision" });
export type CallDecision = z.infer<typeof callDecision>;

/** A call that somebody allowed for good. */
export const allowedCall = z
  .object({
    entryId: z.string(),
    agentId: z.string(),
    tool: z.string(),
    words: z.array(z.string()).describe("The call, word by word; only the very same words match"),
    decidedBy: z.string(),
    createdAt: timestamp,
  })
  .meta({ id: "AllowedCall" });
export type AllowedCall = z.infer<typeof allowedCall>;

export const approvalMethods = {
  "approval.list": define({
    summary: "Tool calls that wait for a decision",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/approvals" },
    params: noParams,
    result: z.object({ approvals: z.array(approval) }),
  }),
  "approval.resolve": define({
    summary: "Allow or deny a waiting tool call",
    scopes: ["approve"],
    http: { method: "POST", path: "/v1/approvals/{approvalId}" },
    params: z.strictObject({ approvalId: z.string().min(1).max(128), decision: approvalDecision }),
    result: z.object({ approvalId: z.string(), decision: approvalDecision }),
  }),
  "approval.log": define({
    summary: "Every decision on tool calls that were not simply free to run, the newest first",
    scopes: ["approve"],
    http: { method: "GET", path: "/v1/approvals/log" },
    params: z.strictObject({
      limit: z.int().min(1).max(100).optional().describe("Page size, 100 unless told"),
      cursor: z.string().max(512).optional(),
    }),
    result: z.object({ decisions: z.array(callDecision), nextCursor: z.string().optional() }),
  }),
  "approval.allowlist": define({
    summary: "The calls that `always` has put on the allow-list",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/approvals/allowlist" },
    params: noParams,
    result: z.object({ entries: z.array(allowedCall) }),
  }),
  "approval.forget": define({
    summary: "Take a call off the allow-list",
    scopes: ["approve"],
    http: { method: "DELETE", path: "/v1/approvals/allowlist/{entryId}" },
    params: z.strictObject({ entryId: z.string().min(1).max(128) }),
    result: z.object({ forgotten: z.literal(true), entryId: z.string() }),
  }),
} as const;
