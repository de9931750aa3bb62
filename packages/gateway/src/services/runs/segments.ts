import type { RunEvent, RunEventType } from "openclaw-protocol";

/** An event as it is kept: without what the run's row says already. */
interface Single {
  seq: number;
  type: RunEventType;
  data: Record<string, unknown>;
}

/** Neighbouring deltas of one message as one text; `ends[i]` is where the delta with seq `first + i` ends. */
interface Joined {
  first: number;
  seq: number;
  type: "chat.delta" | "chat.thinking";
  messageId?: string;
  text: string;
  ends: number[];
}

export type Segment = Single | Joined;

/** Adds an event to a run's log, joining it with its predecessor where both are deltas of one message. */
export function appendSegment(log: Segment[], event: RunEvent, joinable: boolean): void {
  const {
    runId: _run,
    sessionKey: _session,
    seq,
    ...data
  } = event.data as Record<string, unknown> & { seq: number }; // every run event has these
  if (event.type !== "chat.delta" && event.type !== "chat.thinking") {
    log.push({ seq, type: event.type, data });
    return;
  }
  const { delta } = event.data;
  const messageId = event.type === "chat.delta" ? event.data.messageId : undefined;
  const last = joinable ? log.at(-1) : undefined;
  if (last && "ends" in last && last.type === event.type && last.messageId === messageId) {
    last.text += delta;
    last.ends.push(last.text.length);
    last.seq = seq;
  } else {
    log.push({
      first: seq,
      seq,
      type: event.type,
      ...(messageId !== undefined && { messageId }),
      text: delta,
      ends: [delta.length],
    });
  }
}

/** What a reader that has seen `afterSeq` is missing; joined deltas come as one, with the last one's seq. */
export function replay(
  log: readonly Segment[],
  run: { runId: string; sessionKey: string },
  afterSeq: number,
): RunEvent[] {
  const events: RunEvent[] = [];
  for (const segment of log) {
    if (segment.seq <= afterSeq) continue;
    const base = { runId: run.runId, sessionKey: run.sessionKey, seq: segment.seq };
    if ("ends" in segment) {
      const seen = afterSeq < segment.first ? 0 : segment.ends[afterSeq - segment.first]!;
      const { messageId } = segment;
      const data = {
        ...base,
        ...(messageId !== undefined && { messageId }),
        delta: segment.text.slice(seen),
      };
      events.push({ type: segment.type, data } as RunEvent); // a delta has a messageId, thinking has none
    } else {
      events.push({ type: segment.type, data: { ...base, ...segment.data } } as RunEvent); // kept from such an event
    }
  }
  return events;
}

/** The text of a message as far as the log has it. */
export function textOf(log: readonly Segment[], messageId: string): string {
  let text = "";
  for (const segment of log) if ("ends" in segment && segment.messageId === messageId) text += segment.text;
  return text;
}
