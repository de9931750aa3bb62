import {
  isMessagesBlock,
  isMessagesPart,
  type MessagesBlock,
  type MessagesMessage,
  type MessagesToolResult,
} from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import type {
  ModelToolCall,
  PromptMessage,
  ReasoningBlock,
  UserPart,
} from "../../../runtime/models/types.ts";
import { partsOf, resultOf } from "./parts.ts";
import { carriedBy } from "./signature.ts";

/** A block and where it stands in the body. */
export interface Placed {
  block: MessagesBlock;
  param: string;
}

/** Everything that one side says before the other does. */
export interface Turn {
  role: MessagesMessage["role"];
  blocks: Placed[];
}

/** The messages with neighbours of the same role as one. Blocks that only the vendor understands are named in `ignored`. */
export function turnsOf(messages: readonly MessagesMessage[], ignored: string[]): Turn[] {
  const turns: Turn[] = [];
  for (const [at, { role, content }] of messages.entries()) {
    const param = `messages[${at}].content`;
    const last = turns.at(-1);
    const turn = last?.role === role ? last : { role, blocks: [] };
    if (turn !== last) turns.push(turn);
    if (typeof content === "string") {
      turn.blocks.push({ block: { type: "text", text: content }, param });
      continue;
    }
    for (const [index, block] of content.entries()) {
      const place = `${param}[${index}]`;
      if (isMessagesBlock(block)) turn.blocks.push({ block, param: place });
      else ignored.push(place);
    }
  }
  return turns;
}

/** Calls whose results must come next: their names and where they stand, by id. */
type Open = Map<string, { name: string; param: string }>;

/** The messages as a conversation. A call and its result must stand in neighbouring turns, as the vendor has it. */
export function promptOf(messages: readonly MessagesMessage[], ignored: string[]): PromptMessage[] {
  const prompt: PromptMessage[] = [];
  const open: Open = new Map();
  for (const { role, blocks } of turnsOf(messages, ignored)) {
    if (role === "system") prompt.push({ role, content: textOf(blocks, "\n\n") });
    else if (role === "user") prompt.push(...saidByUser(blocks, open, ignored));
    else {
      requireResults(open);
      const said = saidByAssistant(blocks, open, ignored);
      if (said) prompt.push(said);
    }
  }
  requireResults(open);
  return prompt;
}

/** The texts among the blocks. */
export function textOf(blocks: readonly Placed[], between: string): string {
  return blocks.flatMap(({ block }) => (block.type === "text" ? [block.text] : [])).join(between);
}

/** Results come first, whatever their place among the blocks: they follow their calls at once. */
function saidByUser(blocks: readonly Placed[], open: Open, ignored: string[]): PromptMessage[] {
  const results: PromptMessage[] = [];
  const content: UserPart[] = [];
  for (const { block, param } of blocks) {
    if (block.type === "tool_result") {
      const { result, media } = resultOf(block.content, param, ignored);
      const message = { ...answered(block, param, open), result, isError: block.is_error ?? false };
      results.push(media.length > 0 ? { ...message, media } : message);
    }
  }
  requireResults(open);
  for (const { block, param } of blocks) {
    if (isMessagesPart(block)) content.push(...partsOf(block, param));
    else if (block.type !== "tool_result") ignored.push(param);
  }
  return content.length > 0 ? [...results, { role: "user", content }] : results;
}

function answered({ tool_use_id: id }: MessagesToolResult, param: string, open: Open) {
  const call = open.get(id);
  if (call === undefined) {
    throw new GatewayError(
      "invalid_request",
      "This result answers no call of the message before it, or one that was answered already.",
      { param: `${param}.tool_use_id` },
    );
  }
  open.delete(id);
  return { role: "tool", toolCallId: id, name: call.name } as const;
}

function requireResults(open: Open): void {
  for (const { param } of open.values()) {
    throw new GatewayError(
      "invalid_request",
      "This call has no result. Put its tool_result into the message that follows.",
      { param: `${param}.id` },
    );
  }
}

/** Thoughts, text and calls, as far as they are understood. What thoughts carry for calls goes back to them. */
function saidByAssistant(
  blocks: readonly Placed[],
  open: Open,
  ignored: string[],
): PromptMessage | undefined {
  const reasoning: ReasoningBlock[] = [];
  const toolCalls: ModelToolCall[] = [];
  const carried = new Map<string, unknown>();
  for (const { block, param } of blocks) {
    switch (block.type) {
      case "thinking": {
        const { opaque, extra = 0, calls = {} } = carriedBy(block.signature) ?? {};
        for (const [id, value] of Object.entries(calls)) carried.set(id, value);
        const text = block.thinking.slice(0, Math.max(0, block.thinking.length - extra));
        if (text !== "" || opaque !== undefined) {
          reasoning.push({ text, ...(opaque !== undefined && { opaque }) });
        }
        break;
      }
      case "tool_use":
        open.set(block.id, { name: block.name, param });
        toolCalls.push({ id: block.id, name: block.name, arguments: JSON.stringify(block.input ?? {}) });
        break;
      case "text":
      case "redacted_thinking": // readable to nobody but the vendor
        break;
      default:
        ignored.push(param);
    }
  }
  for (const call of toolCalls) if (carried.has(call.id)) call.opaque = carried.get(call.id);
  const content = textOf(blocks, "");
  if (content === "" && reasoning.length === 0 && toolCalls.length === 0) return undefined;
  return {
    role: "assistant",
    content,
    ...(reasoning.length > 0 && { reasoning }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}
