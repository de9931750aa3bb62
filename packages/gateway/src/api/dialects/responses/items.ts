import type { ResponseItem } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import type {
  ModelToolCall,
  PromptMessage,
  ReasoningBlock,
  UserPart,
} from "../../../runtime/models/types.ts";
import { unseal } from "../sealed.ts";
import { partsOf, textOf } from "./parts.ts";

/** Items in our own words, and what of them was left out. */
export interface Conversation {
  messages: PromptMessage[];
  ignored: string[];
}

type Assistant = Extract<PromptMessage, { role: "assistant" }>;

/**
 * The items of a conversation as messages. What the assistant said, thought and called in a row is one message.
 * Throws where the result of a call stands without its call, or a call without its result.
 */
export function conversationOf(items: readonly ResponseItem[], param = "input"): Conversation {
  const messages: PromptMessage[] = [];
  const ignored: string[] = [];
  /** Calls that still wait for their result: what was called, and where it stands. */
  const open = new Map<string, { name: string; at: string }>();

  const assistant = (): Assistant => {
    const last = messages.at(-1);
    if (last?.role === "assistant") return last;
    const made: Assistant = { role: "assistant", content: "" };
    messages.push(made);
    return made;
  };
  const call = (it: ModelToolCall, at: string): void => {
    open.set(it.id, { name: it.name, at });
    const message = assistant();
    message.toolCalls = [...(message.toolCalls ?? []), it];
  };

  for (const [index, item] of items.entries()) {
    const at = `${param}[${index}]`;
    switch (item.type ?? "message") {
      case "message":
        if (item.role === "assistant") assistant().content += textOf(item.content);
        else messages.push(messageOf(item, at));
        break;
      case "reasoning": {
        const block = reasoningOf(item);
        if (block) {
          const message = assistant();
          message.reasoning = [...(message.reasoning ?? []), block];
        }
        break;
      }
      case "function_call":
        call(callOf(item, at, "arguments"), at);
        break;
      case "custom_tool_call": {
        const { arguments: input, ...rest } = callOf(item, at, "input");
        call({ ...rest, arguments: JSON.stringify({ input }) }, at);
        break;
      }
      case "function_call_output":
      case "custom_tool_call_output": {
        const id = text(item, "call_id", at);
        const called = open.get(id);
        if (!called) {
          throw new GatewayError("invalid_request", "This output answers no call that stands before it.", {
            param: `${at}.call_id`,
          });
        }
        open.delete(id);
        messages.push(resultOf(item, id, called.name, at));
        break;
      }
      case "compaction": {
        const summary = unseal(item.encrypted_content);
        if (typeof summary === "string") messages.push(userText(summary));
        else ignored.push(`${at}.compaction`);
        break;
      }
      case "item_reference":
        throw new GatewayError("invalid_request", "There is no such item. Send it whole.", {
          param: `${at}.id`,
        });
      default:
        ignored.push(`${at}.${item.type}`);
    }
  }
  for (const { name, at } of open.values()) {
    throw new GatewayError("invalid_request", `No output was given for the call of ${name}.`, { param: at });
  }
  return { messages: messages.filter(saysSomething), ignored };
}

/** Thoughts alone, left of a turn that was cut short, are no message. */
function saysSomething(message: PromptMessage): boolean {
  return message.role !== "assistant" || message.content !== "" || message.toolCalls !== undefined;
}

function messageOf(item: ResponseItem, at: string): PromptMessage {
  if (item.role === undefined || item.content === undefined || item.content === null) {
    throw new GatewayError("invalid_request", "A message needs a role and a content.", {
      param: `${at}.${item.role === undefined ? "role" : "content"}`,
    });
  }
  if (item.role !== "user") return { role: "system", content: textOf(item.content) };
  return { role: "user", content: partsOf(item.content, `${at}.content`) };
}

function userText(said: string): PromptMessage {
  return { role: "user", content: [{ type: "text", text: said }] };
}

function reasoningOf({
  summary,
  content,
  encrypted_content: sealed,
}: ResponseItem): ReasoningBlock | undefined {
  const said = textOf(Array.isArray(summary) && summary.length > 0 ? summary : content);
  const opaque = unseal(sealed);
  if (said === "" && opaque === undefined) return undefined;
  return { text: said, ...(opaque !== undefined && { opaque }) };
}

function callOf(item: ResponseItem, at: string, field: "arguments" | "input"): ModelToolCall {
  const extra = item.extra_content as { openclaw?: unknown } | null | undefined; // ours if it is there at all
  return {
    id: text(item, "call_id", at),
    name: text(item, "name", at),
    arguments: text(item, field, at),
    ...(extra?.openclaw !== undefined && { opaque: extra.openclaw }),
  };
}

function resultOf(item: ResponseItem, id: string, name: string, at: string): PromptMessage {
  const output = item.output as string | { type: string }[] | undefined; // judged below and part by part
  if (typeof output === "string")
    return { role: "tool", toolCallId: id, name, result: output, isError: false };
  if (!Array.isArray(output)) {
    throw new GatewayError("invalid_request", "An output must be a text or a list of parts.", {
      param: `${at}.output`,
    });
  }
  const parts = partsOf(output, `${at}.output`);
  const media = parts.filter((it): it is Exclude<UserPart, { type: "text" }> => it.type !== "text");
  return {
    role: "tool",
    toolCallId: id,
    name,
    result: textOf(output),
    isError: false,
    ...(media.length > 0 && { media }),
  };
}

function text(item: ResponseItem, field: string, at: string): string {
  const value = item[field];
  if (typeof value === "string") return value;
  throw new GatewayError("invalid_request", `${at}.${field} is required.`, { param: `${at}.${field}` });
}
