import type { StreamRules } from "./event-source.ts";

type Json = Record<string, unknown>;

const lastEvents = new Set<unknown>(["response.completed", "response.incomplete", "response.failed"]);
const isLast = ({ type }: Json): boolean => lastEvents.has(type);

/**
 * How a streamed response ends: with an event of the whole response, `response.failed` among them, which is no
 * failure of the stream. https://developers.openai.com/api/reference/resources/responses/streaming-events
 */
export const responsesStream: StreamRules = {
  finishes: isLast,
  ends: isLast,
  errorIn: (event) => {
    if (event.type === "error") return responsesError(event.error || event);
    return event.error && event.object !== "response" ? responsesError(event.error) : undefined;
  },
  fromWhole: (response) => (response.object === "response" ? asEvents(response) : undefined),
};

/** The statuses that OpenAI's error codes stand for; it sends them without. */
const statuses: readonly (readonly [RegExp, number])[] = [
  [/rate_limit|insufficient_quota/, 429],
  [/authentication|invalid_api_key/, 401],
  [/permission/, 403],
  [/image|invalid|bad_request|context_length/, 400],
  [/not_found/, 404],
  [/overload/, 503],
  [/timeout/, 504],
];

/** An error object of the provider with its status, as `Failures.ofObject` takes it. */
export function responsesError(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  const { code, type, status } = error as Json; // just checked
  if (status !== undefined || typeof code === "number") return error;
  const sign = `${code ?? ""} ${type ?? ""}`;
  const known = statuses.find(([pattern]) => pattern.test(sign));
  return known ? { ...error, status: known[1] } : error;
}

/** A whole response as the events that a stream of it has. */
function asEvents(response: Json): Json[] {
  const { status } = response;
  const end =
    status === "incomplete" ? status : status === "failed" || status === "cancelled" ? "failed" : "completed";
  const output: (Json | null)[] = Array.isArray(response.output) ? response.output : [];
  const events: Json[] = [
    { type: "response.created", response: { ...response, status: "in_progress", output: [], usage: null } },
  ];
  output.forEach((item, at) => {
    if (item) events.push(...itemEvents(item, at));
  });
  events.push({ type: `response.${end}`, response });
  return events.map((event, sequence) => ({ ...event, sequence_number: sequence }));
}

function itemEvents(item: Json, at: number): Json[] {
  const place = { item_id: item.id, output_index: at };
  const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(Boolean) : []);
  const events: Json[] = [];
  const say = (name: string, more: Json): number =>
    events.push({ type: `response.${name}`, ...place, ...more });
  /** A text as its delta and its end. */
  const tell = (name: string, where: Json, field: string, text: unknown): void => {
    if (typeof text !== "string") return;
    say(`${name}.delta`, { ...where, delta: text });
    say(`${name}.done`, { ...where, [field]: text });
  };
  let started = item;
  if (item.type === "function_call") {
    started = { ...item, arguments: "" };
    tell("function_call_arguments", {}, "arguments", item.arguments);
  } else if (item.type === "message" || item.type === "reasoning") {
    started = {
      ...item,
      ...("summary" in item && { summary: [] }),
      ...("content" in item && { content: [] }),
    };
    list(item.summary).forEach((part, index) => {
      const where = { summary_index: index };
      say("reasoning_summary_part.added", { ...where, part: { ...part, text: "" } });
      tell("reasoning_summary_text", where, "text", part.text);
      say("reasoning_summary_part.done", { ...where, part });
    });
    list(item.content).forEach((part, index) => {
      const where = { content_index: index };
      const field = part.type === "refusal" ? "refusal" : "text";
      say("content_part.added", { ...where, part: { ...part, [field]: "" } });
      tell(part.type === "refusal" ? "refusal" : String(part.type), where, field, part[field]);
      say("content_part.done", { ...where, part });
    });
  }
  return [
    { type: "response.output_item.added", output_index: at, item: { ...started, status: "in_progress" } },
    ...events,
    { type: "response.output_item.done", output_index: at, item },
  ];
}
