import { type Clock, isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import { onAbort } from "../../lib/signals.ts";
import type { CommandPort, ProcessView } from "../../runtime/tools/ports.ts";
import type { Launched, OnOutput } from "./launch.ts";
import { createRing, type Ring, skipPartial, wholeLength } from "./output.ts";

const mostPerSession = 8;
const mostInAll = 64;
/** Those that have ended stay readable this long, ms; of each session as many as may run. */
const keptMs = 600_000;
const ringBytes = 262_144;
const readBytes = 65_536;
const longestWaitMs = 60_000;
/** Most bytes written to a process that it has not read yet. */
const mostUnread = 1_048_576;

interface Process {
  readonly view: ProcessView;
  readonly sessionId: number;
  readonly launched: Launched;
  readonly ring: Ring;
  readonly timer: NodeJS.Timeout | undefined;
  endedAt: number | undefined;
  /** Called when there is something new. */
  readonly waiting: Set<() => void>;
}

export interface NewProcess {
  readonly sessionId: number;
  readonly argv: readonly string[];
  readonly sandbox: ProcessView["sandbox"];
  /** ms; undefined: it runs until it ends or is killed. */
  readonly timeoutMs: number | undefined;
  start(onOutput: OnOutput): Launched;
}

/** Commands in the background. They belong to their session: no other sees them. */
export interface Processes {
  start(wish: NewProcess): ProcessView;
  /** What a session may do with its own. Shut in, it writes to nothing that runs bare. */
  of(sessionId: number, sandboxed: boolean): Omit<CommandPort, "prepare">;
  /** Kills those of a session and forgets them. */
  endSession(sessionId: number): Promise<void>;
  close(): Promise<void>;
}

export function createProcesses({ clock, ids }: { clock: Clock; ids: MakeId }): Processes {
  const all = new Map<string, Process>();

  function ofSession(sessionId: number): Process[] {
    const now = clock.now();
    for (const [id, it] of all) if (it.endedAt !== undefined && now - it.endedAt >= keptMs) all.delete(id);
    return [...all.values()].filter((it) => it.sessionId === sessionId);
  }

  function find(sessionId: number, processId: string): Process {
    const found = ofSession(sessionId).find((it) => it.view.processId === processId);
    if (found) return found;
    throw new GatewayError(
      "not_found",
      `This session has no background process ${JSON.stringify(processId.slice(0, 100))}; the action list shows those it has.`,
      { param: "processId" },
    );
  }

  /** Makes room among those that have ended: the oldest go first. */
  function trim(processes: Iterable<Process>, most: number): void {
    const ended = [...processes].filter((it) => it.endedAt !== undefined);
    for (const it of ended.slice(0, Math.max(0, ended.length - most))) all.delete(it.view.processId);
  }

  function stopAll(processes: readonly Process[]): Promise<unknown> {
    for (const it of processes) it.launched.stop();
    return Promise.allSettled(processes.map((it) => it.launched.ended));
  }

  return {
    start({ sessionId, argv, sandbox, timeoutMs, start }) {
      const isRunning = (it: Process) => it.endedAt === undefined;
      const [own, everybodys] = [ofSession(sessionId).filter(isRunning), [...all.values()].filter(isRunning)];
      if (own.length >= mostPerSession || everybodys.length >= mostInAll) {
        throw new GatewayError(
          "rate_limited",
          own.length >= mostPerSession
            ? `${mostPerSession} background processes of this session are running, and that is the most. Kill one first.`
            : `${mostInAll} background processes are running on this gateway, and that is the most. Try later.`,
        );
      }
      const ring = createRing(ringBytes);
      const waiting = new Set<() => void>();
      const news = () => {
        for (const wake of [...waiting]) wake();
      };
      const launched = start((chunk) => {
        ring.push(chunk);
        news();
      });
      const view: ProcessView = {
        processId: ids("process"),
        argv,
        sandbox,
        status: "running",
        exitCode: null,
        signal: null,
        startedAt: isoTime(clock.now()),
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(launched.stop, timeoutMs);
      const process: Process = { view, sessionId, launched, ring, timer, endedAt: undefined, waiting };
      all.set(view.processId, process);
      const ended = (ending: Pick<ProcessView, "exitCode" | "signal">) => {
        clearTimeout(timer);
        Object.assign(view, { status: "ended", ...ending });
        process.endedAt = clock.now();
        trim(ofSession(sessionId), mostPerSession);
        trim(all.values(), mostInAll);
        news();
      };
      launched.ended.then(ended, () => ended({ exitCode: null, signal: null }));
      return { ...view };
    },

    of: (sessionId, sandboxed) => ({
      list: async () => ofSession(sessionId).map((it) => ({ ...it.view })),

      async output(processId, { from = 0, waitMs = 0, signal }) {
        const process = find(sessionId, processId);
        if (process.ring.size <= from && process.endedAt === undefined && waitMs > 0) {
          await somethingNew(process, Math.min(waitMs, longestWaitMs), signal);
        }
        const read = process.ring.read(from, readBytes);
        const skipped = read.from > 0 ? skipPartial(read.bytes) : 0;
        const rest = read.bytes.subarray(skipped);
        const isLast = process.endedAt !== undefined && read.from + read.bytes.length === process.ring.size;
        const whole = isLast ? rest : rest.subarray(0, wholeLength(rest));
        return {
          ...process.view,
          output: whole.toString("utf8"),
          next: read.from + skipped + whole.length,
          dropped: read.dropped,
        };
      },

      async write(processId, text, end) {
        const { view, launched } = find(sessionId, processId);
        const { stdin } = launched;
        if (sandboxed && view.sandbox === "none") {
          throw new GatewayError(
            "forbidden",
            "This process is not shut in, and you are: you cannot write to it.",
          );
        }
        if (view.status === "ended" || !stdin || stdin.destroyed || stdin.writableEnded) {
          throw new GatewayError("conflict", "This process no longer reads its input.");
        }
        if (stdin.writableLength + text.length > mostUnread) {
          throw new GatewayError(
            "conflict",
            "This process has not yet read what was written before. Wait for it.",
          );
        }
        if (text !== "") stdin.write(text);
        if (end) stdin.end();
      },

      async kill(processId) {
        const process = find(sessionId, processId);
        await stopAll([process]);
        return { ...process.view };
      },
    }),

    async endSession(sessionId) {
      const own = ofSession(sessionId);
      await stopAll(own);
      for (const it of own) all.delete(it.view.processId);
    },

    async close() {
      await stopAll([...all.values()]);
      all.clear();
    },
  };
}

/** Waits until a process says something or ends; no longer than told. */
async function somethingNew({ waiting }: Process, waitMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  const stopListening = onAbort(signal, resolve);
  waiting.add(resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    stopListening();
    waiting.delete(resolve);
  }
  signal.throwIfAborted();
}
