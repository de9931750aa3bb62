import { messagesRequest, modelId } from "openclaw-protocol";
import { z } from "zod";
import { parseParams } from "../../dispatch.ts";
import { prefixed } from "../answering.ts";
import type { Dialect, Json } from "../dialect.ts";
import { agentTurnOf } from "./agent.ts";
import { createMessageWriter } from "./answer.ts";
import { errorEnvelope } from "./errors.ts";
import { estimateOf } from "./estimate.ts";
import { modelRequestOf } from "./request.ts";
import { withoutOurs } from "./signature.ts";

/** What must be right in a body, whoever judges the rest. */
const body = z.looseObject({
  model: modelId,
  max_tokens: z.int().min(0),
  messages: z.array(z.record(z.string(), z.unknown())), // none where the vendor's thread goes on
  stream: z.boolean().nullish(),
});
type MessagesBody = z.infer<typeof body>;

const idPrefix = "msg_";

/** Headers that tell a provider of the dialect how to take a body. */
export const passedHeaders = ["anthropic-beta", "anthropic-version"];

/** Anthropic's Messages. Source: Anthropic API reference, "Messages". */
export const messages: Dialect<MessagesBody> = {
  path: "/v1/messages",
  pass: "messages",
  idPrefix,
  body,
  passedHeaders,
  translate: (it, model) => modelRequestOf(parseParams(messagesRequest, it), model),
  turn: (it) => agentTurnOf(parseParams(messagesRequest, it)),
  writer: (head, it) =>
    createMessageWriter(head, {
      estimate: () => estimateOf(it),
      showsThinking: (it.thinking as { display?: unknown } | null | undefined)?.display !== "omitted",
    }), // judged by `translate` or `turn`
  handedOn: withoutOurs,
  relabel(piece, model) {
    const message = piece.type === "message_start" ? (piece.message as Json | undefined) : piece; // a provider's event
    if (message?.type !== "message") return;
    message.model = model;
    message.id = prefixed(message.id, idPrefix);
  },
  encode: (piece) => `event: ${String(piece.type)}\ndata: ${JSON.stringify(piece)}\n\n`,
  ending: "",
  failure: errorEnvelope,
  errorBody: errorEnvelope,
};
