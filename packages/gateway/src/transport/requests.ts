import { type ErrorDetail, resolveMethod } from "openclaw-protocol";
import type { Call, Dispatch } from "../api/dispatch.ts";
import { GatewayError, toGatewayError } from "../lib/errors.ts";
import type { MakeId } from "../lib/ids.ts";
import type { Caller } from "../services/access.ts";
import type { Watched } from "../services/subscription.ts";
import type { Frame } from "./frames.ts";
import { draining } from "./http.ts";
import { abandonRun, abortsOnDisconnect, startedRun } from "./leaving.ts";
import type { Limiter, Tally } from "./limits.ts";
import type { TransportLog, TransportMetrics } from "./ports.ts";
import type { Watches } from "./watches.ts";

export interface RequestPorts {
  readonly dispatch: Dispatch;
  readonly limiter: Limiter;
  readonly log: TransportLog;
  readonly metrics: TransportMetrics;
  readonly ids: MakeId;
  isDraining(): boolean;
}

/** The socket that requests come from. */
export interface Requester {
  readonly caller: Caller;
  readonly tally: Tally;
  /** Aborted when the socket closes. */
  signal(): AbortSignal;
  isOpen(): boolean;
  send(text: string): void;
  watches(): Watches;
}

type Request = Frame & { ok: true };

/** Answers one frame: exactly one reply where there is an id, and events only after it. Never rejects. */
export async function answerFrame(frame: Frame, from: Requester, ports: RequestPorts): Promise<void> {
  const { limiter } = ports;
  const startedAt = performance.now();
  const requestId = ports.ids("req");
  let label = "unmatched";
  let status = 200;
  try {
    limiter.countRequest(from.tally);
    if (!frame.ok) throw frame.error;
    if (ports.isDraining()) throw draining();
    if (from.caller.revoked.aborted) throw new GatewayError("unauthorized", "The credential was revoked.");
    label = resolveMethod(frame.method) ?? label;
    limiter.acquire(from.tally);
    try {
      await run(frame, label, requestId, from, ports);
    } finally {
      limiter.release(from.tally);
    }
  } catch (thrown) {
    const error = toGatewayError(thrown);
    status = error.status;
    if (status >= 500)
      ports.log.error({ requestId, method: label, err: error.cause ?? error }, error.message);
    else ports.log.debug({ requestId, method: label, code: error.code }, "request refused");
    if (frame.id !== undefined) from.send(errorReply(frame.id, error.toDetail(requestId)));
  } finally {
    ports.metrics.requestDone(label, status, performance.now() - startedAt);
  }
}

async function run(
  frame: Request,
  label: string,
  requestId: string,
  from: Requester,
  ports: RequestPorts,
): Promise<void> {
  let held: [key: string, watched: Watched][] | undefined = [];
  const call: Call = {
    caller: from.caller,
    requestId,
    get signal() {
      return from.signal();
    },
    connection: {
      watch(key, subscription) {
        if (held) {
          held.push([key, subscription]);
          from.watches().checkRoom(key);
        } else from.watches().start(key, subscription);
      },
      unwatch: (key) => from.watches().stop(key),
    },
  };
  let result: unknown;
  try {
    result = await ports.dispatch(frame.method, frame.params, call);
    if (frame.id !== undefined) from.send(`{"id":${JSON.stringify(frame.id)},"result":${asJson(result)}}`);
  } catch (thrown) {
    for (const [, subscription] of held) subscription.close();
    throw thrown;
  }
  // The reply is out: nothing below may fail, or there would be a second one.
  const aborts = label === "chat.run" && abortsOnDisconnect(frame.params) ? startedRun(result) : undefined;
  if (aborts !== undefined && from.isOpen()) from.watches().abortOnClose(aborts);
  const watched = held;
  held = undefined;
  for (const [key, subscription] of watched) from.watches().start(key, subscription);
  if (aborts !== undefined && !from.isOpen()) abandonRun(aborts, call, ports);
}

function asJson(result: unknown): string {
  return JSON.stringify(result) ?? "null";
}

function errorReply(id: string | number | null, error: ErrorDetail): string {
  return JSON.stringify({ id, error });
}
