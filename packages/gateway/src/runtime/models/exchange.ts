import type { Dispatcher } from "undici";
import type { AnswerHeaders } from "./failures.ts";

/** An answer whose status is known and whose body is still to be read. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** What came since the last read, in order; null at the end. Rejects when the socket breaks or the signal aborts. */
  read(): Promise<Buffer[] | null>;
  /**
   * Ends reading: at once, or (`politely`, after the last word of a stream) by letting the rest of the body
   * pass so that the connection can be used again.
   */
  close(politely?: boolean): void;
}

export interface Exchange {
  path: string;
  headers: string[];
  body: string | Buffer;
  signal: AbortSignal;
  /** From the request to the first byte of the answer, where it is not the pool's, ms. */
  headersMs?: number | undefined;
  /** What may lie unread before the socket is paused, bytes. */
  unreadBytes: number;
}

const politeMs = 1000;

/**
 * One POST over the pool's raw dispatch: no Node stream is made, which is most of a request's cost.
 * Resolves once the status is there; rejects with the socket's error as it is, or with the signal's reason.
 */
export function exchange(pool: Dispatcher, request: Exchange): Promise<Answer> {
  const { signal, unreadBytes } = request;
  signal.throwIfAborted();
  return new Promise<Answer>((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let chunks: Buffer[] = [];
    let unread = 0;
    let over = false; // the last callback has come
    let left = false; // nobody reads any more
    let failure: { reason: unknown } | undefined;
    let wake: (() => void) | undefined;
    let patience: NodeJS.Timeout | undefined;

    const stopListening = (): void => signal.removeEventListener("abort", onAbort);
    const settle = (): void => {
      over = true;
      stopListening();
      clearTimeout(patience);
      wake?.();
    };
    const destroy = (): void => controller?.abort(new Error("The gateway closed the request."));
    const onAbort = (): void => {
      failure = { reason: signal.reason };
      chunks = [];
      settle();
      reject(signal.reason);
      destroy();
    };

    const answerOf = (status: number, headers: AnswerHeaders): Answer => ({
      status,
      headers,
      async read() {
        if (chunks.length === 0 && !over) {
          await new Promise<void>((awake) => {
            wake = awake;
          });
          wake = undefined;
        }
        if (chunks.length === 0) {
          if (failure) throw failure.reason;
          return null;
        }
        const taken = chunks;
        chunks = [];
        unread = 0;
        if (controller?.paused) controller.resume();
        return taken;
      },
      close(politely = false) {
        if (left) return;
        left = true;
        stopListening();
        chunks = [];
        if (over) return;
        if (!politely) return destroy();
        patience = setTimeout(destroy, politeMs).unref();
        if (controller?.paused) controller.resume();
      },
    });

    signal.addEventListener("abort", onAbort, { once: true });
    pool.dispatch(
      {
        path: request.path,
        method: "POST",
        headers: request.headers,
        body: request.body,
        ...(request.headersMs !== undefined && { headersTimeout: request.headersMs }),
      },
      {
        onRequestStart(started) {
          controller = started;
          if (over) destroy();
        },
        onResponseStart(_controller, status, headers) {
          if (status >= 200) resolve(answerOf(status, headers));
        },
        onResponseData(_controller, chunk) {
          if (left || over) return;
          chunks.push(chunk);
          unread += chunk.length;
          if (unread > unreadBytes) controller?.pause();
          wake?.();
        },
        onResponseEnd: settle,
        onResponseError(_controller, error) {
          if (over) return;
          failure = { reason: error };
          settle();
          reject(error);
        },
      },
    );
  });
}
