import type { Failures } from "./failures.ts";
import { wire } from "./google-contents.ts";
import { blockReason, candidateOf, isObject } from "./google-stream.ts";
import { createGoogleUsage } from "./google-usage.ts";
import { pack } from "./opaque.ts";
import type { ModelEvent, ReasoningBlock } from "./types.ts";

type Json = Record<string, unknown>;
type Finish = Extract<ModelEvent, { type: "finish" }>;

/** Turns the events of one answer into ours. */
export interface GoogleReader {
  take(event: Json, events: ModelEvent[]): void;
  /**
   * To be asked at the end of a stream: what to send along to get the rest of an answer that is longer than one
   * request may bring, which Gemini 4 has. What it counted then belongs to the next one.
   */
  continuation(): string | undefined;
  /** What is left to say once everything has come. */
  end(): ModelEvent[];
}

/** https://ai.google.dev/api/generate-content#FinishReason; what is not here is a stop. */
const reasons: Record<string, Finish["reason"]> = {
  MAX_TOKENS: "length",
  CONTINUATION: "length",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  LANGUAGE: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
  IMAGE_SAFETY: "content_filter",
  IMAGE_PROHIBITED_CONTENT: "content_filter",
  IMAGE_RECITATION: "content_filter",
};

/** The model wrote something that nobody can read: it has to be asked again. */
const broken = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MALFORMED_RESPONSE",
  "MISSING_THOUGHT_SIGNATURE",
]);

export function createGoogleReader(failures: Failures, random: () => number): GoogleReader {
  const usage = createGoogleUsage();
  let calls = 0;
  let hasText = false;
  let thinking = "";
  let thoughtSignature: string | undefined;
  let textSignature: string | undefined;
  let blocked = false;
  /** The candidate that gave the last reason to finish. */
  let last: Json = {};

  const endThinking = (events: ModelEvent[]): void => {
    if (thinking === "") return;
    events.push({ type: "reasoning", block: blockOf(thinking, thoughtSignature) });
    thinking = "";
    thoughtSignature = undefined;
  };

  const takeText = (text: string, part: Json, events: ModelEvent[]): void => {
    const signature = filled(part.thoughtSignature);
    if (part.thought === true) {
      thoughtSignature = signature ?? thoughtSignature;
      if (text === "") return;
      thinking += text;
      events.push({ type: "thinking", delta: text });
      return;
    }
    textSignature = signature ?? textSignature;
    if (text === "") return;
    endThinking(events);
    hasText = true;
    events.push({ type: "text", delta: text });
  };

  const takeCall = (written: Json, signature: string | undefined, events: ModelEvent[]): void => {
    const name = filled(written.name);
    if (name === undefined) return;
    endThinking(events);
    const { args = {} } = written;
    const json = typeof args === "string" ? args : JSON.stringify(args);
    const id = filled(written.id) ?? makeCallId(random);
    const index = calls++;
    const opaque = packed(signature);
    events.push(
      { type: "tool.delta", index, id, name, delta: json },
      { type: "tool.call", index, call: { id, name, arguments: json, ...(opaque && { opaque }) } },
    );
  };

  return {
    take(event, events) {
      usage.take(event.usageMetadata);
      blocked ||= blockReason(event) !== undefined;
      const candidate = blocked ? undefined : candidateOf(event);
      if (candidate === undefined) return;
      const parts = isObject(candidate.content) ? candidate.content.parts : undefined;
      if (Array.isArray(parts)) {
        for (const part of parts) {
          if (!isObject(part)) continue;
          if (typeof part.text === "string") takeText(part.text, part, events);
          else if (isObject(part.functionCall))
            takeCall(part.functionCall, filled(part.thoughtSignature), events);
        }
      }
      if (typeof candidate.finishReason === "string") last = candidate;
    },
    continuation() {
      const token = last.finishReason === "CONTINUATION" ? filled(last.continuationToken) : undefined;
      if (token !== undefined) usage.next();
      last = token === undefined ? last : {};
      return token;
    },
    end() {
      const events: ModelEvent[] = [];
      endThinking(events);
      // What was said can carry nothing itself: its signature is a block without text.
      if (hasText && textSignature !== undefined)
        events.push({ type: "reasoning", block: blockOf("", textSignature) });
      events.push({ type: "finish", reason: reasonOf(), usage: usage.total() });
      return events;
    },
  };

  function reasonOf(): Finish["reason"] {
    if (blocked) return "content_filter";
    const reason = String(last.finishReason);
    if (broken.has(reason) && !hasText && calls === 0) {
      const message = filled(last.finishMessage) ?? `The model's answer cannot be read (${reason}).`;
      throw failures.ofObject({ message });
    }
    const known = reasons[reason] ?? "stop";
    return known === "stop" && calls > 0 ? "tool_calls" : known;
  }
}

function blockOf(text: string, signature: string | undefined): ReasoningBlock {
  const opaque = packed(signature);
  return opaque ? { text, opaque } : { text };
}

function packed(thoughtSignature: string | undefined) {
  return thoughtSignature === undefined ? undefined : pack(wire, { [wire]: { thoughtSignature } });
}

/** Most models of Google give their calls no id. */
function makeCallId(random: () => number): string {
  const part = (): string =>
    Math.floor(random() * 36 ** 10)
      .toString(36)
      .padStart(10, "0");
  return `call_${part()}${part()}`;
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
