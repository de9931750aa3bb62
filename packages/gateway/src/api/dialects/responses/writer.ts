import type { ModelEvent, ModelToolCall } from "../../../runtime/models/types.ts";
import type { AnswerHead, AnswerWriter, Json } from "../dialect.ts";
import { seal } from "../sealed.ts";
import { type ResponseState, responseOf } from "./resource.ts";
import { freeTextTools } from "./tools.ts";

type Finish = Extract<ModelEvent, { type: "finish" }>;

/** An item of the output whose end has not come. */
interface Open {
  item: Json;
  place: number;
  text: string;
}

/**
 * Writes a response, whole or as its events. Thoughts and messages follow one another; calls may come side by side.
 * Source: OpenAI API reference, "Streaming events" of Responses; OpenResponses 2026-04-24.
 */
export function createResponseWriter(head: AnswerHead, body: Json): AnswerWriter {
  const base = head.id.replace(/^resp_/, "");
  const streams = body.stream !== false; // else nobody reads the events
  const freeText = freeTextTools(body.tools);
  const output: Json[] = [];
  const calls = new Map<number, Open>();
  /** Calls that are written to their end, and still to be told so. */
  const written: { index: number; call: ModelToolCall }[] = [];
  let sequence = 0;
  let begun = false;
  let said: Open | undefined;
  let thought: Open | undefined;
  let end: Finish | undefined;

  const event = (type: string, fields: Json): Json => ({ type, sequence_number: sequence++, ...fields });
  const response = (): Json => responseOf(head, body, stateOf(output, end, head.now()));

  function open(prefix: string, fields: (id: string) => Json, pieces: Json[]): Open {
    const place = output.length;
    const item = fields(`${prefix}_${base}${place.toString(36).padStart(2, "0")}`);
    output.push(item);
    pieces.push(event("response.output_item.added", { output_index: place, item: { ...item } }));
    return { item, place, text: "" };
  }

  function done({ item, place }: Open, fields: Json, pieces: Json[], isCut = false): void {
    Object.assign(item, fields, { status: isCut ? "incomplete" : "completed" });
    pieces.push(event("response.output_item.done", { output_index: place, item: { ...item } }));
  }

  const at = ({ item, place }: Open): Json => ({ item_id: item.id, output_index: place });

  function say(delta: string, pieces: Json[]): void {
    endThought(undefined, pieces);
    if (!said) {
      const message = (id: string) => ({
        id,
        type: "message",
        status: "in_progress",
        role: "assistant",
        content: [],
      });
      said = open("msg", message, pieces);
      const part = textPart("");
      pieces.push(event("response.content_part.added", { ...at(said), content_index: 0, part }));
    }
    said.text += delta;
    const fields = { ...at(said), content_index: 0, delta, logprobs: [] };
    pieces.push(event("response.output_text.delta", fields));
  }

  function endMessage(pieces: Json[], isCut = false): void {
    if (!said) return;
    const { text } = said;
    const where = { ...at(said), content_index: 0 };
    pieces.push(event("response.output_text.done", { ...where, text, logprobs: [] }));
    pieces.push(event("response.content_part.done", { ...where, part: textPart(text) }));
    done(said, { content: [textPart(text)] }, pieces, isCut);
    said = undefined;
  }

  function think(delta: string, pieces: Json[]): void {
    endMessage(pieces);
    if (!thought) {
      thought = openThought(pieces);
      const part = { type: "summary_text", text: "" };
      pieces.push(event("response.reasoning_summary_part.added", { ...at(thought), summary_index: 0, part }));
    }
    thought.text += delta;
    const fields = { ...at(thought), summary_index: 0, delta };
    pieces.push(event("response.reasoning_summary_text.delta", fields));
  }

  function openThought(pieces: Json[]): Open {
    return open("rs", (id) => ({ id, type: "reasoning", status: "in_progress", summary: [] }), pieces);
  }

  function endThought(opaque: unknown, pieces: Json[]): void {
    if (!thought) return;
    const { text } = thought;
    const part = { type: "summary_text", text };
    if (text !== "") {
      const where = { ...at(thought), summary_index: 0 };
      pieces.push(event("response.reasoning_summary_text.done", { ...where, text }));
      pieces.push(event("response.reasoning_summary_part.done", { ...where, part }));
    }
    const sealed = opaque === undefined ? {} : { encrypted_content: seal(opaque) };
    done(thought, { summary: text === "" ? [] : [part], ...sealed }, pieces);
    thought = undefined;
  }

  function beginCall(index: number, { id, name }: { id: string; name: string }, pieces: Json[]): Open {
    endThought(undefined, pieces);
    endMessage(pieces);
    const isText = freeText.has(name);
    const fields = (itemId: string): Json => ({
      id: itemId,
      type: isText ? "custom_tool_call" : "function_call",
      status: "in_progress",
      call_id: id,
      name,
      ...(isText ? { input: "" } : { arguments: "" }),
    });
    const call = open(isText ? "ctc" : "fc", fields, pieces);
    calls.set(index, call);
    return call;
  }

  /** A call is told as complete once something follows it: the last of an answer that was cut is not. */
  function endCalls(pieces: Json[], isCut = false): void {
    const ended = written.splice(0);
    for (const [at, { index, call }] of ended.entries()) {
      endCall(index, call, pieces, isCut && at === ended.length - 1);
    }
  }

  function endCall(index: number, call: ModelToolCall, pieces: Json[], isCut: boolean): void {
    const known = calls.get(index) ?? beginCall(index, call, pieces);
    const extra = call.opaque === undefined ? {} : { extra_content: { openclaw: call.opaque } };
    if (known.item.type === "custom_tool_call") {
      const input = freeTextIn(call.arguments);
      pieces.push(event("response.custom_tool_call_input.delta", { ...at(known), delta: input }));
      pieces.push(event("response.custom_tool_call_input.done", { ...at(known), input }));
      done(known, { input, ...extra }, pieces, isCut);
      return;
    }
    const { name, arguments: json } = call;
    if (known.text === "" && json !== "") {
      pieces.push(event("response.function_call_arguments.delta", { ...at(known), delta: json }));
    }
    pieces.push(event("response.function_call_arguments.done", { ...at(known), name, arguments: json }));
    done(known, { arguments: json, ...extra }, pieces, isCut);
  }

  function add(it: ModelEvent, pieces: Json[]): void {
    const isCut = it.type === "finish" && (it.reason === "length" || it.reason === "content_filter");
    if (it.type !== "tool.call") endCalls(pieces, isCut);
    switch (it.type) {
      case "text":
        say(it.delta, pieces);
        return;
      case "thinking":
        think(it.delta, pieces);
        return;
      case "reasoning":
        if (it.block.opaque !== undefined) {
          endMessage(pieces);
          thought ??= openThought(pieces);
        }
        endThought(it.block.opaque, pieces);
        return;
      case "tool.delta": {
        const call = calls.get(it.index) ?? beginCall(it.index, it, pieces);
        if (call.item.type === "custom_tool_call" || it.delta === "") return;
        call.text += it.delta;
        const fields = { ...at(call), delta: it.delta };
        pieces.push(event("response.function_call_arguments.delta", fields));
        return;
      }
      case "tool.call":
        written.push(it);
        return;
      case "finish": {
        endThought(undefined, pieces);
        endMessage(pieces, isCut);
        end = it;
        if (!streams) return;
        const whole = response();
        pieces.push(event(`response.${String(whole.status)}`, { response: whole }));
      }
    }
  }

  return {
    take(it) {
      const pieces: Json[] = [];
      if (!begun && streams) {
        begun = true;
        pieces.push(event("response.created", { response: response() }));
        pieces.push(event("response.in_progress", { response: response() }));
      }
      add(it, pieces);
      return pieces;
    },
    whole: response,
  };
}

function stateOf(output: readonly Json[], end: Finish | undefined, now: number): ResponseState {
  if (!end) return { status: "in_progress", output: [] };
  const { usage, reason } = end;
  if (reason === "length") return { status: "incomplete", output, usage, incomplete: "max_output_tokens" };
  if (reason === "content_filter")
    return { status: "incomplete", output, usage, incomplete: "content_filter" };
  return { status: "completed", output, usage, completedAt: now };
}

function textPart(text: string): Json {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** The text that a model wrote for a tool of free text; as it stands where it is not of the form that was asked for. */
function freeTextIn(written: string): string {
  try {
    const { input } = JSON.parse(written) as { input?: unknown };
    return typeof input === "string" ? input : written;
  } catch {
    return written;
  }
}

/** Whether nothing more can become of a response. */
export function hasEnded(status: unknown): boolean {
  return status !== "queued" && status !== "in_progress";
}
