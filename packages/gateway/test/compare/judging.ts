import type { Json } from "../support/gateway.ts";

export interface Refusal {
  message: string;
  param: string;
  code?: string;
}

type Rule = readonly [param: string, isRight: (value: unknown, body: Json) => boolean, message: string];

const between = (low: number, high: number) => (value: unknown) =>
  typeof value === "number" && value >= low && value <= high;

/** What the server insists on, in the manner of its vendors. Unknown parameters are no business of theirs. */
const rules: readonly Rule[] = [
  ["temperature", between(0, 2), "Invalid 'temperature': must be between 0 and 2."],
  ["top_p", between(0, 1), "Invalid 'top_p': must be between 0 and 1."],
  ["n", between(1, 8), "Invalid 'n': at most 8 choices."],
  ["top_logprobs", (it, { logprobs }) => between(0, 20)(it) && logprobs !== false, "Invalid 'top_logprobs'."],
  ["presence_penalty", between(-2, 2), "Invalid 'presence_penalty'."],
  ["frequency_penalty", between(-2, 2), "Invalid 'frequency_penalty'."],
  ["max_tokens", between(1, 1e6), "max_tokens is too large or too small"],
  ["max_completion_tokens", between(1, 1e6), "max_completion_tokens is too large or too small"],
  ["dimensions", between(1, 3072), "Invalid 'dimensions'."],
  ["stop", (it) => !Array.isArray(it) || it.length <= 4, "Invalid 'stop': at most 4 sequences."],
  ["seed", Number.isInteger, "Invalid 'seed': an integer was expected — ganz einfach “eine Zahl”."],
  ["logit_bias", (it) => typeof it === "object" && it !== null, "Invalid 'logit_bias'."],
  ["stream_options", (_, { stream }) => stream === true, "The 'stream_options' parameter needs 'stream'."],
  [
    "tool_choice",
    (_, { tools }) => Array.isArray(tools),
    "'tool_choice' is only allowed when 'tools' are specified.",
  ],
  ["forbidden_parameter", () => false, "Unrecognized request argument supplied: forbidden_parameter"],
];

/** What is wrong with a body; undefined where nothing is. */
export function judge(path: string, body: Json): Refusal | undefined {
  if (path === "/v1/embeddings" && body.input === undefined)
    return {
      message: "Missing required parameter: 'input'.",
      param: "input",
      code: "missing_required_parameter",
    };
  if (path === "/v1/responses" && Array.isArray(body.input)) {
    const called = new Set(body.input.map((it: Json) => it.type === "function_call" && it.call_id));
    const stray = body.input.find(
      (it: Json) => it.type === "function_call_output" && !called.has(it.call_id),
    );
    if (stray) return { message: `No tool call found for call_id ${stray.call_id}.`, param: "input" };
  }
  for (const [param, isRight, message] of rules) {
    if (body[param] !== undefined && body[param] !== null && !isRight(body[param], body))
      return { message, param };
  }
  return undefined;
}
