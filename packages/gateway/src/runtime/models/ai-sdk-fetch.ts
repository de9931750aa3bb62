import type { Answer } from "./exchange.ts";
import type { CallOptions } from "./types.ts";
import { brokenOff, type Upstream } from "./upstream.ts";

/** A `fetch` for one call of an SDK. */
export interface SdkFetch {
  fetch: typeof globalThis.fetch;
  /** What went wrong below the SDK, before the SDK wrapped it: a `GatewayError` or the signal's reason. */
  problem(): unknown;
  /** To be told when the answer is complete, so that its connection is kept. */
  finished(): void;
}

/** Where SDKs think that they are: only the path behind it is used. */
export const sdkBaseUrl = "http://provider.invalid";

const lineFeed = 10;

/** Lets an SDK talk through `upstream`, with its pool, time limits, retries and failures. */
export function createSdkFetch(upstream: Upstream, options: CallOptions): SdkFetch {
  let problem: unknown;
  let finished = false;
  return {
    problem: () => problem,
    finished() {
      finished = true;
    },
    async fetch(input, init) {
      const path = String(input).slice(sdkBaseUrl.length);
      try {
        const answer = await upstream.post(path, ownHeaders(init?.headers), String(init?.body), options);
        return new Response(bodyOf(answer), {
          status: answer.status,
          headers: { "content-type": "text/event-stream" },
        });
      } catch (thrown) {
        problem = thrown;
        throw thrown;
      }
    },
  };

  function bodyOf(answer: Answer): ReadableStream<Uint8Array> {
    let line = 0; // bytes since the last line feed
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const read = await answer.read();
            if (read === null) return controller.close();
            for (const bytes of read) {
              const end = bytes.lastIndexOf(lineFeed);
              line = end < 0 ? line + bytes.length : bytes.length - end - 1;
              if (line > upstream.limits.answerBytes)
                throw upstream.failures.garbage("an event that is too large");
              controller.enqueue(bytes);
            }
          } catch (thrown) {
            problem = brokenOff(thrown, upstream, options.signal);
            answer.close();
            controller.error(problem);
          }
        },
        cancel: () => answer.close(finished),
      },
      { highWaterMark: 0 },
    );
  }
}

/** Without the SDK's advertisement of itself and its environment, and without the empty key of a keyless provider. */
function ownHeaders(headers: RequestInit["headers"]): Record<string, string> {
  const own: Record<string, string> = {};
  new Headers(headers).forEach((value, name) => {
    if (name !== "user-agent" && value !== "") own[name] = value;
  });
  return own;
}
