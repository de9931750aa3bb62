import { exitCodes } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

const ending = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** npm and a terminal each pass on the same Ctrl+C: within this time, ms, a second signal is the first one's echo. */
const echoMs = 250;

/** Waits for a signal, then for `close`. A second signal ends the process at once, with exit code 1. */
export async function stopped(
  terminal: Pick<Terminal, "signals" | "exit">,
  close: () => Promise<void>,
  now: () => number = performance.now.bind(performance),
): Promise<void> {
  let first: number | undefined;
  let wake = () => {};
  const signalled = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const onSignal = () => {
    if (first === undefined) {
      first = now();
      wake();
    } else if (now() - first > echoMs) {
      terminal.exit(exitCodes.general);
    }
  };
  for (const signal of ending) terminal.signals.on(signal, onSignal);
  try {
    await signalled;
    await close();
  } finally {
    for (const signal of ending) terminal.signals.removeListener(signal, onSignal);
  }
}
