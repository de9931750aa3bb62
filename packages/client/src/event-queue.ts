import type { RunEvent } from "./contract.gen.ts";

/** From here on neighbouring deltas are put together. */
const slack = 1000;
const most = 10_000;

/** Events between a socket and whoever iterates them; bounded, and able to fail. */
export class EventQueue implements AsyncIterable<RunEvent> {
  #events: RunEvent[] = [];
  #waiting: (() => void)[] = [];
  #ended = false;
  #error: unknown;

  push(event: RunEvent): void {
    if (this.#ended) return;
    if (this.#events.length < slack || !this.#merge(event)) this.#events.push(event);
    if (this.#events.length > most) {
      this.#events = [];
      this.end(
        new Error(`${most} events of the run were not read. Read them faster, or await run.done alone.`),
      );
    }
    this.#wake();
  }

  /** Ends the iteration once what is queued was read; with an error, by throwing it. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event) yield event;
      else if (!this.#ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else if (this.#error !== undefined) throw this.#error;
      else return;
    }
  }

  #merge(event: RunEvent): boolean {
    const before = this.#events.at(-1);
    if (before?.data.runId !== event.data.runId) return false;
    const same =
      (event.type === "chat.delta" &&
        before.type === "chat.delta" &&
        event.data.messageId === before.data.messageId) ||
      (event.type === "chat.thinking" && before.type === "chat.thinking");
    if (!same) return false;
    const data = { ...event.data, delta: before.data.delta + event.data.delta };
    this.#events[this.#events.length - 1] = { ...event, data } as RunEvent; // the same kind of event as both
    return true;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
