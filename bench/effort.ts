/** How much is measured: more gives steadier figures. */
export interface Effort {
  /** How often each figure is taken, the servers in turn; the median counts. */
  readonly rounds: number;
  /** Requests per round and server. */
  readonly requests: number;
  /** Starts of each kind. */
  readonly starts: number;
  /** WebSockets opened. */
  readonly sockets: number;
  /** Turns over which memory must stay flat. */
  readonly turns: number;
  /** Time before memory at rest is read, ms. */
  readonly restMs: number;
  /** Time before memory is read after something was done, ms. */
  readonly settleMs: number;
}

export const full: Effort = {
  rounds: 5,
  requests: 2_000,
  starts: 10,
  sockets: 2_000,
  turns: 20_000,
  restMs: 5_000,
  settleMs: 2_000,
};
export const quick: Effort = {
  rounds: 3,
  requests: 500,
  starts: 3,
  sockets: 2_000,
  turns: 4_000,
  restMs: 2_000,
  settleMs: 1_000,
};
