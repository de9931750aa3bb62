import { eventsOf, readAll } from "./event-source.ts";
import { embeddingsEndpoint } from "./pass-embeddings.ts";
import { createPassThrough } from "./pass-through.ts";
import { createResponseReader } from "./responses-answer.ts";
import { responsesBody } from "./responses-request.ts";
import { responsesStream } from "./responses-stream.ts";
import type { ModelWire, ProviderSettings, WirePorts } from "./types.ts";
import { createUpstream } from "./upstream.ts";
import type { WireLimits } from "./wire-limits.ts";

/** OpenAI's Responses API, without its storage: https://developers.openai.com/api/reference/resources/responses */
export function createOpenAiResponses(
  provider: ProviderSettings,
  ports: WirePorts,
  limits?: Partial<WireLimits>,
): ModelWire {
  const upstream = createUpstream(provider, ports, limits);
  const headers: Record<string, string> = provider.apiKey
    ? { authorization: `Bearer ${provider.apiKey.reveal()}` }
    : {};
  const forStream = { accept: "text/event-stream", ...headers };
  const forJson = { accept: "application/json", ...headers };

  return {
    stream: (request, options) =>
      readAll(async () => {
        const { whole = false } = options;
        const body = JSON.stringify(responsesBody(request, !whole));
        const answer = await upstream.post("/responses", whole ? forJson : forStream, body, options);
        const source = eventsOf(answer, upstream, responsesStream, options);
        const reader = createResponseReader(upstream.failures, request.tools ?? []);
        return { source, reader };
      }),

    passThrough: {
      responses: createPassThrough(upstream, {
        path: "/responses",
        headers,
        isAnswer: ({ object }) => object === "response",
        rules: responsesStream,
      }),
      compact: createPassThrough(upstream, {
        path: "/responses/compact",
        headers,
        isAnswer: ({ object }) => object === "response.compaction",
      }),
      embeddings: createPassThrough(upstream, embeddingsEndpoint(headers)),
    },

    close: upstream.close,
  };
}
