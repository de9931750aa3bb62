import { type Config, channelSection } from "openclaw-protocol";
import type { z } from "zod";
import type { ChannelAdapter } from "../../channels/types.ts";
import { nearest } from "../../config/nearest.ts";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { channelState } from "../../storage/channel-state.ts";
import type { Database } from "../../storage/database.ts";
import type { Loaded } from "./account.ts";
import type { AccountPlan } from "./plan.ts";
import { type AccountPolicy, policyOf } from "./policy.ts";

/** Longest time to look up one name, ms. */
const lookUpMs = 10_000;
const namesAtMost = 100;

export interface LoadingDeps {
  db: Database;
  config: Pick<Config, "messages">;
  /** `channels.defaults`, if there is one. */
  defaults(): z.output<typeof channelSection> | undefined;
  clock: Clock;
  log: Log;
}

/** Loads a channel and makes an account's adapter and policy of what the configuration says. */
export function createLoading(deps: LoadingDeps): (plan: AccountPlan) => Promise<Loaded> {
  const { db, clock, log } = deps;

  return async (plan) => {
    const { entry, accountId } = plan;
    const module = await entry.load();
    const parsed = module.settings.safeParse(plan.settings);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const param = [plan.path, ...(issue?.path ?? [])].join(".");
      throw new GatewayError("invalid_request", `${param} ${issue?.message ?? "is not valid"}`, { param });
    }
    const adapter = module.create({
      channelId: entry.id,
      accountId,
      settings: parsed.data,
      state: channelState(db, entry.id, accountId),
      clock,
      log: log.child({ channel: entry.id, account: accountId }),
    });
    const unknown = unknownKeys(plan, Object.keys(module.settings.shape));
    const resolved = new Map<string, string>();
    const missing = new Set<string>();
    let policy = policyFor(plan, adapter, resolved);
    let warnings = [...policy.warnings, ...unknown];
    for (const warning of warnings) log.warn({}, warning);

    async function resolveNames(signal: AbortSignal): Promise<void> {
      const open = policy.names.slice(0, namesAtMost);
      if (open.length === 0) return;
      for (const name of open) {
        const id = await adapter
          .resolveName?.(name, { signal: AbortSignal.any([signal, AbortSignal.timeout(lookUpMs)]) })
          .catch(() => undefined);
        if (id !== undefined) resolved.set(name, id);
        else if (!missing.has(name)) {
          missing.add(name);
          log.warn({ channel: entry.id }, nameless(plan, name));
        }
      }
      policy = policyFor(plan, adapter, resolved);
      warnings = [...policy.warnings, ...unknown, ...policy.names.map((name) => nameless(plan, name))];
    }

    return {
      adapter,
      get policy() {
        return { ...policy, warnings };
      },
      resolveNames,
    };
  };

  function policyFor(
    plan: AccountPlan,
    adapter: ChannelAdapter,
    resolved: ReadonlyMap<string, string>,
  ): AccountPolicy {
    const canonical = (id: string) => adapter.canonicalId?.(id) ?? id;
    return policyOf(plan.section, plan.own, deps.defaults(), {
      mentionPatterns: deps.config.messages.groupChat.mentionPatterns,
      canonicalId: (entry) => canonical(resolved.get(entry) ?? entry),
      isName: (entry) => !resolved.has(entry) && (adapter.isName?.(entry) ?? entry.startsWith("@")),
      channelId: plan.entry.id,
      path: plan.path,
    });
  }
}

/** Names can be given up and taken by others: only the id behind one counts. */
function nameless(plan: AccountPlan, name: string): string {
  return `${plan.path}: "${name}" is a name whose id could not be looked up, so it allows nobody. Give the id instead.`;
}

/** A warning for each key that nobody reads, with the nearest one that somebody does. */
function unknownKeys(plan: AccountPlan, own: readonly string[]): string[] {
  const needs = plan.entry.needs.flatMap((it) => [it.key, ...(it.aliases ?? [])]);
  const known = [...Object.keys(channelSection.shape), ...own, ...needs];
  return Object.keys(plan.settings).flatMap((key) => {
    if (known.includes(key)) return [];
    const meant = nearest(key, known);
    return [
      `${plan.path}.${key} is not a known key and has no effect.${meant ? ` Did you mean "${meant}"?` : ""}`,
    ];
  });
}
