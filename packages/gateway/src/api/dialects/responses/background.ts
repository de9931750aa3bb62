import { GatewayError, toGatewayError } from "../../../lib/errors.ts";
import type { Job, Jobs, Work } from "../../../services/responses/jobs.ts";
import type { ResponseStore } from "../../../services/responses/store.ts";
import type { Json } from "../dialect.ts";
import { deadline } from "../route.ts";
import { failed, failureEvents } from "./errors.ts";
import { itemsOf } from "./request.ts";
import { responseOf } from "./resource.ts";
import type { RespondAsk, Responding } from "./responding.ts";

export interface BackgroundDeps {
  responding: Responding;
  store: ResponseStore;
  jobs: Jobs;
  newId(prefix: string): string;
  now(): number;
  /** Most time of an answer, ms; 0 = off. */
  timeoutMs: number;
}

/** Makes responses while nobody waits. They are kept from the beginning on; resolves with one that is queued. */
export type StartInBackground = (ask: RespondAsk) => Promise<{ response: Json; job: Job }>;

export function createBackground(deps: BackgroundDeps): StartInBackground {
  const { responding, store, jobs } = deps;

  return async (ask) => {
    const { body, caller, requestId } = ask;
    if (body.store === false) {
      throw new GatewayError(
        "invalid_request",
        "A response in the background must be stored. Leave store out.",
        {
          param: "store",
        },
      );
    }
    await responding.check(ask);
    const seconds = () => Math.floor(deps.now() / 1000);
    const id = deps.newId("resp_");
    const head = { id, created: seconds(), model: body.model, now: seconds };
    const queued = responseOf(head, body, { status: "queued", output: [] });
    const input = itemsOf(body);
    const previousId = body.previous_response_id ?? undefined;
    const said: Json[] = [];
    const keep = (response: Json, events?: readonly Json[]) =>
      store.keep({ response, input, previousId, owner: caller.id, events });

    const work: Work = async (emit, { signal }) => {
      const limit = deadline(signal, deps.timeoutMs);
      /** Says them, and first keeps what the last of them tells of. */
      const say = async (events: readonly Json[], ended?: Json): Promise<void> => {
        const numbered = events.map((it, index) => ({ ...it, sequence_number: said.length + index }));
        if (ended) await keep(ended, body.stream ? [...said, ...numbered.slice(0, -1)] : undefined);
        said.push(...numbered);
        emit(numbered);
      };
      let last = queued;
      let ended: Json | undefined;
      try {
        await say([
          { type: "response.created", response: queued },
          { type: "response.queued", response: queued },
        ]);
        const keeper = {
          id,
          async keep(response: Json) {
            ended = response;
          },
        };
        const { events } = await responding.stream({ ...ask, keeper, signal: limit.signal });
        for await (const together of events) {
          for (const { response } of together) if (response) last = response as Json; // of the events that carry one
          await say(
            together.filter((it) => it.type !== "response.created"),
            ended,
          );
        }
      } catch (thrown) {
        const error = toGatewayError(thrown);
        const detail = error.toDetail(requestId);
        const isCancelled = signal.aborted && error.code === "aborted";
        const known = { ...last, output: finishedItems(said) };
        const cancelled = { ...known, status: "cancelled" };
        await (isCancelled
          ? say([{ type: "response.incomplete", response: cancelled }], cancelled)
          : say(failureEvents(detail, error.status, said.length, known), failed(known, detail))
        ).catch(() => {}); // the next start mends it
      } finally {
        limit.clear();
      }
    };
    await keep(queued);
    try {
      return { response: queued, job: jobs.start(id, caller.id, work) };
    } catch (refusal) {
      await store.delete(id, caller);
      throw refusal;
    }
  };
}

/** The items of the output that were whole before the end came. */
function finishedItems(said: readonly Json[]): unknown[] {
  return said.flatMap(({ type, item }) => (type === "response.output_item.done" ? [item] : []));
}
