import type { CronConfig, CronJob, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import type { SchedulePort } from "../../runtime/tools/ports.ts";
import { type CronJobRow, takeCronSlot } from "../../storage/cron.ts";
import type { Database } from "../../storage/database.ts";
import { findToken } from "../../storage/tokens.ts";
import { type Caller, may } from "../access.ts";
import type { Agents } from "../agents/agents.ts";
import type { Events } from "../events.ts";
import type { RunScope } from "../run-scope.ts";
import { rightsOf } from "../runs/rights.ts";
import type { Runs } from "../runs/runs.ts";
import { createFiring } from "./firing.ts";
import { createJobs, jobView } from "./jobs.ts";
import { createLaunch, takenSlot } from "./launch.ts";
import { isOwnersJob, rightsOfJob, rightsOfMaker } from "./rights.ts";

/** Most jobs, and most of a message, that a run is shown. */
const shownAtMost = 50;
const messageShown = 200;

/** Jobs that say something to an agent on a schedule. */
export interface Cron {
  list(): Promise<ResultOf<"cron.list">>;
  get(jobId: string): Promise<ResultOf<"cron.get">>;
  create(job: ParsedParamsOf<"cron.create">, caller: Caller): Promise<CronJob>;
  update(change: ParsedParamsOf<"cron.update">, caller: Caller): Promise<CronJob>;
  delete(jobId: string): Promise<ResultOf<"cron.delete">>;
  run(jobId: string): Promise<ResultOf<"cron.run">>;
  /** What a run may do with schedules: jobs that it makes have its own rights. */
  bind(scope: RunScope): SchedulePort;
  /** After a start, once the runs are mended. Nothing is loaded where there is no job. */
  start(): Promise<void>;
  /** Fires what is due; for whoever brings a clock of his own. */
  tick(): Promise<void>;
  /** Fires nothing more. To be called before the runs are drained. */
  close(): Promise<void>;
}

export interface CronDeps {
  db: Database;
  runs: Pick<Runs, "start">;
  agents: Pick<Agents, "get">;
  events: Events;
  ids: MakeId;
  clock: Clock;
  log: Log;
  config: CronConfig;
  /** The machine's time zone, IANA: that of jobs which name none. */
  timezone: string;
}

export function createCron(deps: CronDeps): Cron {
  const { db, clock, config } = deps;
  const launch = createLaunch({ ...deps, isKnown, onEnd: tickSoon });
  const firing = createFiring({ ...deps, launch, atOnce: config.maxConcurrentRuns });
  const jobs = createJobs({ ...deps, onChange: tickSoon });

  function tickSoon(): void {
    void firing.tick(); // it never rejects
  }

  async function isKnown(callerId: string): Promise<boolean> {
    const [, tokenId] = /^token:(.+)$/.exec(callerId) ?? [];
    if (tokenId === undefined) return true;
    const token = await findToken(db.read, tokenId);
    return token !== undefined && (token.expires_at ?? Number.POSITIVE_INFINITY) > clock.now();
  }

  function requireEnabled(): void {
    if (config.enabled) return;
    throw new GatewayError("service_unavailable", "Schedules are switched off: set cron.enabled to true.");
  }

  function bind(scope: RunScope): SchedulePort {
    const caller = { id: scope.caller.id, scopes: new Set(scope.caller.scopes) };

    /** The owner's runs see all jobs; others those that their credential made without being the owner. */
    function sees(job: CronJobRow): boolean {
      if (scope.trust === "owner") return job.owner === caller.id || may(caller, "read");
      return job.owner === caller.id && !isOwnersJob(rightsOfJob(job));
    }

    return {
      async list() {
        const seen = (await jobs.list()).filter(sees).slice(0, shownAtMost);
        return { jobs: seen.map(shownView) };
      },
      async check(job) {
        requireEnabled();
        return isoTime(await jobs.firstSlot(job));
      },
      async create(job) {
        requireEnabled();
        const rights = await rightsOf(db, scope.runId);
        if (!rights) throw new GatewayError("not_found", "This session was deleted.");
        const made = { ...job, agentId: scope.agent.id };
        const { jobId, nextAt, timezone } = await jobs.create(made, rightsOfMaker(scope, rights.caller));
        return { jobId, nextAt, timezone };
      },
      delete: (jobId) => jobs.delete(jobId, sees),
    };
  }

  return {
    list: async () => ({ jobs: (await jobs.list()).map(jobView) }),
    get: (jobId) => jobs.get(jobId),
    async create(job, caller) {
      requireEnabled();
      return jobs.create(job, { caller, inherited: undefined });
    },
    update: (change, caller) => jobs.update(change, caller),
    delete: (jobId) => jobs.delete(jobId, () => true),

    async run(jobId) {
      requireEnabled();
      const job = await jobs.row(jobId);
      if (launch.running() >= config.maxConcurrentRuns) {
        const text = `${config.maxConcurrentRuns} scheduled runs go on already (cron.maxConcurrentRuns). Try again later.`;
        throw new GatewayError("rate_limited", text, { retryAfterMs: 5_000 });
      }
      const at = await db.write(async (tx) => {
        let free = clock.now();
        while (!(await takeCronSlot(tx, takenSlot(jobId, free)))) free += 1;
        return free;
      });
      return { jobId, runId: await launch.start(job, at) };
    },

    bind,
    start: async () => (config.enabled ? firing.start() : undefined),
    tick: () => firing.tick(),
    close: () => firing.close(),
  };
}

function shownView(job: CronJobRow) {
  const { jobId, name, schedule, timezone, nextAt, enabled, message } = jobView(job);
  return { jobId, name, schedule, timezone, nextAt, enabled, message: message.slice(0, messageShown) };
}
