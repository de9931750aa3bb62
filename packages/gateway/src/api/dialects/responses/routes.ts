import { GatewayError } from "../../../lib/errors.ts";
import { sizeOf } from "../../../services/models/call-size.ts";
import type { Jobs } from "../../../services/responses/jobs.ts";
import type { KeptResponse, ResponseStore } from "../../../services/responses/store.ts";
import { parseParams } from "../../dispatch.ts";
import type { HttpCall, RawRoute } from "../../http-call.ts";
import type { Answering, AnsweringDeps } from "../answering.ts";
import type { Json } from "../dialect.ts";
import { askOf, deadline, ignoredHeader, sendPieces } from "../route.ts";
import { createBackground } from "./background.ts";
import { compact } from "./compact.ts";
import { responseBody, responses } from "./dialect.ts";
import { pageOf } from "./input-items.ts";
import { createResponding, type RespondAsk, type Responding, withoutSealed } from "./responding.ts";
import { hasEnded } from "./writer.ts";

export interface ResponsesDeps extends AnsweringDeps {
  answering: Answering;
  store: ResponseStore;
  jobs: Jobs;
  /** Most time of an answer, ms; 0 = off. */
  timeoutMs: number;
}

/** The routes of the Responses dialect, and the way to answer that its WebSocket shares with them. */
export function responsesRoutes(deps: ResponsesDeps): { routes: RawRoute[]; responding: Responding } {
  const { store, jobs, timeoutMs } = deps;
  const responding = createResponding(deps);
  const inBackground = createBackground({ ...deps, responding });

  async function create(http: HttpCall): Promise<void> {
    const body = parseParams(responseBody, await http.json());
    const limit = deadline(http.call.signal, timeoutMs);
    const ask: RespondAsk = {
      ...askOf(http, responses, body, limit.signal),
      requestId: http.call.requestId,
    };
    try {
      if (body.background) await createInBackground(http, ask);
      else if (body.stream) {
        const { events, ignored } = await responding.stream(ask);
        await sendPieces(http, responses, {
          pieces: events,
          signal: limit.signal,
          headers: ignoredHeader(ignored),
        });
      } else {
        const { response, ignored } = await responding.whole(ask);
        http.sendJson(200, response, ignoredHeader(ignored));
      }
    } finally {
      limit.clear();
    }
  }

  async function createInBackground(http: HttpCall, ask: RespondAsk): Promise<void> {
    const { response, job } = await inBackground(ask);
    const { signal } = http.call;
    if (!ask.body.stream) http.sendJson(200, response);
    else await sendPieces(http, responses, { pieces: job.follow(-1, { signal }), signal });
  }

  async function get(http: HttpCall): Promise<void> {
    const { id, kept } = await wanted(http);
    if (http.query.get("stream") === "true") return replay(http, id, kept);
    const include = [...http.query].flatMap(([name, value]) =>
      /^include(\[\d*\])?$/.test(name) ? [value] : [],
    );
    http.sendJson(200, withoutSealed(asItStands(kept, jobs.get(id) !== undefined), { include }));
  }

  async function replay(http: HttpCall, id: string, kept: KeptResponse): Promise<void> {
    const after = afterOf(http.query.get("starting_after"));
    const { signal } = http.call;
    const job = jobs.get(id);
    const pieces = job ? job.follow(after, { signal }) : past(kept, after);
    await sendPieces(http, responses, { pieces, signal });
  }

  async function wanted(http: HttpCall): Promise<{ id: string; kept: KeptResponse }> {
    const id = http.params.responseId ?? "";
    return { id, kept: await store.get(id, http.call.caller) };
  }

  async function cancel(http: HttpCall): Promise<void> {
    const { id, kept } = await wanted(http);
    if (kept.response.background !== true) {
      throw new GatewayError("invalid_request", "Only responses in the background can be cancelled.", {
        param: "response_id",
      });
    }
    await jobs.get(id)?.cancel();
    const { kept: now } = await wanted(http);
    http.sendJson(200, withoutSealed(now.response, {}));
  }

  async function remove(http: HttpCall): Promise<void> {
    const { id } = await wanted(http);
    await jobs.get(id)?.cancel();
    await store.delete(id, http.call.caller);
    http.sendJson(200, { id, object: "response", deleted: true });
  }

  async function compacted(http: HttpCall): Promise<void> {
    const limit = deadline(http.call.signal, timeoutMs);
    try {
      http.sendJson(200, await compact(http, limit.signal, deps));
    } finally {
      limit.clear();
    }
  }

  async function count(http: HttpCall): Promise<void> {
    const body = parseParams(responseBody, await http.json());
    const before = body.previous_response_id
      ? await store.conversation(body.previous_response_id, http.call.caller)
      : [];
    const { promptTokens } = sizeOf([before, body.instructions, body.input, body.tools], 0);
    http.sendJson(200, { object: "response.input_tokens", input_tokens: promptTokens });
  }

  const { path, errorBody } = responses;
  const one = `${path}/{responseId}`;
  const route = (method: RawRoute["method"], at: string, handle: RawRoute["handle"]): RawRoute => ({
    method,
    path: at,
    scopes: method === "GET" ? ["chat", "read"] : ["chat"],
    ...(errorBody && { errorBody }),
    handle,
  });
  return {
    responding,
    routes: [
      route("POST", path, create),
      route("POST", `${path}/compact`, compacted),
      route("POST", `${path}/input_tokens`, count),
      route("GET", one, get),
      route("DELETE", one, remove),
      route("POST", `${one}/cancel`, cancel),
      route("GET", `${one}/input_items`, async (http) => {
        const { id, kept } = await wanted(http);
        http.sendJson(200, pageOf(id, kept.input, http.query));
      }),
    ],
  };
}

function asItStands({ response }: KeptResponse, isRunning: boolean): Json {
  return isRunning && !hasEnded(response.status) ? { ...response, status: "in_progress" } : response;
}

/** The events of a response that has ended; its last one is made of what is kept. */
async function* past({ response, events }: KeptResponse, after: number): AsyncGenerator<Json[], void> {
  if (!events && response.background !== true) {
    throw new GatewayError(
      "invalid_request",
      "Only responses that were streamed in the background can be streamed again.",
      {
        param: "stream",
      },
    );
  }
  // What a crash has taken leaves the end alone, behind whatever was seen.
  const all = events ?? [];
  const status = response.status === "cancelled" ? "incomplete" : String(response.status);
  const last = { type: `response.${status}`, sequence_number: Math.max(all.length, after + 1), response };
  yield [...all.slice(after + 1), ...(events && after >= all.length ? [] : [last])].map((it) =>
    it.response ? { ...it, response: withoutSealed(it.response as Json, {}) } : it,
  ); // a response
}

function afterOf(text: string | null): number {
  if (text === null || text === "") return -1;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new GatewayError("invalid_request", "starting_after must be the sequence_number of an event.", {
    param: "starting_after",
  });
}
