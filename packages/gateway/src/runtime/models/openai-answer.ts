import type { Failures } from "./failures.ts";
import { readUsage } from "./openai-usage.ts";
import type { ModelEvent, ModelToolCall } from "./types.ts";

type Json = Record<string, unknown>;
type Finish = Extract<ModelEvent, { type: "finish" }>;

/** Turns the chunks of one completion into our events. */
export interface AnswerReader {
  take(chunk: Json, events: ModelEvent[]): void;
  /** What is left to say once the stream has ended. */
  end(): ModelEvent[];
}

interface OpenCall extends ModelToolCall {
  /** The provider's own index, if it gives any. */
  place: number | undefined;
  /** Ours, from the moment when the name is known; -1 before. */
  index: number;
}

const reasons: Record<string, Finish["reason"]> = {
  length: "length",
  max_tokens: "length",
  content_filter: "content_filter",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
};

export function createAnswerReader(failures: Failures, random: () => number): AnswerReader {
  const calls: OpenCall[] = [];
  let thinking = "";
  let reason: string | undefined;
  let usage: unknown;

  const endThinking = (events: ModelEvent[]): void => {
    if (thinking === "") return;
    events.push({ type: "reasoning", block: { text: thinking } });
    thinking = "";
  };

  const takeCall = (piece: Json, events: ModelEvent[]): void => {
    const place = typeof piece.index === "number" ? piece.index : undefined;
    const id = filled(piece.id);
    const { name: rawName, arguments: written } = asObject(piece.function);
    const name = filled(rawName);
    const text = typeof written === "string" ? written : written == null ? "" : JSON.stringify(written);

    let call = findCall(calls, place, id, name !== undefined);
    if (call === undefined) {
      call = { place, index: -1, id: "", name: "", arguments: "" };
      calls.push(call);
    }
    call.arguments += text;
    call.id ||= id ?? "";
    let delta = text;
    // Until the name is known the pieces are only kept: our events carry id and name from the first on.
    if (call.index < 0) {
      if (name === undefined) return;
      call.name = name;
      call.id ||= makeCallId(random);
      call.index = calls.filter((it) => it.index >= 0).length;
      delta = call.arguments;
    }
    events.push({ type: "tool.delta", index: call.index, id: call.id, name: call.name, delta });
  };

  return {
    take(chunk, events) {
      usage = asObject(chunk.x_groq).usage ?? chunk.usage ?? usage; // the last one counts
      const choices = chunk.choices;
      if (!Array.isArray(choices)) return;
      for (const item of choices) {
        const choice = asObject(item);
        const delta = asObject(choice.delta ?? choice.message);
        const thought = delta.reasoning_content ?? delta.reasoning;
        if (typeof thought === "string" && thought !== "") {
          thinking += thought;
          events.push({ type: "thinking", delta: thought });
        }
        for (const text of [delta.content, delta.refusal]) {
          if (typeof text !== "string" || text === "") continue;
          endThinking(events);
          events.push({ type: "text", delta: text });
        }
        if (Array.isArray(delta.tool_calls)) {
          if (delta.tool_calls.length > 0) endThinking(events);
          for (const piece of delta.tool_calls) takeCall(asObject(piece), events);
        }
        const finish = choice.finish_reason;
        if (finish === "error") throw failures.ofObject(choice.error ?? "The model stopped with an error.");
        if (typeof finish === "string") reason = finish;
      }
    },
    end() {
      const events: ModelEvent[] = [];
      endThinking(events);
      const whole = calls.filter((it) => it.index >= 0);
      for (const { index, id, name, arguments: written } of whole) {
        events.push({
          type: "tool.call",
          index,
          call: { id, name, arguments: written.trim() === "" ? "{}" : written },
        });
      }
      const mapped = reasons[reason ?? "stop"] ?? "stop";
      const finished = mapped === "stop" && whole.length > 0 ? "tool_calls" : mapped;
      events.push({ type: "finish", reason: finished, usage: readUsage(usage) });
      return events;
    },
  };
}

/**
 * The call that a piece belongs to: by index, else by id, else the last one. Some providers give several calls
 * the same index or none at all; then a new id, or a name where the last call has one, begins a new call.
 */
function findCall(
  calls: OpenCall[],
  place: number | undefined,
  id: string | undefined,
  named: boolean,
): OpenCall | undefined {
  if (id !== undefined) {
    const same = calls.findLast((it) => it.id === id && (place === undefined || it.place === place));
    if (same) return same;
  }
  const candidate = place === undefined ? calls.at(-1) : calls.findLast((it) => it.place === place);
  if (candidate === undefined) return undefined;
  const other =
    named && candidate.index >= 0 && (place === undefined || (id !== undefined && id !== candidate.id));
  return other ? undefined : candidate;
}

function makeCallId(random: () => number): string {
  const part = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(36)
      .padStart(7, "0");
  return `call_${part()}${part()}${part()}`;
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {}; // just checked
}
