import type { ModelToolCall, PromptMessage } from "../../runtime/models/types.ts";
import type { Shrinkable } from "../../runtime/shrink.ts";
import { createTokenRatio, type TokenRatio, type Weight, weigh } from "../../runtime/tokens.ts";
import type { placesAfter, SessionContext } from "../../storage/session-contexts.ts";
import type { Past } from "./history.ts";

type Place = Awaited<ReturnType<typeof placesAfter>>[number];

/** What is sent of a session, in memory, and which rows on disk it comes from. */
export interface SessionLog extends Shrinkable {
  readonly ratio: TokenRatio;
  /** Calls that need no repair. */
  readonly sound: WeakSet<ModelToolCall>;
  /** The run that appends to `messages`. */
  runId: string;
  /** The seq of the last row that it knows. */
  readonly through: number;
  /** Takes in what was read of the disk, behind everything else. */
  append(past: Past): void;
  /** How many rows on disk hold what the run has appended. */
  appendedRows(): number;
  /** Takes in which rows those are: the first after `through`. False, for good: the disk holds something else. */
  place(rows: readonly Place[]): boolean;
  /** What to keep on disk of how it is sent. */
  context(): SessionContext;
  /** All messages. Looks only at those that were appended since it was asked last. */
  measure(): Measured;
  /** Messages were changed in place: all are to be looked at anew. */
  changed(): void;
}

export interface Measured extends Weight {
  /** The names of the tools whose results are among them. */
  readonly tools: ReadonlySet<string>;
}

export function createSessionLog(kept: SessionContext, past: Past): SessionLog {
  const messages: PromptMessage[] = [];
  /** The seqs of the first messages; those behind were appended by the run and have no known place yet. */
  const seqs: number[] = [];
  let { trimmedThrough, droppedThrough } = kept;
  let through = droppedThrough;
  let isLost = false;
  let measured = { characters: 0, media: 0, tools: new Set<string>() };
  let measuredCount = 0;
  const log: SessionLog = {
    messages,
    summary: kept.summary,
    ratio: createTokenRatio(),
    sound: new WeakSet(),
    runId: "",
    get through() {
      return through;
    },
    append(more) {
      for (const message of more.messages) messages.push(message);
      for (const seq of more.seqs) seqs.push(seq);
      through = more.through ?? through;
      droppedThrough = more.left ?? droppedThrough;
    },
    appendedRows: () => rowsOf(messages, seqs.length).length,
    place(rows) {
      const appended = rowsOf(messages, seqs.length);
      isLost ||= !appended.every(({ role }, index) => {
        const row = rows[index];
        return row?.role === role && row.run_id === log.runId;
      });
      if (isLost) return false;
      appended.forEach(({ count }, index) => {
        for (let more = 0; more < count; more++) seqs.push(rows[index]!.seq);
      });
      through = rows[appended.length - 1]?.seq ?? through;
      return true;
    },
    trim(count) {
      trimmedThrough = Math.max(trimmedThrough, placeOf(count));
    },
    drop(count) {
      droppedThrough = Math.max(droppedThrough, placeOf(count));
      log.leaveOut(0, count);
    },
    leaveOut(from, count) {
      messages.splice(from, count);
      seqs.splice(from, count);
      log.changed();
    },
    context: () => ({ trimmedThrough, droppedThrough, summary: log.summary }),
    measure() {
      const { characters, media } = weigh(messages, measuredCount);
      for (; measuredCount < messages.length; measuredCount++) {
        const message = messages[measuredCount]!;
        if (message.role === "tool") measured.tools.add(message.name);
      }
      measured.characters += characters;
      measured.media += media;
      return measured;
    },
    changed() {
      measured = { characters: 0, media: 0, tools: new Set() };
      measuredCount = 0;
    },
  };

  /** The seq through which the first so many messages reach, as far as it is known. */
  function placeOf(count: number): number {
    return seqs[Math.min(count, seqs.length) - 1] ?? 0;
  }

  log.append(past);
  return log;
}

/** The rows that messages from there on are kept in: a call's result stands with the call. */
function rowsOf(messages: readonly PromptMessage[], from: number): { role: string; count: number }[] {
  const rows: { role: string; count: number }[] = [];
  for (let index = from; index < messages.length; index++) {
    const message = messages[index]!;
    const row = rows.at(-1);
    if (message.role === "tool" && row) row.count += 1;
    else rows.push({ role: message.role, count: 1 });
  }
  const last = messages.at(-1);
  if (rows.length > 0 && last?.role === "assistant" && isUnsaid(last)) rows.pop();
  return rows;
}

/** An answer without anything in it is not kept on disk when it ends a run. */
function isUnsaid(message: Extract<PromptMessage, { role: "assistant" }>): boolean {
  return message.content === "" && !message.toolCalls?.length && !message.reasoning?.length;
}
