import { type CallIds, createCallIds } from "./anthropic-call-ids.ts";
import { blocksOf } from "./anthropic-media.ts";
import { unpack } from "./opaque.ts";
import type { ModelToolCall, PromptMessage, ReasoningBlock } from "./types.ts";

type Json = Record<string, unknown>;
type Assistant = Extract<PromptMessage, { role: "assistant" }>;
type Result = Extract<PromptMessage, { role: "tool" }>;

interface Turn {
  role: "user" | "assistant";
  content: Json[];
}

/** Our mark at the reasoning of this wire. */
export const wire = "anthropic";

const cached = { cache_control: { type: "ephemeral" } };

/** The system text, marked as worth caching; undefined where there is none. */
export function systemOf(messages: readonly PromptMessage[]): Json[] | undefined {
  const texts = messages.flatMap((it) => (it.role === "system" && /\S/.test(it.content) ? [it.content] : []));
  return texts.length === 0 ? undefined : [{ type: "text", text: texts.join("\n\n"), ...cached }];
}

/**
 * The conversation in turns of user and assistant, the user's first. The ends of the last request and of this one are
 * marked as worth caching: Anthropic looks for what it keeps only a little way back from a mark.
 * Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function turnsOf(messages: readonly PromptMessage[]): Turn[] {
  const turns: Turn[] = [];
  const ids = createCallIds();
  const contentOf = (role: Turn["role"]): Json[] => {
    const last = turns.at(-1);
    if (last?.role === role) return last.content;
    const content: Json[] = [];
    turns.push({ role, content });
    return content;
  };
  for (const message of messages) {
    if (message.role === "user") contentOf("user").push(...blocksOf(message.content));
    else if (message.role === "tool") addResult(contentOf("user"), resultBlock(message, ids));
    else if (message.role === "assistant") {
      const blocks = assistantBlocks(message, ids);
      if (blocks.length > 0) contentOf("assistant").push(...blocks);
    }
  }
  if (turns[0]?.role !== "user") turns.unshift({ role: "user", content: [] });
  for (const { content } of turns) if (content.length === 0) content.push(nothingSaid());
  const end = turns.at(-1)!;
  if (end.role === "assistant") trimEnd(end.content);
  mark(end);
  const answer = turns.findLastIndex((it) => it.role === "assistant");
  if (answer > 0) mark(turns[answer - 1]!);
  return turns;
}

function nothingSaid(): Json {
  return { type: "text", text: "(The user sent nothing here.)" };
}

/** Thoughts cannot be marked. */
function mark({ content }: Turn): void {
  const last = content.at(-1)!;
  if (last.type !== "thinking" && last.type !== "redacted_thinking") Object.assign(last, cached);
}

/** An answer that the model shall continue must not end in white space. */
function trimEnd(content: readonly Json[]): void {
  const last = content.at(-1)!;
  if (last.type === "text") last.text = String(last.text).trimEnd();
}

/** Results stand in front of what else the user says. */
function addResult(content: Json[], result: Json): void {
  content.splice(content.findLastIndex((it) => it.type === "tool_result") + 1, 0, result);
}

function assistantBlocks({ content, reasoning = [], toolCalls = [] }: Assistant, ids: CallIds): Json[] {
  const blocks = reasoning.flatMap(thought);
  if (/\S/.test(content)) blocks.push({ type: "text", text: content });
  for (const call of toolCalls) blocks.push(callBlock(call, ids));
  return blocks;
}

/** Only what Anthropic signed goes back to it; thoughts of others would be refused. */
function thought({ text, opaque }: ReasoningBlock): Json[] {
  const { signature, redactedData } = unpack(wire, opaque)?.[wire] ?? {};
  if (typeof signature === "string") return [{ type: "thinking", thinking: text, signature }];
  return redactedData === undefined ? [] : [{ type: "redacted_thinking", data: redactedData }];
}

function callBlock({ id, name, arguments: json }: ModelToolCall, ids: CallIds): Json {
  return { type: "tool_use", id: ids.ofCall(id), name, input: inputOf(json) };
}

/** An object is wanted; what a model once wrote amiss is kept as text within one. */
function inputOf(json: string): unknown {
  if (!/\S/.test(json)) return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // not JSON: kept below
  }
  return { malformed: json };
}

function resultBlock({ toolCallId, result, isError, media = [] }: Result, ids: CallIds): Json {
  const isBlank = !/\S/.test(result);
  const shown = blocksOf(media);
  const content =
    shown.length === 0 ? result : [...(isBlank ? [] : [{ type: "text", text: result }]), ...shown];
  return {
    type: "tool_result",
    tool_use_id: ids.ofResult(toolCallId),
    ...((shown.length > 0 || !isBlank) && { content }),
    ...(isError && { is_error: true }),
  };
}
