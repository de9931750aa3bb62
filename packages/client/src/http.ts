import { ConnectionError, errorOfResponse, OpenClawError, TimeoutError } from "./errors.ts";
import { sleep } from "./waiting.ts";

/** What every call takes besides its parameters. */
export interface CallOptions {
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Most time until the whole answer is there, retries included; 0: no limit. */
  timeoutMs?: number | undefined;
}

export interface HttpSettings {
  /** Without a slash at the end. */
  baseUrl: string;
  headers: Record<string, string>;
  fetch: typeof fetch;
}

export interface HttpRequest {
  verb: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string> | undefined;
  /** Whether sending it twice does no more than sending it once. */
  repeatable: boolean;
}

/** Requests to the gateway: JSON answers, and open ones to read events from. */
export interface Http {
  /** The parsed answer. Retries repeatable requests up to two times. */
  json(request: HttpRequest, options: CallOptions): Promise<unknown>;
  /** An answer whose body is still to be read; the signal holds until it has been. Retries likewise. */
  open(request: HttpRequest, signal: AbortSignal | undefined): Promise<Response>;
}

const retries = 2;
/** Whoever is told to wait longer than this is told so instead. */
const longestWaitMs = 60_000;

export function createHttp({ baseUrl, headers, fetch }: HttpSettings): Http {
  async function once(request: HttpRequest, signal: AbortSignal | undefined): Promise<Response> {
    const bodied = request.body !== undefined;
    const response = await answered(
      fetch(baseUrl + request.path, {
        method: request.verb,
        headers: { ...headers, ...(bodied && { "content-type": "application/json" }), ...request.headers },
        ...(bodied && { body: JSON.stringify(request.body) }),
        ...(signal && { signal }),
        // The gateway never redirects, and the password's header must not follow one to somewhere else.
        redirect: "error",
      }),
      signal,
    );
    if (response.ok) return response;
    throw errorOfResponse(response, await answered(response.text(), signal));
  }

  async function open(request: HttpRequest, signal: AbortSignal | undefined): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(request, signal);
      } catch (error) {
        const wait = request.repeatable && attempt < retries ? waitBefore(error, attempt) : undefined;
        if (wait === undefined) throw error;
        await sleep(wait, signal);
      }
    }
  }

  /** Names what went wrong below HTTP; an abort stays what the caller gave as its reason. */
  async function answered<T>(pending: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await pending;
    } catch (cause) {
      signal?.throwIfAborted();
      throw new ConnectionError(
        `No answer from ${baseUrl}. Check that the gateway runs and can be reached.`,
        { cause },
      );
    }
  }

  return {
    open,
    async json(request, { signal, timeoutMs = 0 }) {
      signal?.throwIfAborted();
      const controller = new AbortController();
      const abort = () => controller.abort(signal?.reason);
      const late = () =>
        controller.abort(new TimeoutError(`No answer from ${baseUrl} within ${timeoutMs} ms.`));
      const timer = timeoutMs > 0 ? setTimeout(late, timeoutMs) : undefined;
      signal?.addEventListener("abort", abort);
      try {
        const response = await open(request, controller.signal);
        return await answered(response.json(), controller.signal);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      }
    },
  };
}

/** How long to wait before a further attempt, ms; `undefined`: a further attempt is no use. */
function waitBefore(error: unknown, attempt: number): number | undefined {
  if (error instanceof ConnectionError) return 200 * 2 ** attempt * (0.5 + Math.random());
  if (!(error instanceof OpenClawError) || (error.status !== 429 && error.status !== 503)) return undefined;
  const wait = error.retryAfterMs;
  return wait !== undefined && wait <= longestWaitMs ? wait : undefined;
}
