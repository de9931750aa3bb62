import { chatMessage, chatMessages, chatSettings, chatTool, type Dialect } from "./openai-request.ts";
import type { ModelRequest, PromptMessage, ToolSchema } from "./types.ts";

/** A conversation shorter than this is put into JSON each time; the bytes of a longer one than that are not kept. */
const leastKept = 32 * 1024;
const mostKept = 2 * 1024 * 1024;
/** Bytes that are kept of all conversations. */
const keptInAll = 4 * 1024 * 1024;

/** Messages as they stand in a body, with commas between them. */
interface Encoded {
  /** What they were made of. Messages are never changed in place, so the same object means the same bytes. */
  messages: PromptMessage[];
  /** Where the bytes of each of them end. */
  ends: number[];
  /** May be longer than what is in use. */
  bytes: Buffer;
}

/**
 * The bodies of streamed Chat Completions. Most of a long conversation was sent before: its bytes are kept by its
 * `cacheKey`, within bounds, and only what is new is put into JSON. The bytes are the same with and without.
 */
export function createChatBodies(
  provider: string,
  dialect: Dialect,
): (request: ModelRequest, stream: boolean) => Buffer {
  const kept = new Map<string, Encoded>();
  const toolBytes = new WeakMap<readonly ToolSchema[], Buffer>();
  let total = 0;

  function take(key: string): Encoded | undefined {
    const found = kept.get(key);
    if (found) total -= found.bytes.length;
    kept.delete(key);
    return found;
  }

  function keep(key: string, encoded: Encoded): void {
    const { length } = encoded.bytes;
    if (length < leastKept || length > mostKept) return;
    kept.set(key, encoded);
    total += length;
    for (const oldest of kept.keys()) {
      if (total <= keptInAll) break;
      take(oldest);
    }
  }

  function encode(messages: readonly PromptMessage[], from: number): string[] {
    const texts: string[] = [];
    for (let index = from; index < messages.length; index++) {
      const text = JSON.stringify(chatMessage(messages[index]!, dialect));
      texts.push(index === 0 ? text : `,${text}`);
    }
    return texts;
  }

  /** The bytes that are known of the first messages, and those of the others behind them. */
  function extended(known: Encoded | undefined, messages: readonly PromptMessage[]): Encoded {
    const count = known ? sameInFront(known.messages, messages) : 0;
    const texts = encode(messages, count); // may throw, so before anything is changed
    const ends = known?.ends ?? [];
    ends.length = count;
    let end = ends[count - 1] ?? 0;
    for (const text of texts) {
      end += Buffer.byteLength(text);
      ends.push(end);
    }
    let bytes = known?.bytes ?? Buffer.allocUnsafeSlow(end);
    if (bytes.length < end) {
      bytes = Buffer.allocUnsafeSlow(Math.ceil(end * 1.25));
      known?.bytes.copy(bytes, 0, 0, ends[count - 1] ?? 0);
    }
    texts.forEach((text, index) => {
      bytes.write(text, ends[count + index - 1] ?? 0);
    });
    const list = known?.messages ?? [];
    list.length = count;
    for (let index = count; index < messages.length; index++) list.push(messages[index]!);
    return { messages: list, ends, bytes };
  }

  function toolsPart(tools: ModelRequest["tools"]): Buffer | string {
    if (tools === undefined || tools.length === 0) return "";
    const known = toolBytes.get(tools);
    if (known) return known;
    const bytes = Buffer.from(`,"tools":${JSON.stringify(tools.map(chatTool))}`);
    toolBytes.set(tools, bytes);
    return bytes;
  }

  return (request, stream) => {
    const { model, cacheKey } = request;
    const messages = chatMessages(request, dialect);
    const encoded = extended(cacheKey === undefined ? undefined : take(cacheKey), messages);
    if (cacheKey !== undefined) keep(cacheKey, encoded);
    const settings = JSON.stringify(chatSettings(request, provider, dialect));
    const body = Buffer.concat(
      [
        `{"model":${JSON.stringify(model)},"messages":[`,
        encoded.bytes.subarray(0, encoded.ends.at(-1) ?? 0),
        stream ? '],"stream":true,"stream_options":{"include_usage":true}' : '],"stream":false',
        toolsPart(request.tools),
        settings === "{}" ? "}" : `,${settings.slice(1)}`,
      ].map((part) => (typeof part === "string" ? Buffer.from(part) : part)),
    );
    return body; // a copy: what is kept changes while this is on its way
  };
}

/** How many messages two conversations have in common at their beginning. */
function sameInFront(a: readonly PromptMessage[], b: readonly PromptMessage[]): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && isSame(a[count]!, b[count]!)) count += 1;
  return count;
}

/** Some are made anew for each request, of the same text: the system prompt, a summary. */
function isSame(a: PromptMessage, b: PromptMessage): boolean {
  if (a === b) return true;
  if (a.role === "system") return b.role === "system" && a.content === b.content;
  if (a.role !== "user" || b.role !== "user") return false;
  return onlyText(a.content) !== undefined && onlyText(a.content) === onlyText(b.content);
}

function onlyText([first, ...others]: Extract<PromptMessage, { role: "user" }>["content"]):
  | string
  | undefined {
  return first?.type === "text" && others.length === 0 ? first.text : undefined;
}
