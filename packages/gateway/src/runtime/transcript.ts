import { unreadable } from "./media.ts";
import type { ModelToolCall, PromptMessage, UserPart } from "./models/types.ts";

type Assistant = Extract<PromptMessage, { role: "assistant" }>;
type Result = Extract<PromptMessage, { role: "tool" }>;

/** Stands where a user's message has to be and none is. */
const nothingSaid: PromptMessage = {
  role: "user",
  content: [{ type: "text", text: "(The user sent nothing here.)" }],
};
const unknownOutcome =
  '{"error":"What came of this call is not known: its result was lost. Look before you make it again."}';

/**
 * A request that every provider takes, of any log: system messages in front, then a user's; each call of the model is
 * followed directly by exactly one result; nothing is empty; the model does not have the last word. Appending to a log
 * never changes what was made of what stands before its last assistant message, so that providers' prompt caches hit.
 * What needs no repair is returned as it is. `sound` remembers calls that were looked at before.
 */
export function validRequest(
  messages: readonly PromptMessage[],
  model: { input: readonly string[] },
  sound: WeakSet<ModelToolCall> = new WeakSet(),
): PromptMessage[] {
  const valid: PromptMessage[] = [];
  const ids = new Map<string, number>();
  let isFront = true;
  let last: PromptMessage["role"] = "system";
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]!;
    if (message.role === "tool") continue; // taken along with its call, or an orphan
    if (message.role === "system") {
      if (isBlank(message.content)) continue;
      valid.push(isFront ? whole(message) : asContext(message.content));
      if (isFront) continue;
      last = "user";
    } else if (message.role === "user") {
      valid.push(userMessage(message, model.input));
      last = "user";
    } else {
      const answer = assistantMessage(message, ids, sound);
      if (!answer) continue;
      if (last !== "user" && last !== "tool") valid.push(nothingSaid);
      valid.push(answer);
      last = "assistant";
      if (answer.toolCalls) {
        pushResults(valid, messages, index, answer.toolCalls, model.input);
        last = "tool";
      }
    }
    isFront = false;
  }
  while (valid.at(-1)?.role === "assistant") valid.pop();
  if (valid.length === 0 || valid.at(-1)?.role === "system") valid.push(nothingSaid);
  return valid;
}

/** The results of the calls of `messages[at]`, in the order of its calls, wherever they stand before the next answer. */
function pushResults(
  valid: PromptMessage[],
  messages: readonly PromptMessage[],
  at: number,
  calls: readonly ModelToolCall[],
  input: readonly string[],
): void {
  const asked = (messages[at] as Assistant).toolCalls!; // the message that `calls` was made of, one by one
  const found: Result[] = [];
  for (let index = at + 1; index < messages.length; index++) {
    const message = messages[index]!;
    if (message.role === "assistant") break;
    if (message.role === "tool") found.push(message);
  }
  for (let index = 0; index < calls.length; index++) {
    const call = calls[index]!;
    const { id } = asked[index]!;
    const place = found[0]?.toolCallId === id ? 0 : found.findIndex((it) => it.toolCallId === id);
    const [result] = place === -1 ? [] : found.splice(place, 1);
    valid.push(resultMessage(result, call, input));
  }
}

function resultMessage(
  result: Result | undefined,
  { id, name }: ModelToolCall,
  input: readonly string[],
): PromptMessage {
  if (!result) return { role: "tool", toolCallId: id, name, result: unknownOutcome, isError: true };
  const text = isBlank(result.result) ? "(no output)" : result.result.toWellFormed();
  const isSeen = result.media?.every((part) => isFine(part, input)) ?? true;
  if (result.toolCallId === id && result.name === name && result.result === text && isSeen) return result;
  const told: Result = { ...result, toolCallId: id, name, result: text };
  if (isSeen) return told;
  const { media = [], ...bare } = told;
  // As text of the result: it is nothing to be shown beside it.
  const notes = media.map((part) => (part.type === "text" ? part : unreadable(part, input)));
  const texts = notes.flatMap((it) => (it?.type === "text" ? [it.text] : []));
  const left = media.filter((_, index) => notes[index] === undefined);
  return {
    ...bare,
    result: [text, ...texts].join("\n"),
    ...(left.length > 0 && { media: left }),
  };
}

/** Undefined: the model said nothing. */
function assistantMessage(
  message: Assistant,
  ids: Map<string, number>,
  sound: WeakSet<ModelToolCall>,
): Assistant | undefined {
  const { content, toolCalls, reasoning } = message;
  const text = isBlank(content) ? "" : content.toWellFormed();
  let isWhole = text === content;
  const calls = toolCalls?.map((call) => {
    const fine = soundCall(call, ids, sound);
    isWhole &&= fine === call;
    return fine;
  });
  if (!calls?.length) {
    if (text === "") return undefined;
    if (isWhole && !toolCalls) return message;
  } else if (isWhole) return message;
  return {
    role: "assistant",
    content: text,
    ...(reasoning && { reasoning }),
    ...(calls?.length && { toolCalls: calls }),
  };
}

const wordForm = /^[a-zA-Z0-9_-]{1,64}$/;
const longestId = 64;

/** `ids`: every id that is in use, and how many others were made of it. */
function soundCall(
  call: ModelToolCall,
  ids: Map<string, number>,
  sound: WeakSet<ModelToolCall>,
): ModelToolCall {
  let fine = call;
  if (!sound.has(call)) {
    const id = asWord(call.id, "call");
    const name = asWord(call.name, "tool");
    const json = isJsonObject(call.arguments)
      ? call.arguments
      : JSON.stringify(call.arguments.trim() === "" ? {} : { malformed: call.arguments.toWellFormed() });
    if (id === call.id && name === call.name && json === call.arguments) sound.add(call);
    else fine = { ...call, id, name, arguments: json };
  }
  if (ids.has(fine.id)) fine = { ...fine, id: unusedId(fine.id, ids) };
  ids.set(fine.id, 1);
  return fine;
}

function unusedId(id: string, ids: Map<string, number>): string {
  for (let count = ids.get(id)! + 1; ; count++) {
    const suffix = `_${count}`;
    const other = id.slice(0, longestId - suffix.length) + suffix;
    if (ids.has(other)) continue;
    ids.set(id, count);
    return other;
  }
}

/** A name as every provider takes it. */
function asWord(text: string, otherwise: string): string {
  if (wordForm.test(text)) return text;
  return text.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, longestId) || otherwise;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function userMessage(
  message: Extract<PromptMessage, { role: "user" }>,
  input: readonly string[],
): PromptMessage {
  if (message.content.length > 0 && message.content.every((part) => isFine(part, input))) return message;
  const content = message.content.flatMap((part): UserPart[] => {
    if (part.type !== "text") return [unreadable(part, input) ?? part];
    return isBlank(part.text) ? [] : [{ type: "text", text: part.text.toWellFormed() }];
  });
  return content.length === 0 ? nothingSaid : { role: "user", content };
}

function isFine(part: UserPart, input: readonly string[]): boolean {
  if (part.type === "text") return !isBlank(part.text) && part.text.isWellFormed();
  return unreadable(part, input) === undefined;
}

/** What the gateway tells the model in the middle of a conversation. */
export function asContext(text: string): PromptMessage {
  return { role: "user", content: [{ type: "text", text: `<context>${text.toWellFormed()}</context>` }] };
}

function whole(message: Extract<PromptMessage, { role: "system" }>): PromptMessage {
  return message.content.isWellFormed() ? message : { ...message, content: message.content.toWellFormed() };
}

function isBlank(text: string): boolean {
  return !/\S/.test(text);
}
