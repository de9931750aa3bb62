import { isDeepStrictEqual } from "node:util";
import { may } from "../access.ts";
import type { Inherited, RunScope } from "../run-scope.ts";
import type { LiveRun } from "./types.ts";

/** The credentials of whoever owns the gateway; `local`: everybody on this machine, where auth is off. */
const owners: ReadonlySet<string> = new Set(["gateway", "local"]);

/** What a run may do. A sub-agent gets at most what it inherits. */
export function scopeOf(
  run: LiveRun,
  toolsOf: (run: LiveRun, inherited?: Inherited) => readonly string[],
): RunScope {
  const { agent, options } = run;
  const { inherited, scopes = [] } = options;
  const trust = inherited?.trust === "guest" || !isOwners(run) ? "guest" : "owner";
  const { mode } = agent.sandbox;
  return {
    runId: run.id,
    sessionId: run.sessionId,
    sessionKey: run.sessionKey,
    channel: run.channel,
    agent,
    caller: { id: run.callerId, scopes },
    trust,
    depth: inherited?.depth ?? 0,
    tools: toolsOf(run, inherited),
    sandboxed: inherited?.sandboxed === true || mode === "all" || (mode === "non-main" && trust === "guest"),
    above: inherited?.above,
    tainted: inherited?.tainted || options.tainted,
    signal: run.controller.signal,
  };
}

/** Whether the owner speaks, in a session of his own: what others said there must not speak in his name. */
function isOwners({ callerId, owner, options: { scopes = [] } }: LiveRun): boolean {
  const isOwner = owners.has(callerId) || may({ scopes: new Set(scopes) }, "admin");
  return isOwner && (owners.has(owner) || owner === callerId);
}

/** What a run hands on to those that it starts. */
export function handedOn(scope: RunScope): Inherited {
  const { trust, sandboxed, tools, caller, channel, agent, tainted } = scope;
  const own = { channel, policy: agent.tools.policy };
  const others = (scope.above ?? []).filter((it) => !isDeepStrictEqual(it, own)); // a long chain names each once
  const above = [...others, own];
  return { depth: scope.depth + 1, trust, sandboxed, tools, scopes: caller.scopes, above, tainted };
}
