import type { RunEvent, RunStatus } from "openclaw-protocol";

/**
 * A reader's view of one run, or of a session's current and later runs: what was missed first, then what
 * comes. `events` ends by itself after the end event of a run, or when `close` is called; it fails with
 * `service_unavailable` when the reader lets more than 16 MB pile up.
 */
export interface Subscription {
  readonly runId: string | null;
  readonly sessionKey: string;
  readonly status: RunStatus | null;
  /** The run's last seq at the time of subscribing. */
  readonly lastSeq: number;
  readonly events: AsyncIterable<RunEvent>;
  /** Calls back when the reader has let too much pile up: it may be waiting for its peer and not for events. */
  onOverflow(callback: () => void): void;
  close(): void;
}
