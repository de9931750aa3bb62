import type { SystemEvent } from "openclaw-protocol";
import type { Dispatch } from "../api/dispatch.ts";
import type { RawRoute, RawSocketRoute } from "../api/http-call.ts";
import type { Clock } from "../lib/clock.ts";
import type { MakeId } from "../lib/ids.ts";
import type { Credentials } from "../services/credentials.ts";
import type { Limits } from "./limits.ts";
import type { OriginSettings } from "./origin.ts";

/** Where the transport logs: pino's order of arguments. */
export interface TransportLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the transport counts. */
export interface TransportMetrics {
  /** A request was answered; `label` is a method's name or a route, never what the client wrote. `ms` is exact. */
  requestDone(label: string, status: number, ms: number): void;
  /** How many WebSockets are open now. */
  sockets(open: number): void;
}

/** Everything that the transport needs from the rest of the house. */
export interface TransportDeps {
  readonly dispatch: Dispatch;
  readonly credentials: Credentials;
  readonly limits: Limits;
  readonly origins: OriginSettings;
  /** The routes that exist over HTTP alone; those of the method table are known. */
  readonly routes: readonly RawRoute[];
  /** The paths where WebSockets speak another dialect. */
  readonly socketRoutes?: readonly RawSocketRoute[];
  readonly version: string;
  readonly capabilities: readonly string[];
  readonly log: TransportLog;
  readonly ids: MakeId;
  readonly clock: Clock;
  /** Events for every socket that may `read`; returns how to stop listening. */
  readonly broadcast: (listener: (event: SystemEvent) => void) => () => void;
  readonly metrics: TransportMetrics;
}
