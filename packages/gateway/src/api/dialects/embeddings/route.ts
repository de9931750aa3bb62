import { embeddingsRequest, modelId } from "openclaw-protocol";
import { z } from "zod";
import { GatewayError } from "../../../lib/errors.ts";
import { speaks } from "../../../runtime/models/providers.ts";
import { agentInModel } from "../../../services/agents/agents.ts";
import type { Embedding } from "../../../services/models/embedding.ts";
import type { Models, ResolvedModel } from "../../../services/models/models.ts";
import type { Passing } from "../../../services/models/passing.ts";
import { parseParams } from "../../dispatch.ts";
import type { HttpCall, RawRoute } from "../../http-call.ts";
import type { Json } from "../dialect.ts";
import { refuseOthers } from "../refusals.ts";
import { deadline } from "../route.ts";
import { textsOf } from "./input.ts";
import { sendVectors } from "./sending.ts";
import { formVectors } from "./vectors.ts";

export interface EmbeddingsDeps {
  models: Pick<Models, "resolve">;
  /** The ways to the models. */
  asking: Passing & Embedding;
  /** Most time of an answer, ms; 0 = off. */
  timeoutMs: number;
}

/** What must be right in a body, whoever judges the rest. The input is looked at apart: see `textsOf`. */
const anyBody = z.looseObject({ model: modelId });
const ownBody = embeddingsRequest.omit({ input: true });
const honoured = new Set(Object.keys(embeddingsRequest.shape));

/** OpenAI's embeddings, from whichever provider has some. Source: OpenAI API reference, "Embeddings". */
export function embeddingsRoute({ models, asking, timeoutMs }: EmbeddingsDeps): RawRoute {
  async function answerOf(
    http: HttpCall,
    body: Json & { model: string },
    signal: AbortSignal,
  ): Promise<Json> {
    if (agentInModel(body.model)) throw agentHasNone(body.model);
    const model = await models.resolve(body.model);
    const { caller } = http.call;
    const plan = { model: model.id, callerId: caller.id, tokenLimit: caller.limits.maxCostPerDay };
    const answer = speaks(model.api, "embeddings")
      ? await asking.complete({ ...plan, dialect: "embeddings" }, body, { signal })
      : listOf(await asking.embed(plan, requestOf(body, model), { signal }));
    answer.model = body.model;
    return answer;
  }

  return {
    method: "POST",
    path: "/v1/embeddings",
    scopes: ["chat"],
    async handle(http) {
      const { body, judged } = bodyOf(await http.json());
      const limit = deadline(http.call.signal, timeoutMs);
      try {
        const answer = await answerOf(http, { ...body, model: judged.model }, limit.signal);
        await formVectors(answer, body.encoding_format, limit);
        await sendVectors(http, answer, limit);
      } finally {
        limit.clear();
      }
    },
  };
}

/** The body, and what is known of it to be right. */
function bodyOf(value: unknown): { body: Json; judged: z.infer<typeof anyBody> } {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const body = isObject ? (value as Json) : {}; // just checked
  const { input: _, ...rest } = body;
  return { body, judged: parseParams(anyBody, isObject ? rest : value) };
}

/** A body for a provider of another dialect. Throws `invalid_request` for what is wrong and for what nobody honours. */
function requestOf(body: Json, { id }: ResolvedModel): { texts: string[]; dimensions?: number } {
  const { input, ...rest } = body;
  const texts = textsOf(input);
  const { dimensions } = parseParams(ownBody, rest);
  refuseOthers(body, [honoured], id);
  return { texts, ...(dimensions != null && { dimensions }) };
}

function listOf({ vectors, promptTokens }: Awaited<ReturnType<Embedding["embed"]>>): Json {
  return {
    object: "list",
    data: vectors.map((embedding, index) => ({ object: "embedding", index, embedding })),
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  };
}

function agentHasNone(model: string): GatewayError {
  return new GatewayError(
    "invalid_request",
    `${model} is an agent, and agents have no embeddings. Use provider/model.`,
    { param: "model" },
  );
}
