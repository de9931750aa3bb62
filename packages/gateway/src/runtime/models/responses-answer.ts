import type { Failures } from "./failures.ts";
import { responsesUsage } from "./pass-usage.ts";
import { createCallReader } from "./responses-calls.ts";
import { responsesError } from "./responses-stream.ts";
import { createThoughtReader } from "./responses-thoughts.ts";
import type { ModelEvent, ToolSchema } from "./types.ts";

type Json = Record<string, unknown>;
type Finish = Extract<ModelEvent, { type: "finish" }>;

/** Turns the events of one response into ours. Kinds of items and events that it does not know are passed over. */
export interface ResponseReader {
  take(event: Json, events: ModelEvent[]): void;
  /** What is left to say once the stream has ended. */
  end(): ModelEvent[];
}

export function createResponseReader(failures: Failures, tools: readonly ToolSchema[]): ResponseReader {
  const calls = createCallReader(tools);
  const thoughts = createThoughtReader();
  let said = false; // whether text of the message that is open has come in deltas
  let begun = false; // whether any item has come
  let refused = false;
  let final: Json | undefined;

  const takeText = (delta: unknown, events: ModelEvent[]): void => {
    if (typeof delta !== "string" || delta === "") return;
    begun = true;
    said = true;
    events.push({ type: "text", delta });
  };

  const takeItem = (place: unknown, item: Json, events: ModelEvent[]): void => {
    begun = true;
    switch (item.type) {
      case "function_call":
        calls.done(place, item, events);
        break;
      case "reasoning":
        thoughts.done(item, events);
        break;
      case "message": {
        const parts: unknown[] = Array.isArray(item.content) ? item.content : [];
        const whole = !said;
        for (const part of parts.map(object)) {
          if (part.type === "refusal") refused = true;
          if (whole) takeText(part.type === "refusal" ? part.refusal : part.text, events);
        }
        said = false;
      }
    }
  };

  const takeLast = (response: Json, events: ModelEvent[]): void => {
    final = response;
    if (!begun && Array.isArray(response.output)) {
      for (const [at, item] of response.output.entries()) takeItem(at, object(item), events);
    }
  };

  return {
    take(event, events) {
      switch (event.type) {
        case "response.output_text.delta":
          takeText(event.delta, events);
          break;
        case "response.refusal.delta":
          refused = true;
          takeText(event.delta, events);
          break;
        case "response.reasoning_summary_text.delta":
          begun = true;
          thoughts.delta(event.item_id, event.summary_index, event.delta, events);
          break;
        case "response.reasoning_text.delta":
          begun = true;
          thoughts.delta(event.item_id, `text ${event.content_index}`, event.delta, events);
          break;
        case "response.function_call_arguments.delta":
          calls.delta(placeOf(event), event.delta, events);
          break;
        case "response.function_call_arguments.done":
          calls.written(placeOf(event), event.arguments, events);
          break;
        case "response.output_item.added": {
          const item = object(event.item);
          begun = true;
          if (item.type !== "reasoning") thoughts.end(events);
          if (item.type === "function_call") calls.begin(placeOf(event), item, events);
          break;
        }
        case "response.output_item.done":
          takeItem(placeOf(event), object(event.item), events);
          break;
        case "response.completed":
        case "response.incomplete":
          takeLast(object(event.response), events);
          break;
        case "response.failed": {
          const response = object(event.response);
          const reason = object(response.incomplete_details).reason;
          if (response.error || !reason) throw failures.ofObject(responsesError(response.error));
          takeLast(response, events);
        }
      }
    },
    end() {
      if (final === undefined) throw failures.cut();
      const events: ModelEvent[] = [];
      thoughts.end(events);
      calls.end(events);
      const reason = reasonOf(object(final.incomplete_details).reason, calls.count > 0, refused);
      events.push({ type: "finish", reason, usage: responsesUsage(final.usage) ?? noUsage });
      return events;
    },
  };
}

const noUsage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };

function reasonOf(incomplete: unknown, called: boolean, refused: boolean): Finish["reason"] {
  if (incomplete === "max_output_tokens") return "length";
  if (incomplete === "content_filter") return "content_filter";
  if (called) return "tool_calls";
  return refused ? "content_filter" : "stop";
}

/** Which item an event is about. Some servers give an item another id in every event. */
function placeOf({ output_index, item_id, item }: Json): unknown {
  return output_index ?? item_id ?? object(item).id;
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {}; // just checked
}
