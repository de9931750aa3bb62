import { GatewayError } from "../../lib/errors.ts";
import type { Embedded, EmbedRequest } from "../../runtime/models/types.ts";
import type { Spender } from "../budgets.ts";
import { sizeOf } from "./call-size.ts";
import type { ResolvedModel } from "./models.ts";
import type { AskingParts } from "./parts.ts";

/** For which model, and on whose account. */
export interface EmbedPlan extends Spender {
  /** `provider/model`. */
  model: string;
}

/** Embeddings of providers whose dialect is not the caller's: with all keys and budgets. */
export interface Embedding {
  /** Throws `invalid_request` with `param: "model"` where the model's provider has none. */
  embed(
    plan: EmbedPlan,
    request: Omit<EmbedRequest, "model">,
    options: { signal: AbortSignal },
  ): Promise<Embedded>;
}

export function createEmbedding({ first, wireOf, meterOf }: AskingParts): Embedding {
  return {
    async embed(plan, request, options) {
      const { begun } = await first(
        [plan.model],
        async (model, key, { signal, hurry }) => {
          const wire = await wireOf(key);
          if (!wire.embed) throw hasNone(model);
          const meter = meterOf(plan, model, () => sizeOf(request.texts, 0));
          try {
            const embedded = await wire.embed({ ...request, model: model.name }, { signal, hurry });
            const { promptTokens } = embedded;
            meter?.counted({ promptTokens, completionTokens: 0, totalTokens: promptTokens });
            meter?.settle();
            return embedded;
          } catch (error) {
            meter?.broke(signal.aborted);
            throw error;
          }
        },
        options,
      );
      return begun;
    },
  };
}

function hasNone({ id }: ResolvedModel): GatewayError {
  return new GatewayError(
    "invalid_request",
    `The provider of ${id} has no embeddings. Name a model of OpenAI, of Google or of another provider that speaks OpenAI's dialect, or builtin/demo.`,
    { param: "model" },
  );
}
