import type { Database } from "../../storage/database.ts";
import { findRun } from "../../storage/runs.ts";
import type { Caller } from "../access.ts";
import type { Inherited } from "../run-scope.ts";
import type { KeptOptions } from "./types.ts";

/** What a run was started with, for those that are to be started in its stead or on its behalf. */
export interface RunRights {
  /** The credential, with what it might do and spend when it asked. */
  caller: Caller;
  /** What bounded the run itself. */
  inherited: Inherited | undefined;
}

/** The rights of a run, from the disk: they outlive the process. Undefined: it was deleted with its session. */
export async function rightsOf(db: Pick<Database, "read">, runId: string): Promise<RunRights | undefined> {
  const row = await findRun(db.read, runId);
  if (!row) return undefined;
  const { scopes = [], tokenLimit, inherited } = JSON.parse(row.options_json) as KeptOptions; // written from KeptOptions
  return { caller: callerNamed(row.owner, scopes, tokenLimit), inherited };
}

/** A caller that is no connection: nobody can hang up on it. */
export function callerNamed(
  id: string,
  scopes: Iterable<NonNullable<KeptOptions["scopes"]>[number]>,
  maxCostPerDay: number | undefined,
): Caller {
  return {
    id,
    scopes: new Set(scopes),
    limits: maxCostPerDay === undefined ? {} : { maxCostPerDay },
    revoked: new AbortController().signal,
  };
}
