import { GatewayError } from "../../../../lib/errors.ts";

/** What callers are told that wait for a browser. */

export function stillQueued(maxBrowsers: number): GatewayError {
  const all = maxBrowsers === 1 ? "The one browser that may run is" : `All ${maxBrowsers} browsers are`;
  return new GatewayError(
    "rate_limited",
    `${all} in use, and no room came free in time. Try again, stop one with browser.stop, or raise browser.maxBrowsers.`,
    { retryAfterMs: 5_000 },
  );
}

export function stillStarting(): GatewayError {
  return new GatewayError(
    "timeout",
    "The browser was still starting when the time was over. Try again: it goes on starting meanwhile.",
  );
}

export function stillEnding(): GatewayError {
  return new GatewayError("timeout", "The browser was still ending when the time was over. Try again.");
}

export function shuttingDown(): GatewayError {
  return new GatewayError("service_unavailable", "The gateway is shutting down.");
}

export function endsAgainAndAgain(): GatewayError {
  return new GatewayError(
    "service_unavailable",
    "The browser has ended again and again right after its start. Try again later.",
  );
}

/** A failure at the start that nobody has put into words yet. */
export function notStarted(error: unknown, profile: string): unknown {
  if (error instanceof GatewayError) return error;
  const code = (error as { code?: unknown } | undefined)?.code; // as errors of the system have it
  const what = typeof code === "string" ? ` (${code})` : "";
  return new GatewayError(
    "service_unavailable",
    `The browser of the profile "${profile}" could not be started${what}. The gateway's log says more.`,
    { cause: error },
  );
}
