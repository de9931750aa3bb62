import type { RunEvent, RunStatus, ServerEvent } from "openclaw-protocol";

/** Events that somebody follows. They end by themselves, or when `close` is called. */
export interface Watched<E extends ServerEvent = ServerEvent> {
  readonly events: AsyncIterable<E>;
  /** Calls back when the reader has let too much pile up: it may be waiting for its peer and not for events. */
  onOverflow(callback: () => void): void;
  close(): void;
}

/**
 * A reader's view of one run, or of a session's current and later runs: what was missed first, then what
 * comes. `events` ends by itself after the end event of a run, or when `close` is called; it fails with
 * `service_unavailable` when the reader lets more than 16 MB pile up.
 */
export interface Subscription extends Watched<RunEvent> {
  readonly runId: string | null;
  readonly sessionKey: string;
  readonly status: RunStatus | null;
  /** The run's last seq at the time of subscribing. */
  readonly lastSeq: number;
}
