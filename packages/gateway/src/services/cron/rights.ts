import type { RunOptions, Scope } from "openclaw-protocol";
import type { CronJobRow } from "../../storage/cron.ts";
import { type Caller, may } from "../access.ts";
import type { Inherited, RunScope } from "../run-scope.ts";
import { callerNamed, type RunRights } from "../runs/rights.ts";
import { handedOn } from "../runs/scope.ts";

/** With what a job's runs are started: the maker's rights when it made the job. */
export interface JobRights extends RunRights {
  options: RunOptions;
}

/** As `options_json` is written. */
interface KeptRights {
  run: RunOptions;
  tokenLimit?: number | undefined;
  inherited?: Inherited | undefined;
}

/** The credentials of the gateway itself. */
const gatewayIds: ReadonlySet<string> = new Set(["gateway", "local"]);

export function keptRights(options: RunOptions, { caller, inherited }: RunRights) {
  const kept: KeptRights = { run: options, tokenLimit: caller.limits.maxCostPerDay, inherited };
  return {
    owner: caller.id,
    scopes_json: JSON.stringify([...caller.scopes]),
    options_json: JSON.stringify(kept),
  };
}

export function rightsOfJob(job: CronJobRow): JobRights {
  const { run, tokenLimit, inherited } = JSON.parse(job.options_json) as KeptRights; // both written by keptRights
  const scopes = JSON.parse(job.scopes_json) as Scope[];
  return { options: run, inherited, caller: callerNamed(job.owner, scopes, tokenLimit) };
}

/** The rights of a job that a run makes: the run's own, no more and no deeper. */
export function rightsOfMaker(scope: RunScope, caller: Caller): RunRights {
  return { caller, inherited: { ...handedOn(scope), depth: scope.depth } };
}

/** Whether a job acts for the owner of the gateway. */
export function isOwnersJob({ caller, inherited }: RunRights): boolean {
  return inherited?.trust !== "guest" && (gatewayIds.has(caller.id) || may(caller, "admin"));
}

/** Whether a caller has all that a job's runs have. */
export function hasAllOf(caller: Caller, rights: RunRights): boolean {
  if (caller.id === rights.caller.id) return true;
  if (isOwnersJob(rights) && !gatewayIds.has(caller.id) && !may(caller, "admin")) return false;
  return [...rights.caller.scopes].every((scope) => may(caller, scope));
}

export function isGateway(callerId: string): boolean {
  return gatewayIds.has(callerId);
}
