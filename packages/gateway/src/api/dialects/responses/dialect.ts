import { modelId, responseRequest } from "openclaw-protocol";
import { z } from "zod";
import { parseParams } from "../../dispatch.ts";
import type { Dialect, Json } from "../dialect.ts";
import { errorOf } from "./errors.ts";
import { handedOn } from "./handed-on.ts";
import { translate, turnOf } from "./request.ts";
import { createResponseWriter } from "./writer.ts";

/** What must be right in a body, whoever judges the rest. */
export const responseBody = z.looseObject({
  model: modelId,
  input: z.union([z.string(), z.array(z.record(z.string(), z.unknown()))]).nullish(),
  previous_response_id: z.string().max(256).nullish(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  include: z.array(z.string()).nullish(),
});
export type ResponseBody = z.infer<typeof responseBody>;

/**
 * OpenAI's Responses. Sources: OpenAI API reference, "Responses"; OpenResponses 2026-04-24. Earlier responses and
 * references to items are put in place before a body comes here.
 */
export const responses: Dialect<ResponseBody> = {
  path: "/v1/responses",
  pass: "responses",
  idPrefix: "resp_",
  body: responseBody,
  translate: (it, model) => translate(parseParams(responseRequest, it), model),
  turn: (it) => turnOf(parseParams(responseRequest, it)),
  writer: createResponseWriter,
  relabel(piece, model) {
    const response = piece.object === "response" ? piece : (piece.response as Json | undefined); // a whole answer, or an event about one
    if (response) response.model = model;
  },
  handedOn,
  encode: (piece) => `event: ${String(piece.type)}\ndata: ${JSON.stringify(piece)}\n\n`,
  ending: "data: [DONE]\n\n",
  failure: (detail, status) => ({ type: "error", sequence_number: 0, error: errorOf(detail, status) }),
  errorBody: (detail, status) => ({ error: errorOf(detail, status) }),
};
