import type { StreamRules } from "./event-source.ts";

type Json = Record<string, unknown>;

/** How a streamed completion ends: by `[DONE]`, or for some providers by the end of the body after a finish reason. */
export const chatStream: StreamRules = {
  finishes: ({ choices }) =>
    Array.isArray(choices) && choices.some((it: Json | null) => it?.finish_reason != null),
  errorIn: ({ error }) => error || undefined,
  fromWhole: (completion) => (Array.isArray(completion.choices) ? [asChunk(completion)] : undefined),
};

/** A whole completion as the one chunk that says the same. */
function asChunk(completion: Json): Json {
  const choices = (completion.choices as Json[]).map(({ message, ...choice }) => {
    const delta = { ...(message as Json | undefined) }; // a message and a delta have the same fields
    const calls = delta.tool_calls;
    if (Array.isArray(calls)) delta.tool_calls = calls.map((call: Json, index) => ({ index, ...call }));
    return { ...choice, delta };
  });
  return { ...completion, object: "chat.completion.chunk", choices };
}
