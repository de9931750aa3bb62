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

/** Most characters of an error's text in the log, and most causes behind it. */
const longestText = 4_000;
const mostCauses = 3;

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
      serializers: { err: (thrown: unknown) => errorFields(thrown) },
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

/** An error as the log has it, causes included. These fields alone: foreign errors drag whole requests along. */
export function errorFields(thrown: unknown, causesLeft = mostCauses): unknown {
  if (!(thrown instanceof Error)) return String(thrown).slice(0, longestText);
  const { name, message, stack, cause } = thrown;
  return {
    type: name,
    message: message.slice(0, longestText),
    ...("code" in thrown && { code: String(thrown.code) }),
    stack: stack?.slice(0, longestText),
    ...(cause !== undefined && causesLeft > 0 && { cause: errorFields(cause, causesLeft - 1) }),
  };
}
