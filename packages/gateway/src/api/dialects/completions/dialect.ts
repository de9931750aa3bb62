import { type CompletionRequest, completionRequest } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import { prefixed } from "../answering.ts";
import type { Dialect } from "../dialect.ts";

const idPrefix = "cmpl-";

/**
 * OpenAI's legacy completions, for providers that have them themselves: a bare prompt cannot be put to the others as
 * what it is. Source: OpenAI API reference, "Completions".
 */
export const completions: Dialect<CompletionRequest> = {
  path: "/v1/completions",
  pass: "completions",
  idPrefix,
  body: completionRequest,
  translate(_body, { id }) {
    throw refusal(id);
  },
  turn({ model }) {
    throw refusal(model);
  },
  writer(_head, { model }) {
    throw refusal(model);
  },
  relabel(piece, model) {
    piece.model = model;
    piece.id = prefixed(piece.id, idPrefix);
  },
  encode: (piece) => `data: ${JSON.stringify(piece)}\n\n`,
  ending: "data: [DONE]\n\n",
  failure: (error) => ({ error }),
};

function refusal(model: string): GatewayError {
  return new GatewayError(
    "invalid_request",
    `${model} has no legacy completions: only providers that speak OpenAI's Chat Completions may have them. Use POST /v1/chat/completions.`,
    { param: "model" },
  );
}
