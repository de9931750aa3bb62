import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Database } from "../../storage/database.ts";
import { endTask, type TaskRow, undeliveredTasks } from "../../storage/tasks.ts";
import { outcomeOf } from "../runs/outcome.ts";
import type { Runs, Started } from "../runs/runs.ts";
import { untilEnd } from "../runs/until-end.ts";
import { createDelivery } from "./deliver.ts";
import { resultOf } from "./words.ts";

const retryMs = 30_000;

/** How a sub-agent's run ended, as it is told. */
export interface TaskEnd {
  status: Exclude<TaskRow["status"], "running">;
  result: string;
}

/** A task whose run is watched. */
export interface Watched {
  readonly id: string;
  readonly runId: string;
  /** The call that started it waits for its end: nobody else need be told. */
  attended: boolean;
}

export interface WatchDeps {
  db: Database;
  runs: Pick<Runs, "start">;
  clock: Clock;
  log: Log;
}

/** Sees to it that the end of each task is kept and told. */
export interface Watch {
  /** Follows a task's run to its end; without a run it has ended. Undefined: the gateway stops first. */
  end(watched: Watched, run: Pick<Started, "follow"> | undefined): Promise<TaskEnd | undefined>;
  keep(taskId: string, end: TaskEnd, delivered: boolean): Promise<unknown>;
  /** Tells a task's session how it ended, later if it cannot be told now. */
  tell(taskId: string): Promise<void>;
  /** Lets work go on behind the caller's back, but not behind `close`. */
  behind(work: Promise<unknown>): void;
  close(): Promise<void>;
}

export function createWatch(deps: WatchDeps): Watch {
  const { db, clock, log } = deps;
  const deliver = createDelivery(deps);
  const working = new Set<Promise<unknown>>();
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  function behind(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work
      .catch((error: unknown) => log.error({ err: error }, "a sub-agent's end could not be kept"))
      .finally(() => working.delete(tracked));
    working.add(tracked);
  }

  function keep(taskId: string, end: TaskEnd, delivered: boolean): Promise<unknown> {
    const at = clock.now();
    return db.write((tx) => endTask(tx, taskId, { ...end, at, delivered }));
  }

  async function tell(taskId: string): Promise<void> {
    if (isClosed || (await deliver(taskId)) || isClosed) return;
    retry ??= setTimeout(() => {
      retry = undefined;
      behind(tellAll());
    }, retryMs).unref();
  }

  async function tellAll(): Promise<void> {
    for (const { id, status } of await undeliveredTasks(db.read)) if (status !== "running") await tell(id);
  }

  async function outcome(runId: string): Promise<TaskEnd> {
    try {
      const ended = await outcomeOf(db, runId);
      return { status: ended.status, result: resultOf(ended) };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { status: "aborted", result: "Its session was deleted." };
    }
  }

  return {
    async end(watched, run) {
      if (run && !(await untilEnd(await run.follow(false)))) return undefined;
      const end = await outcome(watched.runId);
      await keep(watched.id, end, watched.attended);
      if (!watched.attended) await tell(watched.id);
      return end;
    },
    keep,
    tell,
    behind,
    async close() {
      isClosed = true;
      clearTimeout(retry);
      await Promise.allSettled(working);
    },
  };
}
