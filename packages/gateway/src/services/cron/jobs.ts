import type { CronJob, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import {
  type CronJobRow,
  countCronJobs,
  cronFires,
  deleteCronJob,
  findCronJob,
  insertCronJob,
  listCronJobs,
  updateCronJob,
} from "../../storage/cron.ts";
import type { Database } from "../../storage/database.ts";
import { type Caller, requireScope } from "../access.ts";
import type { Agents } from "../agents/agents.ts";
import type { RunRights } from "../runs/rights.ts";
import { hasAllOf, isGateway, keptRights, rightsOfJob } from "./rights.ts";
import { parseSchedule } from "./schedule.ts";

const jobsAtMost = 200;
const jobsOfOneAtMost = 20;
const firesAtMost = 100;

/** A job that is to be: what the method takes, less what a run may not choose. */
export type NewJob = ParsedParamsOf<"cron.create">;

/** Making, looking at and changing jobs. */
export interface Jobs {
  list(): Promise<CronJobRow[]>;
  get(jobId: string): Promise<ResultOf<"cron.get">>;
  /** When a job would be due first, Unix ms. Throws what is wrong with it. */
  firstSlot(job: Pick<NewJob, "schedule" | "timezone">): Promise<number>;
  create(job: NewJob, rights: RunRights): Promise<CronJob>;
  update(change: ParsedParamsOf<"cron.update">, caller: Caller): Promise<CronJob>;
  /** `mayDelete`: whether this caller may delete that job; else it is not there. */
  delete(jobId: string, mayDelete: (job: CronJobRow) => boolean): Promise<ResultOf<"cron.delete">>;
  row(jobId: string): Promise<CronJobRow>;
}

export interface JobsDeps {
  db: Database;
  agents: Pick<Agents, "get">;
  ids: MakeId;
  clock: Clock;
  /** IANA; for jobs that name none. */
  timezone: string;
  /** The soonest slot may be another one. */
  onChange(): void;
}

export function createJobs(deps: JobsDeps): Jobs {
  const { db, ids, clock } = deps;

  async function row(jobId: string): Promise<CronJobRow> {
    const found = await findCronJob(db.read, jobId);
    if (found) return found;
    throw notThere(jobId);
  }

  async function slotAfter(now: number, schedule: string, timezone: string, anchor: number): Promise<number> {
    const first = (await parseSchedule(schedule, { timezone, anchor })).next(now);
    if (first !== undefined) return first;
    const text = `"${schedule}" never comes (any more). Choose a time that lies ahead.`;
    throw new GatewayError("invalid_request", text, { param: "schedule" });
  }

  return {
    list: () => listCronJobs(db.read),
    row,

    async get(jobId) {
      const job = await row(jobId);
      const fires = await cronFires(db.read, jobId, firesAtMost);
      return {
        ...jobView(job),
        fires: fires.map(({ fire_at, outcome, run_id, detail }) => ({
          at: isoTime(fire_at),
          outcome,
          runId: run_id,
          detail,
        })),
      };
    },

    firstSlot({ schedule, timezone = deps.timezone }) {
      const now = clock.now();
      return slotAfter(now, schedule, timezone, now);
    },

    async create(job, rights) {
      requireScope(rights.caller, ["chat"], "A job that talks to an agent");
      const now = clock.now();
      const id = ids("cron");
      const { enabled = true, timezone = deps.timezone } = job;
      const nextAt = await slotAfter(now, job.schedule, timezone, now);
      const created: CronJobRow = {
        id,
        name: job.name,
        schedule: job.schedule,
        timezone,
        agent_id: deps.agents.get(job.agentId).id,
        session_key: job.sessionKey ?? null,
        message: job.message,
        once: job.once ? 1 : 0,
        misfire: job.misfire ?? "once",
        enabled: enabled ? 1 : 0,
        ...keptRights(job.options ?? {}, rights),
        created_at: now,
        next_at: enabled ? nextAt : null,
      };
      await db.write(async (tx) => {
        const { all, own } = await countCronJobs(tx, created.owner);
        if (all >= jobsAtMost) throw tooMany(jobsAtMost);
        if (own >= jobsOfOneAtMost && !isGateway(created.owner)) throw tooMany(jobsOfOneAtMost);
        await insertCronJob(tx, created);
      });
      deps.onChange();
      return jobView(created);
    },

    async update({ jobId, ...change }, caller) {
      const job = await row(jobId);
      const rights = rightsOfJob(job);
      const says = change.message !== undefined || change.options !== undefined;
      if (says && !hasAllOf(caller, rights)) {
        throw new GatewayError(
          "forbidden",
          "What this job says can be changed only by those who have its maker's rights. Make a job of your own.",
          { param: change.message === undefined ? "options" : "message" },
        );
      }
      const { schedule = job.schedule, timezone = job.timezone } = change;
      const enabled = change.enabled ?? job.enabled === 1;
      const isResumed = enabled && job.enabled === 0;
      const isMoved = schedule !== job.schedule || timezone !== job.timezone;
      // A slot that was due while the job paused is not made good.
      const nextAt =
        isMoved || isResumed ? await slotAfter(clock.now(), schedule, timezone, job.created_at) : job.next_at;
      await db.write((tx) =>
        updateCronJob(tx, jobId, {
          ...(change.name !== undefined && { name: change.name }),
          ...(change.message !== undefined && { message: change.message }),
          ...(change.misfire !== undefined && { misfire: change.misfire }),
          ...(change.once !== undefined && { once: change.once ? 1 : 0 }),
          ...(change.options !== undefined && {
            options_json: keptRights(change.options, rights).options_json,
          }),
          schedule,
          timezone,
          ...((isMoved || change.enabled !== undefined) && {
            enabled: enabled ? 1 : 0,
            next_at: enabled ? nextAt : null,
          }),
        }),
      );
      deps.onChange();
      return jobView(await row(jobId));
    },

    async delete(jobId, mayDelete) {
      const job = await row(jobId);
      if (!mayDelete(job) || !(await db.write((tx) => deleteCronJob(tx, jobId)))) throw notThere(jobId);
      deps.onChange();
      return { deleted: true, jobId };
    },
  };
}

export function jobView(row: CronJobRow): CronJob {
  return {
    jobId: row.id,
    name: row.name,
    schedule: row.schedule,
    timezone: row.timezone,
    message: row.message,
    agentId: row.agent_id,
    sessionKey: sessionOf(row),
    options: rightsOfJob(row).options,
    misfire: row.misfire,
    once: row.once === 1,
    enabled: row.enabled === 1,
    createdBy: row.owner,
    createdAt: isoTime(row.created_at),
    nextAt: row.next_at === null ? null : isoTime(row.next_at),
  };
}

/** The session of a job's runs. */
export function sessionOf(row: Pick<CronJobRow, "id" | "session_key">): string {
  return row.session_key ?? `cron:${row.id}`;
}

function notThere(jobId: string): GatewayError {
  return new GatewayError("not_found", `There is no job "${jobId}".`, { param: "jobId" });
}

function tooMany(most: number): GatewayError {
  return new GatewayError("conflict", `There are ${most} jobs already. Delete one first.`);
}
