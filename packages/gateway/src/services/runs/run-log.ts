import { endEvents, type RunEvent, type RunEventData, type RunEventType } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import { createEventQueue, type EventQueue } from "../../lib/queues.ts";
import { appendSegment, replay, type Segment } from "./segments.ts";

/** Deltas are merged only for a reader that is this many events behind. */
const mergeAbove = 256;
/** Most that may wait for one reader, in characters. */
const backlogAtMost = 16 * 1024 * 1024;

type Facts<T extends RunEventType> = Omit<RunEventData<T>, "runId" | "sessionKey" | "seq">;

export interface ReaderOptions {
  afterSeq: number;
  /** false: nothing but the end, and approvals, which somebody has to answer. */
  stream?: boolean;
  /** Ends the queue with the run; a session's reader goes on to the next run. */
  endWithRun?: boolean;
}

interface Reader {
  queue: EventQueue<RunEvent>;
  stream: boolean;
  endWithRun: boolean;
}

/** The events of one live run: numbers them, keeps them, hands them to its readers. */
export class RunLog {
  readonly runId: string;
  readonly sessionKey: string;
  #seq = 0;
  #segments: Segment[] = [];
  /** How many segments are on disk; the one after that may still grow. */
  #saved = 0;
  /** The event that the run ended with. */
  #end: RunEvent | undefined;
  readonly #readers = new Set<Reader>();

  constructor(runId: string, sessionKey: string) {
    this.runId = runId;
    this.sessionKey = sessionKey;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  /** Makes the event the run's next one. It is published at once. */
  append<T extends RunEventType>(type: T, facts: Facts<T>): void {
    this.#seq += 1;
    const data = { runId: this.runId, sessionKey: this.sessionKey, seq: this.#seq, ...facts };
    const event = { type, data } as unknown as RunEvent; // the signature pairs facts with their type
    const isEnd = endEvents.has(type);
    if (!isEnd) appendSegment(this.#segments, event, this.#segments.length > this.#saved);
    for (const reader of this.#readers) {
      if (isEnd) reader.queue.pushUnbounded(event);
      else if (reader.stream || isForAll(event)) reader.queue.push(event);
      if (isEnd && reader.endWithRun) reader.queue.end();
    }
    if (isEnd) {
      this.#end = event;
      this.#readers.clear();
    }
  }

  /** Feeds a queue from here on, after what it has missed; of a run that has ended that is all. */
  attach(queue: EventQueue<RunEvent>, options: ReaderOptions): () => void {
    const reader = { queue, stream: options.stream ?? true, endWithRun: options.endWithRun ?? true };
    for (const event of replay(this.#segments, this, options.afterSeq)) {
      if (reader.stream || isForAll(event)) queue.pushUnbounded(event);
    }
    if (this.#end) {
      if (this.#seq > options.afterSeq) queue.pushUnbounded(this.#end);
      if (reader.endWithRun) queue.end();
      return () => {};
    }
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Lets the readers go without an end: the process stops before the run begins. */
  release(): void {
    for (const reader of this.#readers) reader.queue.end();
    this.#readers.clear();
  }

  /** What is not on disk yet; the caller stores it. `undefined` when nothing is new. */
  takeUnsaved(): { lastSeq: number; json: string } | undefined {
    if (this.#saved === this.#segments.length) return undefined;
    const fresh = this.#segments.slice(this.#saved);
    this.#saved = this.#segments.length;
    return { lastSeq: fresh.at(-1)!.seq, json: JSON.stringify(fresh) };
  }
}

/** Whether an event, short of the end, also goes to readers that did not ask for a stream. */
export function isForAll(event: RunEvent): boolean {
  return event.type === "approval.requested" || event.type === "approval.resolved";
}

/** The queue between a run and one reader. */
export function createRunQueue(onClose?: () => void): EventQueue<RunEvent> {
  return createEventQueue<RunEvent>(
    {
      merge: mergeDeltas,
      mergeAbove,
      sizeOf,
      maxSize: backlogAtMost,
      overflow: () =>
        new GatewayError(
          "service_unavailable",
          "This reader is too slow. Connect again and resume from the last seq.",
        ),
    },
    onClose,
  );
}

function mergeDeltas(older: RunEvent, newer: RunEvent): RunEvent | undefined {
  if (older.data.runId !== newer.data.runId) return undefined;
  if (older.type === "chat.delta" && newer.type === "chat.delta") {
    if (older.data.messageId !== newer.data.messageId) return undefined;
    return { type: "chat.delta", data: { ...newer.data, delta: older.data.delta + newer.data.delta } };
  }
  if (older.type === "chat.thinking" && newer.type === "chat.thinking") {
    return { type: "chat.thinking", data: { ...newer.data, delta: older.data.delta + newer.data.delta } };
  }
  return undefined;
}

function sizeOf(event: RunEvent): number {
  switch (event.type) {
    case "chat.delta":
    case "chat.thinking":
      return 200 + event.data.delta.length;
    case "chat.done":
    case "chat.aborted":
      return 400 + event.data.response.length;
    case "tool.call":
      return 200 + (JSON.stringify(event.data.params)?.length ?? 0);
    case "tool.result":
      return 200 + (JSON.stringify(event.data.result)?.length ?? 0);
    default:
      return 400;
  }
}
