/** How long and how much a wire puts up with. Times in ms, sizes in bytes. */
export interface WireLimits {
  /** Until the provider's socket is open. */
  connectMs: number;
  /** From the request to the first byte of the answer. */
  headersMs: number;
  /** The same for an answer that comes whole: a long one takes its time, and a request has its own limit besides. */
  wholeMs: number;
  /** Between two pieces of an answer. */
  silenceMs: number;
  /** Wait before the first retry; doubles with each further one. */
  backoffMs: number;
  /** A longer wait asked for by the provider is not waited for. */
  longestWaitMs: number;
  /** A JSON body, or one event of a stream. */
  answerBytes: number;
  /** What may lie unread before the socket is paused. */
  unreadBytes: number;
}

export const wireLimits: Readonly<WireLimits> = {
  connectMs: 10_000,
  headersMs: 120_000,
  wholeMs: 600_000,
  silenceMs: 120_000,
  backoffMs: 500,
  longestWaitMs: 20_000,
  answerBytes: 32 * 1024 * 1024,
  unreadBytes: 256 * 1024,
};
