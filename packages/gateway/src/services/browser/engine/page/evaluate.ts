import { errors } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import { redactAll } from "../base/redact.ts";
import type { Tab } from "../base/tab.ts";
import { grouped, plain } from "../base/words.ts";
import { timeLeft } from "./time-left.ts";

/** Largest value, as JSON, characters. */
const valueAtMost = 256 * 1024;

/**
 * Runs an expression in the page and gives its value, awaited, as JSON would keep it; what JSON cannot keep is null.
 * Throws `invalid_request` (`expression`) with the page's own message for what throws, and for values that are too large.
 */
export async function evaluate(tab: Tab, expression: string, doing: Doing): Promise<unknown> {
  const answer = await inTime(tab.page.evaluate(runIt, { expression, atMost: valueAtMost }), doing);
  if ("error" in answer) {
    throw new GatewayError("invalid_request", `The script failed: ${plain(answer.error, 500)}`, {
      param: "expression",
    });
  }
  if ("size" in answer) {
    throw new GatewayError(
      "invalid_request",
      `The script's value is too large: ${grouped(answer.size)} characters of JSON, where ${grouped(valueAtMost)} are the most. Return less.`,
      { param: "expression" },
    );
  }
  const value: unknown = answer.json === undefined ? null : JSON.parse(answer.json);
  return redactAll(value, tab.secrets);
}

type Answer = { json: string | undefined } | { size: number } | { error: string };

/** Runs in the page. Errors are caught there, so that none of Playwright's messages has to be read. */
async function runIt({ expression, atMost }: { expression: string; atMost: number }): Promise<Answer> {
  try {
    // biome-ignore lint/security/noGlobalEval: it is what the caller asked for, in the page and nowhere else
    let value: unknown = await globalThis.eval(expression);
    if (typeof value === "function") value = await value();
    const json = JSON.stringify(value);
    if (json !== undefined && json.length > atMost) return { size: json.length };
    return { json };
  } catch (thrown) {
    return {
      error:
        thrown instanceof Error
          ? `${thrown.name}: ${thrown.message}`.slice(0, 1_000)
          : String(thrown).slice(0, 1_000),
    };
  }
}

/** A script that never ends ends with its time: Playwright's `evaluate` knows no limit of its own. */
async function inTime<T>(answer: Promise<T>, doing: Doing): Promise<T> {
  const limit = AbortSignal.any([doing.signal, AbortSignal.timeout(timeLeft(doing))]);
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void =>
    reject(
      doing.signal.aborted
        ? doing.signal.reason
        : new GatewayError(
            "timeout",
            "The script did not end within its time. The page may be busy with it still.",
          ),
    );
  limit.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([answer, promise]);
  } catch (thrown) {
    if (thrown instanceof errors.TimeoutError) stop();
    throw thrown;
  } finally {
    limit.removeEventListener("abort", stop);
  }
}
