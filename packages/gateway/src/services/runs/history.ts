import type { Attachment, ToolCall } from "openclaw-protocol";
import { asText } from "../../runtime/loop.ts";
import type { PromptMessage, ReasoningBlock, UserPart } from "../../runtime/models/types.ts";
import { attachmentsOf } from "../../storage/attachments.ts";
import type { Reader } from "../../storage/database.ts";
import { type MessageRow, pageBackwards, pageSize } from "../../storage/messages.ts";
import { queuedFrom } from "../../storage/schema.ts";

const messagesAtOnce = 100;
/** Most messages of a session that a model is sent, whatever its context window holds. */
export const messagesAtMost = 1_000;
/** What the cache may hold: sessions, and characters over all of them. */
const cachedSessions = 256;
const cachedCharacters = 6_000_000;
/** What a message takes in memory besides its text, in characters. */
const messageOverhead = 250;

interface Kept {
  messages: PromptMessage[];
  characters: number;
  /** What there was room for when it was kept. */
  room: number;
}

/** What the model is sent of a session's past. The tail of busy sessions is kept in memory, within bounds. */
export interface History {
  /** The newest messages before a run that fit into `room` characters, from a user's on. The caller may append. */
  load(sessionId: number, room: number, beforeRun: string): Promise<PromptMessage[]>;
  /** Keeps what a finished run leaves, so that the next one need not read it again. */
  keep(sessionId: number, messages: readonly PromptMessage[], room: number): void;
  /** The session changed in another way than by a run. */
  forget(sessionId: number): void;
}

export function createHistory(db: Reader): History {
  const cache = new Map<number, Kept>();
  let total = 0;

  function forget(sessionId: number): void {
    const kept = cache.get(sessionId);
    if (!kept) return;
    total -= kept.characters;
    cache.delete(sessionId);
  }

  return {
    forget,
    async load(sessionId, room, beforeRun) {
      const kept = cache.get(sessionId);
      if (kept && (kept.characters < kept.room * 0.9 || kept.room >= room * 0.9))
        return trim(kept.messages, room);
      return trim(await read(db, sessionId, room, beforeRun), room);
    },
    keep(sessionId, messages, room) {
      forget(sessionId);
      const list = trim(messages, room);
      const text = list.reduce((sum, message) => sum + sizeOf(message), 0);
      const characters = text + list.length * messageOverhead;
      if (characters > cachedCharacters / 8 || list.some(hasBytes)) return;
      cache.set(sessionId, { messages: list, characters, room });
      total += characters;
      for (const oldest of cache.keys()) {
        if (cache.size <= cachedSessions && total <= cachedCharacters) break;
        forget(oldest);
      }
    },
  };
}

/** Pictures and files stay on disk between runs. */
function hasBytes(message: PromptMessage): boolean {
  return message.role === "user" && message.content.some((part) => part.type !== "text");
}

async function read(
  db: Reader,
  sessionId: number,
  room: number,
  beforeRun: string,
): Promise<PromptMessage[]> {
  const newestFirst: PromptMessage[][] = [];
  let before: number | undefined = queuedFrom;
  let left = room;
  for (let seen = 0; seen < messagesAtMost && left > 0; ) {
    const { count, more } = await pageSize(db, sessionId, { before }, messagesAtOnce);
    const page: MessageRow[] = await pageBackwards(db, sessionId, before, count);
    seen += count;
    const files = await attachmentsOf(db, page);
    for (const row of page) {
      if (row.run_id === beforeRun) continue;
      const messages = promptOf(row, files.get(row.id) ?? []);
      left -= messages.reduce((sum, message) => sum + sizeOf(message), 0);
      newestFirst.push(messages);
    }
    const last = page.at(-1);
    if (!more || !last) break;
    before = last.seq;
    await new Promise((resolve) => setImmediate(resolve)); // a long past is read a page a tick
  }
  return newestFirst.reverse().flat();
}

/** The newest messages that fit, beginning with a user's, as a new list. */
function trim(messages: readonly PromptMessage[], room: number): PromptMessage[] {
  let left = room;
  let first = messages.length;
  while (first > 0 && messages.length - first < messagesAtMost) {
    left -= sizeOf(messages[first - 1]!);
    if (left < 0) break;
    first -= 1;
  }
  while (first < messages.length && messages[first]!.role !== "user") first += 1;
  return messages.slice(first);
}

/** A stored message as the model is told of it. Every call has a result, whatever happened to the run. */
function promptOf(row: MessageRow, files: readonly Attachment[]): PromptMessage[] {
  if (row.role === "user") return [{ role: "user", content: userParts(row.content, files) }];
  const calls: ToolCall[] = row.tool_calls_json ? JSON.parse(row.tool_calls_json) : [];
  const reasoning: ReasoningBlock[] = row.reasoning_json ? JSON.parse(row.reasoning_json) : [];
  if (row.content === "" && calls.length === 0) return [];
  const answer: PromptMessage = {
    role: "assistant",
    content: row.content,
    ...(reasoning.length > 0 && { reasoning }),
    ...(calls.length > 0 && {
      toolCalls: calls.map((call) => ({
        id: call.toolCallId,
        name: call.tool,
        arguments: asText(call.params),
      })),
    }),
  };
  const results = calls.map(
    (call): PromptMessage => ({
      role: "tool",
      toolCallId: call.toolCallId,
      name: call.tool,
      result: asText(call.result ?? { error: "The run ended before this call did." }),
      isError: call.isError ?? call.result === undefined,
    }),
  );
  return [answer, ...results];
}

/** What the user says: the text and whatever came along. */
export function userParts(text: string, files: readonly Attachment[]): UserPart[] {
  return [
    { type: "text", text },
    ...files.map((file): UserPart => {
      const isImage = file.type === "image" || file.mimeType?.startsWith("image/");
      const { mimeType, data, url, name } = file;
      return isImage ? { type: "image", mimeType, data, url } : { type: "file", mimeType, data, url, name };
    }),
  ];
}

function sizeOf(message: PromptMessage): number {
  switch (message.role) {
    case "user":
      return message.content.reduce(
        (sum, part) => sum + (part.type === "text" ? part.text.length : 2_000),
        16,
      );
    case "assistant":
      return (message.toolCalls ?? []).reduce(
        (sum, call) => sum + call.arguments.length,
        16 + message.content.length,
      );
    case "tool":
      return 16 + message.result.length;
    case "system":
      return 16 + message.content.length;
  }
}
