import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** A command as it is started: nothing in it is parsed by a shell. */
export interface Launch {
  /** The first word is an absolute path. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Text: all there is; `open`: to be written to; else it is empty. */
  readonly stdin?: { readonly text: string } | "open" | undefined;
  /** The container to be killed with it. */
  readonly container?: { readonly docker: string; readonly name: string } | undefined;
  /** A control group's file that it joins by writing itself into it. */
  readonly group?: string | undefined;
}

export interface Ending {
  exitCode: number | null;
  signal: string | null;
}

export interface Launched {
  readonly stdin: Writable | null;
  /** Resolves when it has ended and what it said is read. Rejects if it could not be started. */
  readonly ended: Promise<Ending>;
  /** Asks it to end, with all that it started; what has not after 2 s is killed. */
  stop(): void;
}

export type OnOutput = (chunk: Buffer, stream: "stdout" | "stderr") => void;

const killAfterMs = 2_000;
/** How long a process that left the group may hold the output open after the end. */
const closeAfterMs = 1_000;

/** A stream that gives more than this at once rests for a moment, so that a flood does not take all of the gateway's time. */
const gulp = 262_144;
const restMs = 5;

/**
 * Starts a command in a process group of its own, with a death-watch: a process of that group that does nothing but
 * hold the end of a pipe from the gateway. When the pipe closes, because the command has ended, is to be killed, or
 * the gateway itself is gone by whatever signal, the watch kills the group. It is there before the command is, so there
 * is no moment at which the command could be left over; and as long as it is there, no other group can have its id.
 *
 * What leaves the group on purpose (`setsid`) is not followed, unless a sandbox holds it.
 */
export function launch(command: Launch, onOutput: OnOutput): Launched {
  const { container, group, stdin } = command;
  const before = [
    ...(container ? [container.docker, container.name] : []),
    ...(group === undefined ? [] : [group]),
  ];
  const child = spawn("/bin/sh", ["-c", script(command), "sh", ...before, ...command.argv], {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe", "pipe"],
  });
  const lifeline = child.stdio[3] as Writable; // a pipe, as asked for above
  const ignore = () => {}; // the other end may go at any time: its exit is what counts
  lifeline.on("error", ignore);
  child.stdin?.on("error", ignore);
  if (typeof stdin === "object") child.stdin?.end(stdin.text);
  const rests = [
    readGently(child.stdout as Readable, (chunk) => onOutput(chunk, "stdout")), // pipes, as asked for above
    readGently(child.stderr as Readable, (chunk) => onOutput(chunk, "stderr")),
  ];

  let hasExited = false;
  let timer: NodeJS.Timeout | undefined;
  const signal = (name: NodeJS.Signals) => {
    if (hasExited || child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch {} // gone already, or another user's by now
  };
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => {
      hasExited = true;
      lifeline.destroy();
      clearTimeout(timer);
      timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, closeAfterMs);
    });
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal }));
  }).finally(() => {
    clearTimeout(timer);
    for (const stop of rests) stop();
    lifeline.destroy();
  });

  let isStopping = false;
  return {
    stdin: child.stdin,
    ended,
    stop() {
      if (isStopping || hasExited) return;
      isStopping = true;
      signal("SIGTERM");
      timer = setTimeout(() => {
        lifeline.destroy();
        // The watch does it now; this is for a command that has killed its watch.
        timer = setTimeout(() => signal("SIGKILL"), killAfterMs);
      }, killAfterMs);
    },
  };
}

/** The words of the command are positional parameters: the shell runs this text and nothing else, and becomes the command. */
function script({ container, group }: Launch): string {
  return [
    `( trap '' TERM INT HUP; read -r _; ${container ? '"$1" kill "$2"; ' : ""}kill -KILL 0 ) <&3 >/dev/null 2>&1 3<&- &`,
    "exec 3<&-",
    ...(container ? ["shift 2"] : []),
    ...(group === undefined ? [] : ['echo $$ >"$1" || exit 126', "shift"]),
    'exec "$@"',
  ].join("\n");
}

/** Reads a stream, with rests. Returns the way to leave it. */
function readGently(stream: Readable, onChunk: (chunk: Buffer) => void): () => void {
  let sinceRest = 0;
  let timer: NodeJS.Timeout | undefined;
  stream.on("error", () => {});
  stream.on("data", (chunk: Buffer) => {
    onChunk(chunk);
    sinceRest += chunk.length;
    if (sinceRest < gulp) return;
    sinceRest = 0;
    stream.pause();
    clearTimeout(timer);
    timer = setTimeout(() => stream.resume(), restMs);
  });
  return () => clearTimeout(timer);
}
