import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import { onAbort } from "../../lib/signals.ts";
import type { TaskPort } from "../../runtime/tools/ports.ts";
import type { Database } from "../../storage/database.ts";
import { findRun } from "../../storage/runs.ts";
import { findSessionById } from "../../storage/sessions.ts";
import {
  countTasks,
  insertTask,
  runOfTask,
  setTaskRun,
  type TaskRow,
  tasksOf,
  undeliveredTasks,
} from "../../storage/tasks.ts";
import type { RunScope } from "../run-scope.ts";
import { rightsOf } from "../runs/rights.ts";
import type { Runs, Started } from "../runs/runs.ts";
import { handedOn } from "../runs/scope.ts";
import { createWatch, type TaskEnd, type Watched } from "./watch.ts";
import { labelOf, shortened } from "./words.ts";

/** How deep sub-agents may start sub-agents. */
const depthAtMost = 2;
const runningAtMost = 8;
/** A result starts a run, which may start a sub-agent: without an end to it this would go round for ever. */
const perHourAtMost = 100;
const hourMs = 60 * 60 * 1000;
const listedAtMost = 20;
const listedCharacters = 32_000;

/** Sub-agents: work that a run gives to a run of its own, and whose result comes back whatever happens meanwhile. */
export interface Tasks {
  bind(scope: RunScope): TaskPort;
  /** After a start, once the runs are mended: takes up what is not delivered. Returns before that is through. */
  recover(): Promise<void>;
  /** Starts nothing more; resolves once what has ended is on disk. To be called when no run runs any more. */
  close(): Promise<void>;
}

export interface TasksDeps {
  db: Database;
  runs: Pick<Runs, "start" | "abort" | "follow">;
  ids: MakeId;
  clock: Clock;
  log: Log;
}

export function createTasks(deps: TasksDeps): Tasks {
  const { db, runs, ids, clock } = deps;
  const watch = createWatch(deps);
  /** Those of this process, which are not for `recover`. */
  const own = new Set<string>();

  async function spawn(
    scope: RunScope,
    task: Parameters<TaskPort["spawn"]>[0],
    { wait, signal }: { wait: boolean; signal: AbortSignal },
  ): Promise<unknown> {
    const agentId = task.agentId ?? scope.agent.id;
    if (scope.depth >= depthAtMost)
      throw refused("Sub-agents of sub-agents start no more of them. Do it yourself.");
    if (scope.trust === "guest" && agentId !== scope.agent.id)
      throw refused("You may start sub-agents of your own kind only. Leave agentId out.");
    const session = await findSessionById(db.read, scope.sessionId);
    const rights = session && (await rightsOf(db, scope.runId));
    if (!rights) throw refused("This session was deleted.");
    signal.throwIfAborted();
    const id = ids("task");
    const sessionKey = `agent:${agentId}:subagent:${id}`;
    own.add(id);
    const launched = launch(scope, { id, sessionKey, label: labelOf(task.label, task.prompt) }, () =>
      runs.start({
        caller: rights.caller,
        message: task.prompt,
        sessionKey,
        agentId,
        options: task.model === undefined ? undefined : { model: task.model },
        inherited: handedOn(scope),
      }),
    );
    const attended = wait || session.listed === 0; // a throw-away session gets no message later
    const ended = launched.then((started) => {
      const watched: Watched = { id, runId: started.runId, attended };
      return { watched, end: watch.end(watched, started) };
    });
    watch.behind(
      ended
        .then(
          ({ end }) => end,
          () => undefined,
        )
        .finally(() => own.delete(id)),
    );
    const { watched, end } = await ended;
    const { runId } = watched;
    const view = { taskId: id, sessionKey, runId };
    if (!attended)
      return { ...view, status: "running", note: "Its result comes as a message. Do not wait for it." };
    return { ...view, ...(await attend(watched, end, signal, () => runs.abort(runId, rights.caller))) };
  }

  /** Puts a task on disk and then starts its run, so that no run is without its task. */
  async function launch(
    scope: RunScope,
    task: { id: string; sessionKey: string; label: string },
    start: () => Promise<Started>,
  ): Promise<Started> {
    const now = clock.now();
    await db.write(async (tx) => {
      const { running, recent } = await countTasks(tx, scope.sessionId, now - hourMs);
      if (running >= runningAtMost)
        throw refused(`${runningAtMost} sub-agents of this session run already. Wait for one to finish.`);
      if (recent >= perHourAtMost)
        throw refused(
          `This session has started ${perHourAtMost} sub-agents within an hour. Do the rest yourself.`,
        );
      await insertTask(tx, {
        id: task.id,
        parent_session_id: scope.sessionId,
        parent_run_id: scope.runId,
        child_session_key: task.sessionKey,
        label: task.label,
        created_at: now,
      });
    });
    try {
      const started = await start();
      await db.write((tx) => setTaskRun(tx, task.id, started.runId));
      return started;
    } catch (error) {
      await watch.keep(task.id, { status: "failed", result: "It could not be started." }, true);
      throw error;
    }
  }

  /** Waits for the end as long as the run that asked for it goes on. */
  async function attend(
    watched: Watched,
    ended: Promise<TaskEnd | undefined>,
    signal: AbortSignal,
    abort: () => Promise<unknown>,
  ): Promise<TaskEnd> {
    const gone = Promise.withResolvers<never>();
    const stopListening = onAbort(signal, () => {
      // The gateway stops: the result is for the next start to deliver. Else nobody wants it any more.
      if (signal.reason instanceof GatewayError && signal.reason.code === "service_unavailable")
        watched.attended = false;
      else watch.behind(abort());
      gone.reject(signal.reason);
    });
    try {
      const end = await Promise.race([ended, gone.promise]);
      if (!end) throw refused("The gateway stops before the sub-agent has finished.");
      return end;
    } finally {
      stopListening();
    }
  }

  /** A task that an earlier process left running. */
  async function takeUp(task: TaskRow): Promise<void> {
    const row = await (task.child_run_id
      ? findRun(db.read, task.child_run_id)
      : runOfTask(db.read, task.child_session_key));
    if (!row && task.child_run_id === "") {
      await watch.keep(
        task.id,
        { status: "interrupted", result: "The gateway stopped before it began." },
        false,
      );
      return watch.tell(task.id);
    }
    const runId = row?.id ?? task.child_run_id;
    if (task.child_run_id === "") await db.write((tx) => setTaskRun(tx, task.id, runId));
    const rights = row?.ended_at === null ? await rightsOf(db, runId) : undefined;
    const live = rights && { follow: () => runs.follow({ caller: rights.caller, runId, stream: false }) };
    await watch.end({ id: task.id, runId, attended: false }, live);
  }

  return {
    bind: (scope) => ({
      spawn: (task, options) => spawn(scope, task, options),
      async list() {
        let left = listedCharacters;
        const tasks = (await tasksOf(db.read, scope.sessionId, listedAtMost)).map((it) => {
          const result = it.result === null ? null : shortened(it.result, left);
          left = Math.max(0, left - (result?.length ?? 0));
          return {
            taskId: it.id,
            label: it.label,
            status: it.status,
            sessionKey: it.child_session_key,
            result,
          };
        });
        return { tasks };
      },
    }),

    async recover() {
      for (const task of await undeliveredTasks(db.read)) {
        if (own.has(task.id)) continue; // a run that was taken up has begun it just now
        watch.behind(task.status === "running" ? takeUp(task) : watch.tell(task.id));
      }
    },

    close: () => watch.close(),
  };
}

function refused(message: string): GatewayError {
  return new GatewayError("conflict", message);
}
