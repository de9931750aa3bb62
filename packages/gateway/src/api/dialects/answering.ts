import { speaks } from "../../runtime/models/providers.ts";
import type { ModelEvent } from "../../runtime/models/types.ts";
import type { Caller } from "../../services/access.ts";
import { agentInModel } from "../../services/agents/agents.ts";
import type { Asking, AskPlan } from "../../services/models/asking.ts";
import type { Models, ResolvedModel } from "../../services/models/models.ts";
import type { Passing } from "../../services/models/passing.ts";
import { resumed } from "../../services/models/resumed.ts";
import type { Runs } from "../../services/runs/runs.ts";
import { agentAnswer, agentEvents } from "./agents.ts";
import type { AnswerHead, AnswerWriter, Dialect, DialectBody, Json } from "./dialect.ts";
import type { FetchMedia } from "./media.ts";
import { withResultMedia } from "./result-media.ts";

/** What the dialects need from the house. */
export interface AnsweringDeps {
  models: Models;
  /** The ways to the models. */
  asking: Asking & Passing;
  runs: Runs;
  fetchMedia: FetchMedia;
  now(): number;
  newId(prefix: string): string;
}

/** A body of a dialect and who sent it. */
export interface Ask<B extends DialectBody> {
  body: B;
  caller: Caller;
  signal: AbortSignal;
  /** The session that an agent keeps, where the caller names it. */
  sessionKey?: string | undefined;
  idempotencyKey?: string | undefined;
  /** The caller's headers that belong to the dialect. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** What of a body was left out; known once an answer has begun. */
interface Noted {
  ignored: readonly string[];
  /** Whether the answer is a provider's own, with an id of the provider's making. */
  isHandedOn?: boolean;
}

/** Answers in a caller's dialect, from a model of whichever wire or from an agent. */
export interface Answering {
  /** Throws what can be known to be wrong with a body before anybody is asked. */
  check<B extends DialectBody>(dialect: Dialect<B>, ask: Pick<Ask<B>, "body">): Promise<void>;
  whole<B extends DialectBody>(dialect: Dialect<B>, ask: Ask<B>): Promise<Noted & { answer: Json }>;
  /** Resolves with the first pieces there; a failure before that is thrown. */
  stream<B extends DialectBody>(
    dialect: Dialect<B>,
    ask: Ask<B>,
  ): Promise<Noted & { pieces: AsyncIterable<Json[]> }>;
}

export function createAnswering(deps: AnsweringDeps): Answering {
  const now = () => Math.floor(deps.now() / 1000);
  const headOf = <B extends DialectBody>(dialect: Dialect<B>, { body }: Ask<B>): AnswerHead => ({
    id: deps.newId(dialect.idPrefix),
    created: now(),
    model: body.model,
    now,
  });

  /** Our own events of an answer from a provider that speaks another dialect. */
  async function eventsOf<B extends DialectBody>(
    dialect: Dialect<B>,
    ask: Ask<B>,
    model: ResolvedModel,
    whole: boolean,
  ): Promise<Noted & { events: AsyncIterable<ModelEvent> }> {
    const { caller, signal } = ask;
    const { request: translated, ignored = [] } = dialect.translate(ask.body, model);
    const { thinking, ...fetched } = await deps.fetchMedia(translated, { signal });
    const request = { ...fetched, messages: withResultMedia(fetched.messages, model.api) };
    const plan: AskPlan = {
      candidates: [model.id],
      thinking,
      callerId: caller.id,
      tokenLimit: caller.limits.maxCostPerDay,
      isLevel: true,
      purpose: "answer",
      whole,
    };
    return { ignored, events: deps.asking.ask(plan, request, { signal }) };
  }

  const passPlan = <B extends DialectBody>(
    { pass }: Dialect<B>,
    { caller }: Ask<B>,
    { id }: ResolvedModel,
  ) => ({
    model: id,
    dialect: pass,
    callerId: caller.id,
    tokenLimit: caller.limits.maxCostPerDay,
  });

  return {
    async check(dialect, { body }) {
      if (agentInModel(body.model)) {
        dialect.turn(body);
        return;
      }
      const model = await deps.models.resolve(body.model);
      if (!speaks(model.api, dialect.pass)) dialect.translate(body, model);
    },

    async whole(dialect, ask) {
      const { body, signal, headers } = ask;
      const agent = agentInModel(body.model);
      if (agent) {
        const turn = dialect.turn(body);
        const events = await agentAnswer(turn, ask, agent.agentId, deps.runs);
        const writer = dialect.writer(headOf(dialect, ask), body);
        for (const event of events) writer.take(event);
        return { ignored: turn.ignored ?? [], answer: writer.whole() };
      }
      const model = await deps.models.resolve(body.model);
      if (speaks(model.api, dialect.pass)) {
        const answer = await deps.asking.complete(
          passPlan(dialect, ask, model),
          sentOf(dialect, body, model),
          {
            signal,
            headers,
          },
        );
        dialect.relabel(answer, body.model);
        return { ignored: [], isHandedOn: true, answer };
      }
      const { ignored, events } = await eventsOf(dialect, ask, model, true);
      const writer = dialect.writer(headOf(dialect, ask), { ...body, stream: false });
      let finished = false;
      for await (const event of events) {
        writer.take(event);
        finished ||= event.type === "finish";
      }
      if (!finished) throw new Error("The model wire ended without a finish event."); // a wire's broken promise: ours to mend
      return { ignored, answer: writer.whole() };
    },

    async stream(dialect, ask) {
      const { body, signal, headers } = ask;
      const agent = agentInModel(body.model);
      if (agent) {
        const turn = dialect.turn(body);
        const events = await agentEvents(turn, ask, agent.agentId, deps.runs);
        const pieces = written(dialect.writer(headOf(dialect, ask), body), events);
        return { ignored: turn.ignored ?? [], pieces };
      }
      const model = await deps.models.resolve(body.model);
      if (speaks(model.api, dialect.pass)) {
        const pieces = await deps.asking.stream(passPlan(dialect, ask, model), sentOf(dialect, body, model), {
          signal,
          headers,
        });
        return { ignored: [], isHandedOn: true, pieces: renamed(dialect, pieces, body.model) };
      }
      const { ignored, events } = await eventsOf(dialect, ask, model, false);
      const iterator = events[Symbol.asyncIterator]();
      const begun = resumed(await iterator.next(), iterator);
      return { ignored, pieces: written(dialect.writer(headOf(dialect, ask), body), begun) };
    },
  };
}

function sentOf<B extends DialectBody>(dialect: Dialect<B>, body: B, model: ResolvedModel): Json {
  return dialect.handedOn?.(body, model) ?? body;
}

async function* written(
  writer: AnswerWriter,
  events: AsyncIterable<ModelEvent>,
): AsyncGenerator<Json[], void> {
  for await (const event of events) {
    const pieces = writer.take(event);
    if (pieces.length > 0) yield pieces;
  }
}

async function* renamed<B extends DialectBody>(
  dialect: Dialect<B>,
  events: AsyncIterable<Json[]>,
  model: string,
): AsyncGenerator<Json[], void> {
  for await (const together of events) {
    for (const event of together) dialect.relabel(event, model);
    yield together;
  }
}

/** `id` with the dialect's prefix in front, unless it is there. */
export function prefixed(id: unknown, prefix: string): string {
  return typeof id === "string" && id.startsWith(prefix) ? id : `${prefix}${String(id ?? "")}`;
}
