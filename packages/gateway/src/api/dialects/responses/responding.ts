import { toGatewayError } from "../../../lib/errors.ts";
import type { Caller } from "../../../services/access.ts";
import type { ResponseStore } from "../../../services/responses/store.ts";
import { type Answering, type Ask, prefixed } from "../answering.ts";
import type { Json } from "../dialect.ts";
import { type ResponseBody, responses } from "./dialect.ts";
import { failureEvents } from "./errors.ts";
import { itemsOf } from "./request.ts";
import { responseOf } from "./resource.ts";
import { hasEnded } from "./writer.ts";

/** What a connection remembers by itself: the last conversation that its caller did not want to be kept. */
export interface LocalMemory {
  get(id: string): readonly Json[] | undefined;
  set(id: string, conversation: readonly Json[]): void;
}

export interface RespondAsk extends Ask<ResponseBody> {
  requestId: string;
  local?: LocalMemory | undefined;
  /** Who keeps the response instead, under an id that is known already. A failure is thrown then. */
  keeper?: { id: string; keep(response: Json): Promise<void> } | undefined;
}

/** A response as it comes. The last event is on its way only once the response is kept. */
export interface Coming {
  events: AsyncIterable<Json[]>;
  ignored: readonly string[];
}

/** Answers in the Responses dialect: continues what was kept, and keeps what was said. */
export interface Responding {
  whole(ask: RespondAsk): Promise<{ response: Json; ignored: readonly string[] }>;
  /** Resolves with the first events there. What fails later is told by the last of them. */
  stream(ask: RespondAsk): Promise<Coming>;
  /** A response without an answer: what is said is remembered for those that continue it, and no model is asked. */
  warm(ask: RespondAsk): Promise<Json[]>;
  /** Throws what can be known to be wrong before anybody is asked. */
  check(ask: RespondAsk): Promise<void>;
}

export interface RespondingDeps {
  answering: Answering;
  store: ResponseStore;
  newId(prefix: string): string;
  now(): number;
}

export function createResponding({ answering, store, newId, now }: RespondingDeps): Responding {
  /** The body with everything in place that it only refers to, and what it says that is new. */
  async function resolved({
    body,
    caller,
    local,
  }: RespondAsk): Promise<{ body: ResponseBody; before: readonly Json[] }> {
    const previous = body.previous_response_id ?? undefined;
    const before =
      previous === undefined ? [] : (local?.get(previous) ?? (await store.conversation(previous, caller)));
    const isReference = (it: Json) => it.type === "item_reference";
    const items: readonly Json[] = [...before, ...itemsOf(body)];
    if (before.length === 0 && !items.some(isReference)) return { body, before };
    const input = await Promise.all(
      items.map(async (it) => (isReference(it) ? ((await found(it.id, caller)) ?? it) : it)),
    );
    return { body: { ...body, input }, before };
  }

  async function found(id: unknown, caller: Caller): Promise<Json | undefined> {
    return typeof id === "string" ? store.item(id, caller) : undefined;
  }

  /** The id of a response: as it came, unless it is a provider's and another one has it. */
  async function idFor(came: unknown, ask: RespondAsk, isHandedOn: boolean): Promise<string> {
    if (ask.keeper) return ask.keeper.id;
    const id = prefixed(came, responses.idPrefix);
    return isHandedOn && (await store.isTaken(id)) ? newId(responses.idPrefix) : id;
  }

  async function keep(response: Json, ask: RespondAsk, before: readonly Json[]): Promise<void> {
    const { body, caller, local, keeper } = ask;
    if (keeper) await keeper.keep(response);
    else if (body.store !== false) {
      const previousId = body.previous_response_id ?? undefined;
      await store.keep({ response, input: itemsOf(body), owner: caller.id, previousId });
    } else {
      local?.set(String(response.id), [...before, ...itemsOf(body), ...(response.output as Json[])]); // every response has one
    }
  }

  async function* finished(
    pieces: AsyncIterable<Json[]>,
    ask: RespondAsk,
    before: readonly Json[],
    isHandedOn: boolean,
  ): AsyncGenerator<Json[], void> {
    let id: string | undefined;
    let last = -1;
    let known: Json | undefined;
    try {
      for await (const together of pieces) {
        for (const piece of together) {
          if (typeof piece.sequence_number === "number") last = piece.sequence_number;
          const response = piece.response as Json | undefined; // of the events that carry one
          if (!response) continue;
          id ??= await idFor(response.id, ask, isHandedOn);
          known = echoed(response, id, ask.body);
          piece.response = known;
          if (hasEnded(known.status)) await keep(known, ask, before);
        }
        yield together.map((it) => shown(it, ask.body));
      }
    } catch (thrown) {
      if (ask.keeper) throw thrown;
      const error = toGatewayError(thrown);
      yield failureEvents(error.toDetail(ask.requestId), error.status, last + 1, known);
    }
  }

  return {
    async check(ask) {
      const { body } = await resolved(ask);
      await answering.check(responses, { ...ask, body });
    },

    async warm(ask) {
      await this.check(ask);
      const { before } = await resolved(ask);
      const seconds = () => Math.floor(now() / 1000);
      const { body } = ask;
      const head = { id: newId(responses.idPrefix), created: seconds(), model: body.model, now: seconds };
      const begun = responseOf(head, body, { status: "in_progress", output: [] });
      const usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };
      const response = responseOf(head, body, {
        status: "completed",
        output: [],
        usage,
        completedAt: seconds(),
      });
      await keep(response, ask, before);
      return [
        { type: "response.created", sequence_number: 0, response: begun },
        { type: "response.completed", sequence_number: 1, response },
      ];
    },

    async whole(ask) {
      const { body, before } = await resolved(ask);
      const { answer, ignored, isHandedOn = false } = await answering.whole(responses, { ...ask, body });
      const response = echoed(answer, await idFor(answer.id, ask, isHandedOn), ask.body);
      await keep(response, ask, before);
      return { response: withoutSealed(response, ask.body), ignored };
    },

    async stream(ask) {
      const { body, before } = await resolved(ask);
      const {
        pieces,
        ignored,
        isHandedOn = false,
      } = await answering.stream(responses, {
        ...ask,
        body: { ...body, stream: true },
      });
      return { events: finished(pieces, ask, before, isHandedOn), ignored };
    },
  };
}

/** A response under the id that it is kept by, and with what its caller asked of us and not of the provider. */
function echoed(response: Json, id: string, body: ResponseBody): Json {
  return {
    ...response,
    id,
    previous_response_id: body.previous_response_id ?? null,
    store: body.store ?? true,
    background: body.background ?? false,
  };
}

function wantsSealed({ include }: Pick<ResponseBody, "include">): boolean {
  return include?.includes("reasoning.encrypted_content") ?? false;
}

/** An event as the caller sees it. */
function shown(event: Json, body: ResponseBody): Json {
  if (wantsSealed(body)) return event;
  if (event.item) return { ...event, item: openItem(event.item as Json) }; // an output item
  return event.response ? { ...event, response: withoutSealed(event.response as Json, body) } : event; // a response
}

/** A response as the caller sees it: what providers want back is there only for those who asked. */
export function withoutSealed(response: Json, body: Pick<ResponseBody, "include">): Json {
  if (wantsSealed(body) || !Array.isArray(response.output)) return response;
  return { ...response, output: response.output.map(openItem) };
}

function openItem(item: Json): Json {
  if (item.type !== "reasoning" || item.encrypted_content === undefined) return item;
  const { encrypted_content: _, ...rest } = item;
  return rest;
}
