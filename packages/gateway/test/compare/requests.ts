import type { Json } from "../support/gateway.ts";

import { bare, chat, weather } from "./chat-requests.ts";
import {
  embeddings,
  item,
  legacy,
  messageOddities,
  messages,
  responseOddities,
  responses,
} from "./other-requests.ts";
import { hello } from "./request-parts.ts";

/** One request, sent to a provider and to the gateway before it. */
export interface Asked {
  name: string;
  path: string;
  /** The provider's model, which names an oddity of its answers. */
  model: string;
  body: Json;
  headers?: Record<string, string>;
}

const streamed: Record<string, Json> = {
  "stream_options with usage": { stream_options: { include_usage: true } },
  "stream_options without usage": { stream_options: { include_usage: false } },
  "stream_options of a vendor": {
    stream_options: { include_usage: true, continuous_usage_stats: true, include_obfuscation: false },
  },
  "usage, logprobs and choices": { stream_options: { include_usage: true }, n: 2, logprobs: true },
};

const oddities = [
  ...[
    "reasoning",
    "reasoning-openrouter",
    "refusal",
    "null-content",
    "empty-content",
    "no-refusal",
    "length",
  ],
  ...[
    "content_filter",
    "made-up-reason",
    "unicode",
    "huge",
    "annotations",
    "audio",
    "other-id",
    "no-id",
    "vendor",
  ],
  ...["tier", "no-usage", "null-usage", "no-choices"],
];
const streamedOddities = [
  ...[
    "empty-deltas",
    "no-role",
    "finish-in-chunk",
    "usage-with-finish",
    "no-done",
    "crlf",
    "comments",
    "split-bytes",
  ],
];

function table(path: string, base: Json, bodies: Record<string, Json>, more: Json = {}): Asked[] {
  const suffix = more.stream ? ", streamed" : "";
  return Object.entries(bodies).map(([name, body]) => ({
    name: `${path}: ${name}${suffix}`,
    path,
    model: "plain",
    body: { ...base, ...body, ...more },
  }));
}

function odd(path: string, base: Json, models: readonly string[], more: Json = {}): Asked[] {
  const suffix = [base.tools && "tools", more.stream && "streamed", more.stream_options && "usage"];
  return models.map((model) => ({
    name: [`${path}: an answer with ${model}`, ...suffix.filter(Boolean)].join(", "),
    path,
    model,
    body: { ...base, ...more },
  }));
}

const stream = { stream: true };
const both = (make: (more: Json) => Asked[]): Asked[] => [...make({}), ...make(stream)];
const withUsage = { stream: true, stream_options: { include_usage: true } };

const chatPath = "/v1/chat/completions";
const chatBase = { messages: hello };
const messageBase = { messages: hello, max_tokens: 256 };

/** Requests that a provider answers, or judges to be wrong. */
export const requests: readonly Asked[] = [
  ...both((more) => table(chatPath, chatBase, chat, more)),
  ...table(chatPath, chatBase, streamed, stream),
  ...both((more) => odd(chatPath, chatBase, oddities, more)),
  ...odd(chatPath, chatBase, [...streamedOddities, "no-usage"], withUsage),
  ...odd(
    chatPath,
    { ...chatBase, tools: [weather, bare] },
    ["finish-in-chunk", "split-bytes", "reasoning"],
    withUsage,
  ),
  ...both((more) => table("/v1/completions", {}, legacy, more)),
  ...table("/v1/completions", { prompt: "x" }, streamed, stream),
  ...table("/v1/embeddings", {}, embeddings),
  ...both((more) => table("/v1/responses", {}, responses, more)),
  ...both((more) => odd("/v1/responses", { input: "x" }, responseOddities, more)),
  ...table(
    "/v1/responses/compact",
    {},
    { "a conversation": { input: [item("user", "q"), item("assistant", "a")], instructions: "i" } },
  ),
  ...both((more) => table("/v1/messages", messageBase, messages, more)),
  ...both((more) => odd("/v1/messages", messageBase, messageOddities, more)),
  ...table(
    "/v1/messages/count_tokens",
    { messages: hello },
    { "a conversation": {}, "a system": { system: "s", tools: [] } },
  ),
];

/** The least body of each endpoint, for what fails whatever is asked. */
export const leastBodies: Readonly<Record<string, Json>> = {
  [chatPath]: chatBase,
  "/v1/completions": { prompt: "x" },
  "/v1/embeddings": { input: "x" },
  "/v1/responses": { input: "x" },
  "/v1/messages": messageBase,
};
