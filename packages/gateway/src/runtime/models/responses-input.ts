import { GatewayError } from "../../lib/errors.ts";
import { unpackCall, unpackThought } from "./responses-opaque.ts";
import type { ModelToolCall, PromptMessage, ReasoningBlock, UserPart } from "./types.ts";

type Json = Record<string, unknown>;

/**
 * A conversation as the items of a request's `input`: https://developers.openai.com/api/reference/resources/responses
 * System messages are gathered in front, and messages of the user in a row become one: servers of open models put
 * the items into templates that want both. `thoughts`: whether the model takes back what was thought.
 */
export function responsesInput(messages: readonly PromptMessage[], options: { thoughts: boolean }): Json[] {
  const system = messages.flatMap((it) => (it.role === "system" && it.content !== "" ? [it.content] : []));
  const items: Json[] = [];
  if (system.length > 0) items.push({ role: "system", content: system.join("\n\n") });
  let said: Json[] | undefined; // the parts of the last item, if it is the user's
  for (const message of messages) {
    if (message.role === "system") continue;
    if (message.role === "user") {
      if (said === undefined) {
        said = [];
        items.push({ role: "user", content: said });
      }
      for (const part of message.content) said.push(contentPart(part, said.length));
      continue;
    }
    said = undefined;
    if (message.role === "tool") {
      const { toolCallId, result, media } = message;
      items.push({ type: "function_call_output", call_id: toolCallId, output: outputOf(result, media) });
      continue;
    }
    const { content, reasoning, toolCalls } = message;
    if (options.thoughts && reasoning) items.push(...thoughtItems(reasoning));
    if (content !== "") items.push({ role: "assistant", content: [{ type: "output_text", text: content }] });
    if (toolCalls) for (const call of toolCalls) items.push(callItem(call));
  }
  return items;
}

interface ThoughtItem extends Json {
  encrypted_content?: string;
  summary: Json[];
}

/** The parts of a thought become one item again. Without what is encrypted it would be refused: nothing is stored there. */
function thoughtItems(blocks: readonly ReasoningBlock[]): Json[] {
  const items: ThoughtItem[] = [];
  const known = new Map<string, ThoughtItem>();
  for (const { text, opaque } of blocks) {
    const mark = unpackThought(opaque);
    if (mark === undefined) continue;
    const { itemId, encrypted } = mark;
    let item = itemId === undefined ? undefined : known.get(itemId);
    if (item === undefined) {
      item = { type: "reasoning", ...(itemId !== undefined && { id: itemId }), summary: [] };
      items.push(item);
      if (itemId !== undefined) known.set(itemId, item);
    }
    if (text !== "") item.summary.push({ type: "summary_text", text });
    if (encrypted !== undefined) item.encrypted_content = encrypted;
  }
  return items.filter((it) => it.encrypted_content !== undefined);
}

function callItem({ id, name, arguments: json, opaque }: ModelToolCall): Json {
  const { async, namespace } = unpackCall(opaque) ?? {};
  return {
    type: "function_call",
    call_id: id,
    name,
    arguments: argumentsOf(json),
    ...(async !== undefined && { async }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** Providers want an object; what a model once wrote amiss is kept as text within one. */
function argumentsOf(json: string): string {
  if (json.trim() === "") return "{}";
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null) return json;
  } catch {
    // not JSON: kept below
  }
  return JSON.stringify({ malformed: json });
}

function outputOf(result: string, media: readonly UserPart[] = []): unknown {
  if (media.length === 0) return result;
  const parts: UserPart[] = result === "" ? [...media] : [{ type: "text", text: result }, ...media];
  return parts.map(contentPart);
}

/** `index` is its place in the message: a file without a name is called by it. */
function contentPart(part: UserPart, index: number): Json {
  if (part.type === "text") return { type: "input_text", text: part.text };
  const inline = part.url === undefined ? null : /^data:([^;,]+);base64,/.exec(part.url);
  const usual = part.type === "image" ? "image/*" : "application/octet-stream";
  const given = inline?.[1] ?? part.mimeType ?? usual;
  const mimeType = given === "image/*" ? "image/jpeg" : given;
  if (/^(audio|video)\//.test(mimeType)) {
    throw refusal(
      part,
      `An attachment of the type ${mimeType} cannot be sent to this model. Its provider's Responses API takes text, images and documents.`,
    );
  }
  const data = inline
    ? part.url
    : part.data === undefined
      ? undefined
      : `data:${mimeType};base64,${part.data}`;
  const url = data === undefined ? webUrl(part.url) : undefined;
  const link = data ?? url;
  if (link === undefined) throw refusal(part, "An attachment has neither bytes nor an http(s) URL.");
  if (mimeType.startsWith("image/")) return { type: "input_image", image_url: link };
  if (url !== undefined) return { type: "input_file", file_url: url };
  const name = part.type === "file" ? part.name : undefined;
  const suffix = mimeType === "application/pdf" ? ".pdf" : "";
  return { type: "input_file", filename: name ?? `part-${index}${suffix}`, file_data: link };
}

function webUrl(text: string | undefined): string | undefined {
  const url = URL.parse(text ?? "");
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

function refusal(part: Exclude<UserPart, { type: "text" }>, message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param: part.param ?? "attachments" });
}
