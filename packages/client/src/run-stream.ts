import type { Run, StreamEvent } from "./contract.gen.ts";
import { ConnectionError, OpenClawError } from "./errors.ts";
import type { Http, HttpRequest } from "./http.ts";
import { readEvents } from "./sse.ts";
import { sleep } from "./waiting.ts";

/** Three of the gateway's heartbeats. */
const silenceMs = 45_000;
/** Broken connections in a row, without one event between them, after which it is over. */
const mostFailures = 6;

export interface RunPosition {
  runId: string;
  /** The last seq seen. */
  seq: number;
}

/**
 * A run's events over server-sent events. A broken connection is taken up where it broke: by `start` again as
 * long as no run is known (its idempotency key makes that the same run), by `Last-Event-ID` after that.
 * Ends after `done` or `aborted`; an `error` event throws its typed error.
 */
export async function* streamRun(
  http: Http,
  start: HttpRequest | RunPosition,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamEvent, void, undefined> {
  let runId = "runId" in start ? start.runId : undefined;
  let seq = "runId" in start ? start.seq : 0;
  let reached = false;
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    try {
      const request = runId === undefined ? (start as HttpRequest) : resume(runId, seq); // no position: a request
      const response = await http.open(request, signal);
      reached = true;
      let heard = false;
      if (!response.body) throw new ConnectionError("The answer has no body to read events from.");
      for await (const { event: type, data: text } of readEvents(response.body, silenceMs)) {
        const event = { type, data: JSON.parse(text) } as StreamEvent; // as the contract says
        const last = type === "done" || type === "aborted" || type === "error";
        runId = event.data.runId ?? runId;
        if (!last && event.data.seq <= seq) continue;
        seq = event.data.seq ?? seq;
        failures = 0;
        heard = true;
        if (event.type === "error") throw new OpenClawError({ runId, ...event.data.error });
        yield event;
        if (last) return;
      }
      if (!heard && runId !== undefined && (await isOver(http, runId, signal))) return;
      throw new ConnectionError("The gateway's answer broke off in the middle of a run.");
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof OpenClawError || !reached || failures >= mostFailures) throw error;
    }
    await sleep(Math.min(10_000, 100 * 3 ** failures++) * (0.5 + Math.random()), signal);
  }
}

/** Whether a run has ended: then there is nothing after its last seq, not even an end. */
async function isOver(http: Http, runId: string, signal: AbortSignal | undefined): Promise<boolean> {
  const request = { verb: "GET", path: `/v1/runs/${encodeURIComponent(runId)}`, repeatable: true };
  const { status } = (await http.json(request, { signal })) as Run; // as the contract says
  return status !== "queued" && status !== "running";
}

function resume(runId: string, seq: number): HttpRequest {
  return {
    verb: "GET",
    path: `/v1/runs/${encodeURIComponent(runId)}/events`,
    headers: { accept: "text/event-stream", "last-event-id": String(seq) },
    repeatable: true,
  };
}
