import { createMessageReader } from "./anthropic-answer.ts";
import { createMessagesBodies } from "./anthropic-request.ts";
import { messageStream } from "./anthropic-stream.ts";
import { eventsOf, readAll } from "./event-source.ts";
import { createPassThrough } from "./pass-through.ts";
import type { ModelWire, ProviderSettings, WirePorts } from "./types.ts";
import { createUpstream } from "./upstream.ts";
import type { WireLimits } from "./wire-limits.ts";

/** Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages */
export function createAnthropicMessages(
  provider: ProviderSettings,
  ports: WirePorts,
  limits?: Partial<WireLimits>,
): ModelWire {
  const upstream = createUpstream(provider, ports, limits);
  const bodyOf = createMessagesBodies();
  const headers: Record<string, string> = { "anthropic-version": "2023-06-01" };
  if (provider.apiKey) headers["x-api-key"] = provider.apiKey.reveal();
  const forStream = { accept: "text/event-stream", ...headers };
  const forJson = { accept: "application/json", ...headers };

  return {
    stream: (request, options) =>
      readAll(async () => {
        const { whole = false } = options;
        const { json, answerTool } = bodyOf(request, !whole);
        const answer = await upstream.post("/messages", whole ? forJson : forStream, json, options);
        const source = eventsOf(answer, upstream, messageStream, options);
        const reader = createMessageReader(answerTool);
        return { source, reader };
      }),

    passThrough: {
      messages: createPassThrough(upstream, {
        path: "/messages",
        headers,
        isAnswer: ({ type }) => type === "message",
        rules: messageStream,
      }),
      "count-tokens": createPassThrough(upstream, {
        path: "/messages/count_tokens",
        headers,
        isAnswer: (body) => typeof body.input_tokens === "number",
      }),
    },

    close: upstream.close,
  };
}
