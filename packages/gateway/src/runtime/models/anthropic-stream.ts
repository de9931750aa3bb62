import type { StreamRules } from "./event-source.ts";

type Json = Record<string, unknown>;

/** The statuses that errors would have, had they come before the answer: https://platform.claude.com/docs/en/api/errors */
const statuses: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** How a streamed message ends and fails: https://platform.claude.com/docs/en/build-with-claude/streaming */
export const messageStream: StreamRules = {
  finishes: ({ type, delta }) => type === "message_delta" && object(delta).stop_reason != null,
  ends: ({ type }) => type === "message_stop",
  errorIn({ type, error }) {
    if (type !== "error" && !error) return undefined;
    const told = typeof error === "string" ? { message: error } : object(error);
    return { status: statuses[String(told.type)], ...told };
  },
  fromWhole: (message) => (message.type === "message" ? eventsOf(message) : undefined),
};

/** A whole message as the events that say the same. */
function eventsOf({ content, stop_reason, stop_sequence, usage, ...rest }: Json): Json[] {
  const message = { ...rest, content: [], stop_reason: null, stop_sequence: null, usage };
  const blocks: unknown[] = Array.isArray(content) ? content : [];
  return [
    { type: "message_start", message },
    ...blocks.flatMap((it, index) => blockEvents(object(it), index)),
    { type: "message_delta", delta: { stop_reason, stop_sequence }, usage },
    { type: "message_stop" },
  ];
}

function blockEvents(block: Json, index: number): Json[] {
  const { empty, deltas } = inPieces(block);
  return [
    { type: "content_block_start", index, content_block: { ...block, ...empty } },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

/** What of a block comes by and by. */
function inPieces({ type, text, thinking, signature, input }: Json): { empty: Json; deltas: Json[] } {
  switch (type) {
    case "text":
      return { empty: { text: "" }, deltas: [{ type: "text_delta", text }] };
    case "thinking":
      return {
        empty: { thinking: "", signature: "" },
        deltas: [
          { type: "thinking_delta", thinking },
          { type: "signature_delta", signature },
        ],
      };
    case "tool_use":
      return {
        empty: { input: {} },
        deltas: [{ type: "input_json_delta", partial_json: JSON.stringify(input ?? {}) }],
      };
    default:
      return { empty: {}, deltas: [] };
  }
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {}; // just checked
}
