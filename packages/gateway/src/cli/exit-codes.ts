/** The documented exit codes. */
export const exitCodes = {
  ok: 0,
  general: 1,
  config: 2,
  network: 3,
  auth: 4,
  timeout: 5,
  interrupted: 130,
} as const;

/** A failure as the command line tells it. */
export interface Failure {
  exitCode: number;
  error: { code: string; message: string; param?: string; requestId?: string };
}

/** A command was used wrongly, or cannot do what was asked of it. */
export class UsageError extends Error {
  readonly exitCode = exitCodes.general;

  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Any error of a command as exit code, code and sentence. `program` is what the user types to start us. */
export async function describeFailure(error: unknown, program: string): Promise<Failure> {
  if (!(error instanceof Error)) return failure(exitCodes.general, "error", String(error));
  if (error.name === "ConfigError") return failure(exitCodes.config, "invalid_config", error.message);
  if (error.name === "TimeoutError") {
    return failure(exitCodes.timeout, "timeout", "The gateway did not answer in time. Try again.");
  }
  const { ConnectionError, OpenClawError } = await import("openclaw-client");
  if (error instanceof ConnectionError) {
    const message = `Gateway is not running: ${lowerFirst(error.message)} To start it: ${program} gateway run`;
    return failure(exitCodes.network, "connection_error", message);
  }
  if (error instanceof OpenClawError) {
    const { code, message, param, requestId } = error;
    return {
      exitCode: codeOf(code),
      error: { code, message, ...(param && { param }), ...(requestId && { requestId }) },
    };
  }
  return failure(exitCodes.general, "error", error.message);
}

function codeOf(code: string): number {
  if (code === "unauthorized" || code === "forbidden") return exitCodes.auth;
  return code === "timeout" ? exitCodes.timeout : exitCodes.general;
}

function failure(exitCode: number, code: string, message: string): Failure {
  return { exitCode, error: { code, message } };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
