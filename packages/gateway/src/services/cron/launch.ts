import { isoTime } from "../../lib/clock.ts";
import { GatewayError, toGatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { type CronFireRow, type CronJobRow, setCronFire } from "../../storage/cron.ts";
import type { Database } from "../../storage/database.ts";
import type { Events } from "../events.ts";
import type { Runs, Started } from "../runs/runs.ts";
import { untilEnd } from "../runs/until-end.ts";
import { sessionOf } from "./jobs.ts";
import { rightsOfJob } from "./rights.ts";

/** The detail of a slot that is taken and whose run is about to start. */
export const starting = "starting";

/** A slot as it is taken: should the process end before its run has begun, this is what is true of it. */
export function takenSlot(jobId: string, at: number): CronFireRow {
  return { job_id: jobId, fire_at: at, outcome: "failed", run_id: null, detail: starting };
}

export interface LaunchDeps {
  db: Database;
  runs: Pick<Runs, "start">;
  events: Events;
  log: Log;
  /** Whether a credential is still good, by the id of its callers. */
  isKnown(callerId: string): Promise<boolean>;
  /** A run has ended that counted against `running`. */
  onEnd(): void;
}

/** Starts the runs of slots that are taken, and counts them while they go on. */
export interface Launch {
  /** Gives the run's id; throws why none began, which is kept as well. The same slot twice is the same run. */
  start(job: CronJobRow, at: number): Promise<string>;
  running(): number;
}

export function createLaunch(deps: LaunchDeps): Launch {
  const { db, runs, events, log } = deps;
  const live = new Set<string>();

  async function keep(
    job: CronJobRow,
    at: number,
    end: Pick<CronFireRow, "outcome" | "run_id" | "detail">,
  ): Promise<void> {
    await db.write((tx) => setCronFire(tx, { job_id: job.id, fire_at: at }, end));
    events.publish({ type: "cron.fired", data: { jobId: job.id, runId: end.run_id, at: isoTime(at) } });
  }

  async function watch({ runId, follow }: Started): Promise<void> {
    live.add(runId);
    try {
      await untilEnd(await follow(false));
    } catch (error) {
      log.warn({ err: error, runId }, "a scheduled run could not be followed");
    } finally {
      live.delete(runId);
      deps.onEnd();
    }
  }

  return {
    running: () => live.size,

    async start(job, at) {
      const { caller, inherited, options } = rightsOfJob(job);
      let started: Started;
      try {
        if (!(await deps.isKnown(job.owner)))
          throw new GatewayError("forbidden", "The token that made this job is gone. Make the job anew.");
        started = await runs.start({
          caller,
          inherited,
          options,
          message: job.message,
          agentId: job.agent_id,
          sessionKey: sessionOf(job),
          idempotencyKey: `cron:${job.id}:${at}`,
        });
      } catch (thrown) {
        const error = toGatewayError(thrown);
        if (error.code === "internal_error")
          log.error({ err: thrown, jobId: job.id }, "a scheduled run failed to start");
        await keep(job, at, { outcome: "failed", run_id: null, detail: error.message });
        throw error;
      }
      void watch(started); // it never rejects
      await keep(job, at, { outcome: "ran", run_id: started.runId, detail: null });
      return started.runId;
    },
  };
}
