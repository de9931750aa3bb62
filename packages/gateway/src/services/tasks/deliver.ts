import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Database } from "../../storage/database.ts";
import { findSessionById } from "../../storage/sessions.ts";
import { findTask, markDelivered, type TaskRow } from "../../storage/tasks.ts";
import { rightsOf } from "../runs/rights.ts";
import type { Runs } from "../runs/runs.ts";
import { messageOf } from "./words.ts";

export interface DeliveryDeps {
  db: Database;
  runs: Pick<Runs, "start">;
  clock: Clock;
  log: Log;
}

/** What may be otherwise in a while. */
const passing: ReadonlySet<string> = new Set([
  "service_unavailable",
  "rate_limited",
  "internal_error",
  "timeout",
]);

/**
 * Tells a session the result of its sub-agent, by a run with exactly the rights of the run that began the task. Once: the
 * run's idempotency key is the task. False: try again later.
 */
export function createDelivery({ db, runs, clock, log }: DeliveryDeps): (taskId: string) => Promise<boolean> {
  return async (taskId) => {
    const task = await findTask(db.read, taskId);
    if (!task || task.status === "running" || task.delivered_at !== null) return true;
    try {
      await tell(task);
    } catch (error) {
      if (!(error instanceof GatewayError) || passing.has(error.code)) return false;
      log.warn({ err: error, taskId }, "a sub-agent's result cannot be delivered; it stays readable");
    }
    await db.write((tx) => markDelivered(tx, taskId, clock.now()));
    return true;
  };

  async function tell(task: TaskRow): Promise<void> {
    const session = await findSessionById(db.read, task.parent_session_id);
    const rights = await rightsOf(db, task.parent_run_id);
    if (!session || session.listed === 0 || !rights) return; // there is nobody left to tell
    await runs.start({
      ...rights,
      sessionKey: session.key,
      message: messageOf(task),
      tainted: true, // whatever the sub-agent has read speaks through it
      idempotencyKey: `task:${task.id}`,
    });
  }
}
