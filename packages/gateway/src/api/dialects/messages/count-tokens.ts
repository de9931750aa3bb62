import { countTokensRequest, modelId } from "openclaw-protocol";
import { z } from "zod";
import { speaks } from "../../../runtime/models/providers.ts";
import { agentInModel } from "../../../services/agents/agents.ts";
import type { Models } from "../../../services/models/models.ts";
import type { Passing } from "../../../services/models/passing.ts";
import { parseParams } from "../../dispatch.ts";
import type { HttpCall, RawRoute } from "../../http-call.ts";
import type { Json } from "../dialect.ts";
import { askOf, deadline, ignoredHeader } from "../route.ts";
import { agentTurnOf } from "./agent.ts";
import { passedHeaders } from "./dialect.ts";
import { errorEnvelope } from "./errors.ts";
import { estimateOf } from "./estimate.ts";
import { modelRequestOf } from "./request.ts";
import { withoutOurs } from "./signature.ts";

export interface CountTokensDeps {
  models: Pick<Models, "resolve">;
  asking: Pick<Passing, "complete">;
  /** Most time of an answer, ms; 0 = off. */
  timeoutMs: number;
}

/** What must be right in a body, whoever judges the rest. */
const anyBody = z.looseObject({
  model: modelId,
  messages: z.array(z.record(z.string(), z.unknown())).min(1),
});

/**
 * Anthropic's count of a body's tokens: the provider's own where it counts, else an estimate.
 * Source: Anthropic API reference, "Count Message tokens".
 */
export function countTokensRoute({ models, asking, timeoutMs }: CountTokensDeps): RawRoute {
  async function count(
    http: HttpCall,
    signal: AbortSignal,
  ): Promise<{ answer: Json; ignored: readonly string[] }> {
    const body = parseParams(anyBody, await http.json());
    const estimate = { input_tokens: estimateOf(body) };
    if (agentInModel(body.model)) {
      const { ignored = [] } = agentTurnOf(parseParams(countTokensRequest, body));
      return { answer: estimate, ignored };
    }
    const model = await models.resolve(body.model);
    if (!speaks(model.api, "count-tokens")) {
      const { ignored = [] } = modelRequestOf(parseParams(countTokensRequest, body), model);
      return { answer: estimate, ignored };
    }
    const { caller, headers } = askOf(http, { passedHeaders }, body, signal);
    const plan = { callerId: caller.id, tokenLimit: caller.limits.maxCostPerDay };
    const passed = { ...plan, model: model.id, dialect: "count-tokens" as const };
    return { answer: await asking.complete(passed, withoutOurs(body), { signal, headers }), ignored: [] };
  }

  return {
    method: "POST",
    path: "/v1/messages/count_tokens",
    scopes: ["chat"],
    errorBody: errorEnvelope,
    async handle(http) {
      const limit = deadline(http.call.signal, timeoutMs);
      try {
        const { answer, ignored } = await count(http, limit.signal);
        http.sendJson(200, answer, ignoredHeader(ignored));
      } finally {
        limit.clear();
      }
    },
  };
}
