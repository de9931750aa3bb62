import { mediaPart, resultPart } from "./google-media.ts";
import { isGemini3, isGemma } from "./google-models.ts";
import { unpack } from "./opaque.ts";
import type { ModelRequest, PromptMessage, UserPart } from "./types.ts";

type Json = Record<string, unknown>;
type Assistant = Extract<PromptMessage, { role: "assistant" }>;
type Result = Extract<PromptMessage, { role: "tool" }>;

/** A turn: the user's, the model's, or the results of its calls. */
interface Content {
  role: "user" | "model";
  parts: Json[];
}

/** A conversation as Google takes it: https://ai.google.dev/api/caching#Content */
export interface Conversation {
  systemInstruction?: { parts: Json[] };
  contents: Content[];
}

/** Our mark at the reasoning and the calls of this wire. */
export const wire = "google";

/**
 * Stands for the signature of a call that Gemini did not make itself, which it would else refuse.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures, frequently asked questions
 */
const noSignature = "skip_thought_signature_validator";

/**
 * System messages are gathered in front. The results of one step are one turn and nothing else is in it: what cannot
 * be within a result follows as the user's.
 */
export function conversationOf({ messages, model }: ModelRequest): Conversation {
  const isNew = isGemini3(model);
  const contents: Content[] = [];
  const system: string[] = [];
  let beside: Json[] = [];
  let last: PromptMessage["role"] = "system";

  const userSays = (parts: Json[]): void => {
    if (parts.length === 0) return;
    if (last === "user") contents.at(-1)!.parts.push(...parts);
    else contents.push({ role: "user", parts });
    last = "user";
  };
  const showBeside = (): void => {
    const parts = beside;
    beside = [];
    userSays(parts);
  };

  for (const message of messages) {
    if (message.role !== "tool" && message.role !== "system") showBeside();
    switch (message.role) {
      case "system":
        if (message.content !== "") system.push(message.content);
        break;
      case "user":
        userSays(userParts(message.content));
        break;
      case "assistant": {
        const parts = modelParts(message, isNew);
        if (parts.length === 0) break;
        contents.push({ role: "model", parts });
        last = "assistant";
        break;
      }
      case "tool": {
        const part = responsePart(message, isNew, beside);
        if (last === "tool") contents.at(-1)!.parts.push(part);
        else contents.push({ role: "user", parts: [part] });
        last = "tool";
      }
    }
  }
  showBeside();
  if (contents.length === 0) userSays([{ text: "(The user sent nothing here.)" }]); // nothing at all is refused
  if (system.length === 0) return { contents };
  const text = system.join("\n\n");
  if (!isGemma(model)) return { systemInstruction: { parts: [{ text }] }, contents };
  if (contents[0]?.role === "user") contents[0].parts.unshift({ text: `${text}\n\n` });
  return { contents };
}

function userParts(content: readonly UserPart[]): Json[] {
  const parts: Json[] = [];
  for (const part of content) {
    if (part.type !== "text") parts.push(mediaPart(part));
    else if (part.text !== "") parts.push({ text: part.text });
  }
  return parts;
}

/** Each signature stands where it came from: at a thought, at a call, or, as a block without text, at what was said. */
function modelParts({ content, reasoning = [], toolCalls = [] }: Assistant, isNew: boolean): Json[] {
  const parts: Json[] = [];
  let ofText: Json = {};
  for (const { text, opaque } of reasoning) {
    if (!unpack(wire, opaque)) continue; // the thoughts of others, and those that need not go back
    if (text === "") ofText = signatureIn(opaque);
    else parts.push({ text, thought: true, ...signatureIn(opaque) });
  }
  if (content !== "") parts.push({ text: content, ...ofText });
  for (const [index, { id, name, arguments: json, opaque }] of toolCalls.entries()) {
    const signature = signatureIn(opaque);
    // Of calls that go side by side only the first is signed.
    if (isNew && index === 0) signature.thoughtSignature ??= noSignature;
    parts.push({ functionCall: { id, name, args: argumentsOf(json) }, ...signature });
  }
  return parts;
}

function signatureIn(opaque: unknown): { thoughtSignature?: string } {
  const signature = unpack(wire, opaque)?.[wire]?.thoughtSignature;
  return typeof signature === "string" ? { thoughtSignature: signature } : {};
}

/** Google wants an object; what a model once wrote amiss is kept as text within one. */
function argumentsOf(json: string): unknown {
  if (json.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // not JSON: kept below
  }
  return { malformed: json };
}

/** The keys `output` and `error` are Google's: https://ai.google.dev/api/caching#FunctionResponse */
function responsePart(message: Result, isNew: boolean, beside: Json[]): Json {
  const { toolCallId: id, name, result, isError, media = [] } = message;
  const parts: Json[] = [];
  for (const part of media) {
    const within = isNew && part.type !== "text" ? resultPart(part) : undefined;
    if (within) parts.push(within);
    else beside.push({ text: `Belongs to the result of ${name}:` }, ...userParts([part]));
  }
  const response = isError ? { error: result } : { output: result };
  return { functionResponse: { id, name, response, ...(parts.length > 0 && { parts }) } };
}
