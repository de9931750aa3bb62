import type { Scope } from "openclaw-protocol";
import { createAnswering } from "../api/dialects/answering.ts";
import { createFetchMedia } from "../api/dialects/media.ts";
import { errorEnvelope } from "../api/dialects/messages/errors.ts";
import { errorOf, interrupted } from "../api/dialects/responses/errors.ts";
import { dialectRoute } from "../api/dialects/route.ts";
import type { RawRoute, RawSocketRoute } from "../api/http-call.ts";
import type { Clock } from "../lib/clock.ts";
import type { MakeId } from "../lib/ids.ts";
import type { Models } from "../services/models/models.ts";
import { createJobs } from "../services/responses/jobs.ts";
import { createResponseStore } from "../services/responses/store.ts";
import type { Runs } from "../services/runs/runs.ts";
import type { Database } from "../storage/database.ts";
import type { Acting } from "./acting.ts";
import { lazyRoute, lazySocketRoute, once, type RouteFacts } from "./lazy-routes.ts";

/** The dialects in which other products' clients talk to models and agents. */
export interface Dialects {
  readonly routes: readonly RawRoute[];
  readonly socketRoutes: readonly RawSocketRoute[];
  /** After a start: responses that the last process left unfinished have failed. Returns how many. */
  recover(): Promise<number>;
  /** Ends what is made in the background. */
  close(): Promise<void>;
}

export interface DialectsDeps {
  db: Database;
  models: Models;
  runs: Runs;
  acting: Acting;
  clock: Clock;
  ids: MakeId;
  timeoutMs: number;
}

const responsePaths = [
  ["POST", "/v1/responses"],
  ["POST", "/v1/responses/compact"],
  ["POST", "/v1/responses/input_tokens"],
  ["GET", "/v1/responses/{responseId}"],
  ["DELETE", "/v1/responses/{responseId}"],
  ["POST", "/v1/responses/{responseId}/cancel"],
  ["GET", "/v1/responses/{responseId}/input_items"],
] as const;

/** The table of dialects. Nothing of one is loaded before somebody speaks it. */
export function createDialects({ db, models, runs, acting, clock, ids, timeoutMs }: DialectsDeps): Dialects {
  const { asking } = acting;
  const now = () => clock.now();
  const newId = (prefix: string) => `${prefix}${ids("").slice(1)}`;
  const fetchMedia = createFetchMedia(acting.outbound);
  const shared = { models, asking, runs, fetchMedia, now, newId };
  const store = createResponseStore({ db, clock });
  const jobs = createJobs();
  const deps = { ...shared, answering: createAnswering(shared), store, jobs, timeoutMs };
  const responses = once(async () =>
    (await import("../api/dialects/responses/routes.ts")).responsesRoutes(deps),
  );
  const post = (path: string, load: () => Promise<RawRoute>, more: Partial<RouteFacts> = {}) =>
    lazyRoute({ method: "POST", path, scopes: ["chat"], ...more }, async () => [await load()]);
  const anthropic = { errorBody: errorEnvelope, requestIdHeader: "request-id" };
  return {
    routes: [
      post("/v1/chat/completions", async () => {
        const { chatCompletions } = await import("../api/dialects/chat-completions/dialect.ts");
        return dialectRoute(chatCompletions, deps);
      }),
      post("/v1/completions", async () => {
        const { completions } = await import("../api/dialects/completions/dialect.ts");
        return dialectRoute(completions, deps);
      }),
      post("/v1/embeddings", async () =>
        (await import("../api/dialects/embeddings/route.ts")).embeddingsRoute(deps),
      ),
      post(
        "/v1/messages",
        async () => dialectRoute((await import("../api/dialects/messages/dialect.ts")).messages, deps),
        anthropic,
      ),
      post(
        "/v1/messages/count_tokens",
        async () => (await import("../api/dialects/messages/count-tokens.ts")).countTokensRoute(deps),
        anthropic,
      ),
      ...responsePaths.map(([method, path]) => {
        const scopes: Scope[] = method === "GET" ? ["chat", "read"] : ["chat"];
        const errorBody = (...told: Parameters<typeof errorOf>) => ({ error: errorOf(...told) });
        return lazyRoute({ method, path, scopes, errorBody }, async () => (await responses()).routes);
      }),
    ],
    socketRoutes: [
      lazySocketRoute({ path: "/v1/responses", scopes: ["chat"] }, async () => {
        const { responsesSocket } = await import("../api/dialects/responses/socket.ts");
        return responsesSocket({ ...deps, responding: (await responses()).responding });
      }),
    ],
    recover: () => store.recover(interrupted),
    close: () => jobs.close(),
  };
}
