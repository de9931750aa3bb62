import type { PromptMessage, UserPart } from "./models/types.ts";

/** Room for the mark of what is left out, in characters. */
const markRoom = 48;

/** A text of at most that many characters: its head and its tail, with a mark between them. A second time changes nothing. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = Math.max(2, Math.floor(most) - markRoom);
  const head = Math.ceil((kept * 2) / 3);
  const tail = text.slice(text.length - (kept - head));
  const short = `${text.slice(0, head)}\n[… ${text.length - kept} characters left out …]\n${tail}`;
  // Through bytes: a character cut in half becomes a whole one, and the long text can be forgotten.
  return Buffer.from(short).toString();
}

/** A tool's result shortened; any other message is what it was. */
export function shortenResult(message: PromptMessage, most: number): PromptMessage {
  if (message.role !== "tool" || message.result.length <= most) return message;
  return { ...message, result: shorten(message.result, most) };
}

/** A tool's result without what the model saw beside it; any other message is what it was. */
function withoutPictures(message: PromptMessage): PromptMessage {
  if (message.role !== "tool" || !message.media) return message;
  const { media, ...result } = message;
  return result;
}

/**
 * A message of a turn long past: results shortened and without pictures, and without the thinking that providers want back within a turn
 * only. A second time changes nothing, so that what is read again from the disk gets the same bytes.
 */
export function trimmed(message: PromptMessage): PromptMessage {
  if (message.role === "tool") return shortenResult(withoutPictures(message), trimmedResult);
  if (message.role !== "assistant") return message;
  const { role, content, reasoning, toolCalls } = message;
  const hasOpaque = toolCalls?.some((it) => it.opaque !== undefined);
  if (!reasoning && !hasOpaque) return message;
  return {
    role,
    content,
    ...(toolCalls && {
      toolCalls: toolCalls.map(({ id, name, arguments: json }) => ({ id, name, arguments: json })),
    }),
  };
}

/** Most characters of a result in a turn long past. */
const trimmedResult = 600;

/** A message whose bulk is cut: arguments, the model's own text, pictures and files. What the user wrote stays. */
export function withoutBulk(message: PromptMessage, most: number): PromptMessage {
  if (message.role === "user") {
    if (message.content.every((part) => part.type === "text")) return message;
    return { role: "user", content: message.content.map(withoutBytes) };
  }
  if (message.role !== "assistant") return withoutPictures(message);
  return {
    ...message,
    content: shorten(message.content, most),
    ...(message.toolCalls && {
      toolCalls: message.toolCalls.map((call) =>
        call.arguments.length <= most
          ? call
          : { ...call, arguments: JSON.stringify({ shortened: shorten(call.arguments, most / 2) }) },
      ),
    }),
  };
}

function withoutBytes(part: UserPart): UserPart {
  if (part.type === "text") return part;
  const what = part.type === "image" ? "An image" : `The file ${part.name ?? ""}`.trimEnd();
  return { type: "text", text: `[${what} that was here is left out.]` };
}

/** What the user wrote, each piece of text at most that long. */
export function shortenUser(message: PromptMessage, most: number): PromptMessage {
  if (message.role !== "user") return message;
  if (message.content.every((part) => part.type !== "text" || part.text.length <= most)) return message;
  return {
    role: "user",
    content: message.content.map((part) =>
      part.type === "text" ? { type: "text", text: shorten(part.text, most) } : part,
    ),
  };
}
