import { GatewayError } from "../lib/errors.ts";
import { type Caller, may } from "./access.ts";
import type { Agent, AgentToolRules } from "./agents/agents.ts";

/**
 * Refuses a change that would let an agent do more, or elsewhere, than it may now, to callers that lack `admin`.
 * Throws `forbidden` naming the setting.
 */
export function requireGrant(caller: Pick<Caller, "scopes">, before: Agent, after: Agent): void {
  if (may(caller, "admin")) return;
  const param = wider(before, after);
  if (param === undefined) return;
  throw new GatewayError(
    "forbidden",
    `This changes ${param}, which says what the agent may do; that needs the scope admin. Use a token that has it.`,
    { param },
  );
}

/** The setting by which the second may do what the first may not; undefined: there is none. */
function wider(before: Agent, after: Agent): string | undefined {
  if (after.workspace !== before.workspace) return "workspace";
  if (after.maxCostPerDay !== before.maxCostPerDay) return "maxCostPerDay";
  const { mode, backend } = before.sandbox;
  if (after.sandbox.mode !== mode || after.sandbox.backend !== backend) return "sandbox";
  const rule = widerRule(before.tools, after.tools);
  return rule && `tools.${rule}`;
}

function widerRule(before: AgentToolRules, after: AgentToolRules): keyof AgentToolRules | undefined {
  const isNarrowerProfile =
    after.profile === before.profile || after.profile === "minimal" || before.profile === "full";
  if (!isNarrowerProfile) return "profile";
  if (before.only ? !after.only || !isWithin(after.only, before.only) : after.only) return "only";
  if (!isWithin(after.allow, before.allow)) return "allow";
  if (!isWithin(before.deny, after.deny)) return "deny";
  const names = new Set([...Object.keys(before.policy), ...Object.keys(after.policy)]);
  for (const name of names) {
    const policy = ownValue(after.policy, name);
    if (policy !== ownValue(before.policy, name) && policy !== "deny") return "policy";
  }
  return undefined;
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((it) => all.includes(it));
}

function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
