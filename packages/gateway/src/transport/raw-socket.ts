import type { IncomingHttpHeaders } from "node:http";
import type { SocketCall } from "../api/http-call.ts";
import type { Caller } from "../services/access.ts";
import type { Tally } from "./limits.ts";
import type { RequestPorts } from "./requests.ts";
import { behindBytes } from "./stream.ts";

/** What of a socket another dialect is spoken through. */
interface RawOutlet {
  readonly caller: Caller;
  readonly tally: Tally;
  readonly headers: IncomingHttpHeaders;
  backlog(): number;
  send(text: string): void;
  sendAndWait(text: string): Promise<void>;
  signal(): AbortSignal;
}

/** A WebSocket as another dialect sees it: with the same limits, log and metrics as ours. */
export function rawSocket(outlet: RawOutlet, ports: RequestPorts): SocketCall {
  const { limiter, log } = ports;
  const { caller, tally, headers } = outlet;
  return {
    caller,
    headers,
    signal: outlet.signal(),
    send(text) {
      if (outlet.backlog() > behindBytes) return outlet.sendAndWait(text);
      outlet.send(text);
      return undefined;
    },
    enter() {
      limiter.countRequest(tally);
      limiter.acquire(tally);
      return () => limiter.release(tally);
    },
    newRequestId: () => ports.ids("req"),
    report(requestId, error) {
      if (error.status >= 500) log.error({ requestId, err: error.cause ?? error }, error.message);
      else log.debug({ requestId, code: error.code }, "request refused");
    },
  };
}
