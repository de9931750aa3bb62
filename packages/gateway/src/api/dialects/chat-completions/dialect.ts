import { chatCompletionRequest, modelId } from "openclaw-protocol";
import { z } from "zod";
import { parseParams } from "../../dispatch.ts";
import { prefixed } from "../answering.ts";
import type { Dialect } from "../dialect.ts";
import { createCompletionWriter } from "./answer.ts";
import { agentTurnOf, modelRequestOf } from "./request.ts";

/** What must be right in a body, whoever judges the rest. */
const body = z.looseObject({
  model: modelId,
  messages: z.array(z.record(z.string(), z.unknown())).min(1),
  stream: z.boolean().nullish(),
});
type ChatBody = z.infer<typeof body>;

const idPrefix = "chatcmpl-";

/** OpenAI's Chat Completions. Source: OpenAI API reference, "Chat Completions". */
export const chatCompletions: Dialect<ChatBody> = {
  path: "/v1/chat/completions",
  pass: "chat-completions",
  idPrefix,
  body,
  translate: (it, model) => ({ request: modelRequestOf(parseParams(chatCompletionRequest, it), model) }),
  turn: (it) => agentTurnOf(parseParams(chatCompletionRequest, it)),
  writer: (head, { stream_options: options }) =>
    createCompletionWriter(
      head,
      (options as { include_usage?: boolean } | null | undefined)?.include_usage === true,
    ), // judged by `translate` or `turn`
  relabel(piece, model) {
    piece.model = model;
    piece.id = prefixed(piece.id, idPrefix);
  },
  encode: (piece) => `data: ${JSON.stringify(piece)}\n\n`,
  ending: "data: [DONE]\n\n",
  failure: (error) => ({ error }),
};
