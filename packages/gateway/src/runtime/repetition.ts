import type { ModelToolCall } from "./models/types.ts";
import type { ToolOutcome } from "./tools/call.ts";

/** The same call with the same result this often, and it is not made again. */
const sameAtMost = 4;
/** Refused this often, a run is stuck. */
const refusedAtMost = 3;
const callsKept = 200;

/** Notices that a model goes round in circles. */
export interface Repetition {
  /** Why the call is not worth making again; undefined: it is. */
  refuse(call: ModelToolCall): string | undefined;
  /** What a call has given. */
  note(call: ModelToolCall, outcome: ToolOutcome): void;
  /** Whether the model goes on with what was refused. */
  isStuck(): boolean;
}

export function createRepetition(): Repetition {
  const seen = new Map<string, { result: string; times: number }>();
  let refused = 0;
  const keyOf = (call: ModelToolCall) => `${call.name} ${call.arguments}`;
  return {
    refuse(call) {
      const times = seen.get(keyOf(call))?.times ?? 0;
      if (times < sameAtMost) return undefined;
      refused += 1;
      return `This very call has been made ${times} times with the same result. Do something else, or tell the user what is in the way.`;
    },
    note(call, { result }) {
      const key = keyOf(call);
      const text = JSON.stringify(result) ?? "null";
      const before = seen.get(key);
      const times = before?.result === text ? before.times + 1 : 1;
      seen.delete(key); // the newest stand last
      seen.set(key, { result: text, times });
      const oldest = seen.size > callsKept ? seen.keys().next().value : undefined;
      if (oldest !== undefined) seen.delete(oldest);
    },
    isStuck: () => refused >= refusedAtMost,
  };
}
