import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../lib/clock.ts";
import { onAbort } from "../../lib/signals.ts";
import type { CommandResult } from "../../runtime/tools/ports.ts";
import type { Launched, OnOutput } from "./launch.ts";
import { createEnds } from "./output.ts";

/** What is kept of each of the two streams. */
const headBytes = 16_384;
const tailBytes = 32_768;

export interface Foreground {
  clock: Clock;
  timeoutMs: number;
  signals: readonly AbortSignal[];
  onOutput(text: string): void;
  start(onOutput: OnOutput): Launched;
}

/** Waits for a command. It ends with its time limit, or with the first of the signals, whose reason is then thrown. */
export async function waitFor(wish: Foreground): Promise<CommandResult> {
  for (const signal of wish.signals) signal.throwIfAborted();
  const streams = { stdout: open(), stderr: open() };
  const startedAt = wish.clock.now();
  const launched = wish.start((chunk, name) => {
    const { ends, decoder } = streams[name];
    ends.push(chunk);
    const text = decoder.write(chunk);
    if (text !== "") wish.onOutput(text);
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    launched.stop();
  }, wish.timeoutMs);
  const listening = wish.signals.map((signal) => onAbort(signal, launched.stop));
  try {
    const { exitCode, signal } = await launched.ended;
    for (const it of wish.signals) it.throwIfAborted();
    const [stdout, stderr] = [streams.stdout.ends.read(), streams.stderr.ends.read()];
    return {
      exitCode,
      signal,
      stdout: stdout.text,
      stderr: stderr.text,
      truncated: stdout.dropped + stderr.dropped,
      timedOut,
      ms: wish.clock.now() - startedAt,
    };
  } finally {
    clearTimeout(timer);
    for (const stop of listening) stop();
  }
}

function open() {
  return { ends: createEnds(headBytes, tailBytes), decoder: new StringDecoder("utf8") };
}
