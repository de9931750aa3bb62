import { type ApprovalsConfig, type ToolPolicy, type ToolsConfig, toolPolicies } from "openclaw-protocol";
import type { PreparedCall, Risk } from "../../runtime/tools/types.ts";
import type { RunScope } from "../run-scope.ts";

/** What a policy is asked about. */
export interface JudgedCall {
  readonly scope: Pick<RunScope, "agent" | "channel" | "trust" | "above">;
  readonly tool: string;
  readonly prepared: Pick<PreparedCall, "risks" | "why" | "contained">;
  /** Whether the run has read what strangers wrote. */
  readonly tainted: boolean;
}

export interface Judgement {
  readonly policy: ToolPolicy;
  /** Why somebody is asked, or why it is refused; empty where it simply runs. */
  readonly reasons: readonly string[];
  /** Whether being on the allow-list is enough for it. */
  readonly mayMatch: boolean;
}

export interface PolicyConfig {
  readonly tools: Pick<ToolsConfig, "policy" | "byChannel">;
  readonly approvals: Pick<ApprovalsConfig, "requireFor">;
}

/** What a run must not do unasked once strangers can speak through it. */
const careful: ReadonlySet<Risk> = new Set([
  "system-command",
  "identity-write",
  "message-send",
  "schedule",
  "form-submit",
]);

/** What the owner's runs must not do unasked either, unless a policy says so. */
const asked: ReadonlySet<Risk> = new Set(["system-command", "form-submit"]);

const doing: Readonly<Partial<Record<Risk, string>>> = {
  "system-command": "it runs a command outside of a sandbox",
  "identity-write": "it changes what the agent is told of itself",
  "message-send": "it sends a message",
  schedule: "it makes the agent act later",
  "form-submit": "it hands over a password or payment data",
};

/**
 * The policy of a call: the strictest of its agent's and the whole config's, or the usual one where neither says
 * anything; the channel's rules and those of the runs above it make it stricter, never looser. A guest's run, and one
 * that has read outside content, is asked about even where the policy is `full`.
 */
export function judge(call: JudgedCall, config: PolicyConfig): Judgement {
  const { scope, tool, prepared } = call;
  const risks = prepared.risks.filter((it) => it !== "system-command" || !prepared.contained);
  const usual: ToolPolicy = usuallyAsked(risks, scope.trust) ? "ask" : "full";
  const origins = [...(scope.above ?? []), { channel: scope.channel, policy: scope.agent.tools.policy }];
  const policies = origins.flatMap(({ channel, policy }) => [
    strictest([named(policy, tool), named(config.tools.policy, tool)]) ?? usual,
    named(own(config.tools.byChannel, channel)?.policy, tool) ?? "full",
  ]);
  const policy = strictest(policies)!; // never empty
  const isGuest = scope.trust === "guest";
  const grave = risks.filter((it) => careful.has(it));
  const isCareful = grave.length > 0 && (isGuest || call.tainted);
  const required = config.approvals.requireFor.filter(
    (it) => it === tool || prepared.risks.some((risk) => risk === it),
  );
  const final = policy === "full" && (isCareful || required.length > 0) ? "ask" : policy;
  if (final === "full") return { policy: "full", reasons: [], mayMatch: false };
  const reasons = [
    ...(policy !== "full" && policy !== usual ? [`the policy for ${tool} is "${policy}"`] : []),
    ...grave.map((it) => prepared.why?.[it] ?? doing[it]!), // every careful risk has its words
    ...required.map((it) => `approvals.requireFor names ${it}`),
    ...(isGuest ? ["the run is not the owner's"] : []),
    ...(call.tainted ? ["this turn has read outside content"] : []),
  ];
  // What an agent is told of itself outlives the turn: an earlier yes must not let a stranger write it.
  return { policy: final, reasons, mayMatch: !(isCareful && grave.includes("identity-write")) };
}

function usuallyAsked(risks: readonly Risk[], trust: RunScope["trust"]): boolean {
  return risks.some((it) => asked.has(it) || (trust === "guest" && careful.has(it)));
}

/** The policy that a table names for a tool, by its name or by `*`. */
function named(
  table: Readonly<Record<string, ToolPolicy>> | undefined,
  tool: string,
): ToolPolicy | undefined {
  return own(table, tool) ?? own(table, "*");
}

/** Keys come from outside, so that one may be the name of something that every object has. */
function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table && Object.hasOwn(table, key) ? table[key] : undefined;
}

function strictest(policies: readonly (ToolPolicy | undefined)[]): ToolPolicy | undefined {
  return toolPolicies.find((it) => policies.includes(it)); // the table stands in this order
}
