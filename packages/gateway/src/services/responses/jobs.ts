import { GatewayError } from "../../lib/errors.ts";

type Json = Record<string, unknown>;

/** Work that goes on without anybody watching. */
export interface Job {
  readonly id: string;
  readonly ownerId: string;
  /** Its events from the one after `after` on, as they come, first those that are there, if any; ends with the job or the signal. */
  follow(after: number, options: { signal: AbortSignal }): AsyncIterable<Json[]>;
  /** Ends it; resolves once it has ended. */
  cancel(): Promise<void>;
}

/** Says what there is to say by `emit`; the events are numbered by their place. Must not reject. */
export type Work = (
  emit: (events: readonly Json[]) => void,
  options: { signal: AbortSignal },
) => Promise<void>;

export interface Jobs {
  /** Throws `rate_limited` where too many are under way. */
  start(id: string, ownerId: string, work: Work): Job;
  get(id: string): Job | undefined;
  /** Ends all; resolves once they have ended. */
  close(): Promise<void>;
}

const jobsOfOwner = 32;
const jobsInAll = 256;

export function createJobs(): Jobs {
  const jobs = new Map<string, Job & { end(reason: GatewayError): Promise<void> }>();

  return {
    start(id, ownerId, work) {
      const own = [...jobs.values()].filter((it) => it.ownerId === ownerId).length;
      if (own >= jobsOfOwner || jobs.size >= jobsInAll) {
        throw new GatewayError(
          "rate_limited",
          "Too many responses are made in the background. Try again later.",
          {
            retryAfterMs: 5_000,
          },
        );
      }
      const controller = new AbortController();
      const events: Json[] = [];
      const waiting = new Set<() => void>();
      let over = false;
      const wake = (): void => {
        for (const one of waiting) one();
      };
      const emit = (more: readonly Json[]): void => {
        for (const one of more) events.push(one);
        wake();
      };

      async function* follow(
        after: number,
        { signal }: { signal: AbortSignal },
      ): AsyncGenerator<Json[], void> {
        const there = events.slice(after + 1);
        yield there;
        for (let next = after + 1 + there.length; ; ) {
          signal.throwIfAborted();
          if (next < events.length) {
            const more = events.slice(next);
            next = events.length;
            yield more;
          } else if (over) return;
          else await news(signal);
        }
      }

      function news(signal: AbortSignal): Promise<void> {
        return new Promise((resolve) => {
          const done = (): void => {
            waiting.delete(done);
            signal.removeEventListener("abort", done);
            resolve();
          };
          waiting.add(done);
          signal.addEventListener("abort", done);
        });
      }

      const ended = work(emit, { signal: controller.signal }).finally(() => {
        over = true;
        jobs.delete(id);
        wake();
      });
      const end = async (reason: GatewayError): Promise<void> => {
        controller.abort(reason);
        await ended;
      };
      const job = {
        id,
        ownerId,
        follow,
        end,
        cancel: () => end(new GatewayError("aborted", "The response was cancelled.")),
      };
      jobs.set(id, job);
      return job;
    },
    get: (id) => jobs.get(id),
    async close() {
      const reason = new GatewayError(
        "service_unavailable",
        "The gateway stopped before the response had ended.",
      );
      await Promise.all([...jobs.values()].map((it) => it.end(reason)));
    },
  };
}
