import pino, { type Logger } from "pino";

/** Structured logs: `log.info({ facts }, "what happened")`. */
export type Log = Logger;

export interface OpenLog {
  log: Log;
  /** Writes what waits, for good. */
  close(): void;
}

/** Fields that never reach the log, wherever they turn up. `Secret`s print as `***` by themselves. */
const redacted = ["token", "password", "apiKey", "authorization", "cookie", "secret"].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/** Lines are written together: up to this many bytes, or once a second. */
const blockBytes = 4096;
const flushEveryMs = 1_000;

/** Logs as JSON lines on standard error. */
export function openLog(level: string): OpenLog {
  const destination = pino.destination({ dest: 2, sync: false, minLength: blockBytes });
  destination.on("error", () => {}); // nobody reads standard error any more: that must not end the gateway
  const timer = setInterval(() => destination.flush(), flushEveryMs).unref();
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: redacted, censor: "***" },
    },
    destination,
  );
  return {
    log,
    close() {
      clearInterval(timer);
      try {
        destination.flushSync();
      } catch {} // the reader is gone, or the file was never opened
    },
  };
}
