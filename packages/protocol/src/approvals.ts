import { z } from "zod";
import { define, noParams, timestamp } from "./method.ts";

export const approval = z
  .object({
    approvalId: z.string(),
    runId: z.string(),
    sessionKey: z.string(),
    tool: z.string(),
    params: z.unknown(),
    createdAt: timestamp,
    expiresAt: timestamp,
  })
  .meta({ id: "Approval" });
export type Approval = z.infer<typeof approval>;

export const approvalDecision = z.enum(["allow", "always", "deny"]);

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
} as const;
