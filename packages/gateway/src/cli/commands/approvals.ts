import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { positive } from "../numbers.ts";
import { plain } from "../plain.ts";
import { facts, none, table } from "../table.ts";

/** The tool calls that wait for a decision, each with what exactly would run. */
export async function list(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("approval.list", {}, { signal: context.signal, timeoutMs: answerMs });
  if (data.approvals.length === 0) return { data, text: "Nothing waits for a decision." };
  const text = data.approvals.map((it) =>
    facts({
      Approval: it.approvalId,
      Tool: plain(it.tool),
      Call: asText(it.params),
      Facts: it.facts && asText(it.facts),
      Why: plain(it.reasons.join(", ")),
      Session: plain(it.sessionKey),
      Agent: plain(it.agentId),
      Until: it.expiresAt,
      Always: it.canAlways ? "possible" : "not possible",
    }),
  );
  return { data, text: text.join("\n\n") };
}

/** Lets a waiting call run: this once, or the very same call always. */
export async function allow(
  context: Context,
  approvalId: string,
  options: { always?: unknown },
): Promise<Output> {
  return resolve(context, approvalId, options.always ? "always" : "allow");
}

/** Refuses a waiting call. */
export async function deny(context: Context, approvalId: string): Promise<Output> {
  return resolve(context, approvalId, "deny");
}

async function resolve(
  context: Context,
  approvalId: string,
  decision: "allow" | "always" | "deny",
): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call(
    "approval.resolve",
    { approvalId, decision },
    { signal: context.signal, timeoutMs: answerMs },
  );
  const said = { allow: "Allowed", always: "Allowed for good:", deny: "Denied" }[data.decision];
  return { data, text: `${said} ${data.approvalId}.` };
}

/** The calls that were allowed for good. */
export async function allowlist(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("approval.allowlist", {}, { signal: context.signal, timeoutMs: answerMs });
  if (data.entries.length === 0) return { data, text: "No call is allowed for good." };
  const rows = data.entries.map((it) => [
    it.entryId,
    plain(it.agentId),
    plain(it.tool),
    asText(it.words),
    it.createdAt,
  ]);
  return { data, text: table(["entry", "agent", "tool", "call", "since"], rows) };
}

/** Takes a call off the allow-list. */
export async function forget(context: Context, entryId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call(
    "approval.forget",
    { entryId },
    { signal: context.signal, timeoutMs: answerMs },
  );
  return { data, text: `Forgot ${data.entryId}.` };
}

/** What was decided, the newest first. */
export async function log(context: Context, options: { limit?: string }): Promise<Output> {
  const limit = positive("--limit", options.limit) ?? 20;
  if (limit > 100) throw new UsageError("--limit must be at most 100.");
  const { client } = await connect(context);
  const data = await client.call("approval.log", { limit }, { signal: context.signal, timeoutMs: answerMs });
  if (data.decisions.length === 0) return { data, text: "Nothing was decided yet." };
  const rows = data.decisions.map((it) => [
    it.decidedAt,
    it.decision,
    plain(it.tool),
    plain(it.agentId),
    it.decidedBy ?? none,
    plain(it.reason),
  ]);
  return { data, text: table(["when", "decision", "tool", "agent", "by", "why"], rows) };
}

function asText(value: unknown): string {
  return plain(JSON.stringify(value));
}
