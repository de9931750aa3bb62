import type { ErrorCode } from "openclaw-protocol";
import type { Engine, EngineEvent } from "./base/types.ts";

/** What goes between the gateway and the engine's thread. */
export type ToEngine =
  | { id: number; method: keyof Engine; params: unknown }
  /** Nobody waits for this call any more. */
  | { abort: number; reason: string };

export type FromEngine =
  | { id: number; result: unknown }
  | { id: number; error: EngineFailure }
  | { event: EngineEvent };

/** A `GatewayError` as data; `detail` is for the log only. */
export interface EngineFailure {
  code: ErrorCode;
  message: string;
  param?: string | undefined;
  retryAfterMs?: number | undefined;
  detail?: string | undefined;
}

/** Every method of the engine: nothing else can be called across the border. */
export const methodNames: readonly (keyof Engine)[] = [
  "status",
  "start",
  "stop",
  "tabs",
  "open",
  "navigate",
  "history",
  "activate",
  "close",
  "screenshot",
  "pdf",
  "snapshot",
  "inspect",
  "act",
  "evaluate",
  "upload",
  "download",
  "console",
  "network",
  "watch",
  "unwatch",
  "profiles",
  "createProfile",
  "resetProfile",
  "deleteProfile",
  "endOwner",
  "shutdown",
];
