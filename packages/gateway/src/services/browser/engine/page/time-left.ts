import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";

/** Kept back of the time that is left, for finding out why something did not work, ms. */
const spare = 1_500;

/**
 * How long a step may wait, ms: what is left until the deadline but for a rest, and no more than `atMost`. Throws what
 * the signal was aborted with, or `timeout` where nothing is left.
 */
export function timeLeft(doing: Doing, atMost = Number.POSITIVE_INFINITY): number {
  doing.signal.throwIfAborted();
  const left = doing.deadline - Date.now();
  if (left <= 0) throw new GatewayError("timeout", "The time for this action was up before it was done.");
  return Math.max(1, Math.floor(Math.min(atMost, left - Math.min(spare, left / 4))));
}
