import type { Attachment, ToolCall } from "openclaw-protocol";
import { asText } from "../../runtime/loop.ts";
import { textOfFile } from "../../runtime/media.ts";
import type { PromptMessage, ReasoningBlock, UserPart } from "../../runtime/models/types.ts";
import { trimmed } from "../../runtime/shorten.ts";
import { messagesAtMost } from "../../runtime/shrink.ts";
import { weigh } from "../../runtime/tokens.ts";
import { asContext } from "../../runtime/transcript.ts";
import { attachmentsOf } from "../../storage/attachments.ts";
import type { Reader } from "../../storage/database.ts";
import { type MessageRow, pageBackwards, pageForwards, pageSize } from "../../storage/messages.ts";
import { queuedFrom } from "../../storage/schema.ts";
import type { SessionContext } from "../../storage/session-contexts.ts";

const messagesAtOnce = 200;
/** Most characters of a picture or a file count as that many of text when a past is read. */
const charactersOfMediaToken = 4;

/** A piece of a session's past as a model is told of it. */
export interface Past {
  messages: PromptMessage[];
  /** The seq of the row that each message comes from. */
  seqs: number[];
  /** The seq of the last row that was read; undefined: there was none. */
  through: number | undefined;
  /** The seq of the newest row that there was no room for; undefined: all of it is here. */
  left: number | undefined;
}

/** The newest messages of a session that are still sent, up to `room` characters and a little more than are ever sent. */
export async function readPast(
  db: Reader,
  sessionId: number,
  { trimmedThrough, droppedThrough }: SessionContext,
  room: number,
): Promise<Past> {
  const newestFirst: { seq: number; messages: PromptMessage[] }[] = [];
  let before = queuedFrom;
  let count = 0;
  let characters = 0;
  let left: number | undefined;
  reading: for (;;) {
    const { count: size, more } = await pageSize(db, sessionId, { before }, messagesAtOnce);
    const page = await pageBackwards(db, sessionId, before, size);
    const files = await attachmentsOf(db, page);
    for (const row of page) {
      if (row.seq <= droppedThrough) break reading;
      if (characters > room || count > messagesAtMost) {
        left = row.seq;
        break reading;
      }
      const messages = promptOf(row, files.get(row.id) ?? []);
      const sent = row.seq <= trimmedThrough ? messages.map(trimmed) : messages;
      const weight = weigh(sent);
      characters += weight.characters + weight.media * charactersOfMediaToken;
      count += sent.length;
      newestFirst.push({ seq: row.seq, messages: sent });
    }
    const last = page.at(-1);
    if (!more || !last) break;
    before = last.seq;
    await nextTick(); // a long past is read a page a tick
  }
  return { ...flat(newestFirst.reverse()), left };
}

/** The messages of a session after a place, all of them. */
export async function readOn(db: Reader, sessionId: number, after: number): Promise<Past> {
  const past: Past = { messages: [], seqs: [], through: undefined, left: undefined };
  for (let from = after; ; ) {
    const { count, more } = await pageSize(db, sessionId, { after: from }, messagesAtOnce);
    const page = await pageForwards(db, sessionId, from, count);
    const { messages, seqs, through } = await pastOf(db, page);
    past.messages.push(...messages);
    past.seqs.push(...seqs);
    past.through = through ?? past.through;
    const last = page.at(-1);
    if (!more || !last || last.seq >= queuedFrom) return past;
    from = last.seq;
    await nextTick();
  }
}

/** Rows of a session in their order, without those that have no place yet. */
export async function pastOf(db: Reader, rows: readonly MessageRow[]): Promise<Past> {
  const placed = rows.filter((row) => row.seq < queuedFrom);
  const files = await attachmentsOf(db, placed);
  const told = placed.map((row) => ({ seq: row.seq, messages: promptOf(row, files.get(row.id) ?? []) }));
  return { ...flat(told), left: undefined };
}

function flat(rows: readonly { seq: number; messages: PromptMessage[] }[]): Omit<Past, "left"> {
  return {
    messages: rows.flatMap((row) => row.messages),
    seqs: rows.flatMap((row) => row.messages.map(() => row.seq)),
    through: rows.at(-1)?.seq,
  };
}

/** A stored message as the model is told of it, after what the gateway has to say of its own. */
function promptOf(row: MessageRow, files: readonly Attachment[]): PromptMessage[] {
  if (row.role === "user") {
    const said: PromptMessage = { role: "user", content: userParts(row.content, files) };
    return row.note === null ? [said] : [asContext(row.note), said];
  }
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
  const results = calls
    .filter((call) => call.result !== undefined)
    .map(
      (call): PromptMessage => ({
        role: "tool",
        toolCallId: call.toolCallId,
        name: call.tool,
        result: asText(call.result),
        isError: call.isError ?? false,
      }),
    );
  return [answer, ...results];
}

/** What the user says: the text and whatever came along. Files of text become text. */
export function userParts(text: string, files: readonly Attachment[]): UserPart[] {
  return [{ type: "text", text }, ...files.map(partOf)];
}

function partOf({ type, mimeType, data, url, name }: Attachment): UserPart {
  if (type === "image" || mimeType?.startsWith("image/")) return { type: "image", mimeType, data, url };
  const file = { type: "file", mimeType, data, url, name } as const;
  return textOfFile(file) ?? file;
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
