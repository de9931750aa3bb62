import { eventsOf, readAll } from "./event-source.ts";
import { createAnswerReader } from "./openai-answer.ts";
import { createChatBodies } from "./openai-body.ts";
import { dialectOf } from "./openai-request.ts";
import { chatStream } from "./openai-stream.ts";
import { embeddingsEndpoint } from "./pass-embeddings.ts";
import { createPassThrough } from "./pass-through.ts";
import type { ModelWire, ProviderSettings, WirePorts } from "./types.ts";
import { createUpstream } from "./upstream.ts";
import type { WireLimits } from "./wire-limits.ts";

/** Chat Completions as OpenAI defined it and many speak it: https://platform.openai.com/docs/api-reference/chat */
export function createOpenAiCompletions(
  provider: ProviderSettings,
  ports: WirePorts,
  limits?: Partial<WireLimits>,
): ModelWire {
  const upstream = createUpstream(provider, ports, limits);
  const bodyOf = createChatBodies(provider.id, dialectOf(provider.id));
  const headers: Record<string, string> = provider.apiKey
    ? { authorization: `Bearer ${provider.apiKey.reveal()}` }
    : {};
  const forStream = { accept: "text/event-stream", ...headers };
  const forJson = { accept: "application/json", ...headers };
  const hasChoices = (body: Record<string, unknown>) => Array.isArray(body.choices);

  return {
    stream: (request, options) =>
      readAll(async () => {
        const { whole = false } = options;
        const body = bodyOf(request, !whole);
        const answer = await upstream.post("/chat/completions", whole ? forJson : forStream, body, options);
        const source = eventsOf(answer, upstream, chatStream, options);
        const reader = createAnswerReader(upstream.failures, ports.random);
        return { source, reader };
      }),

    passThrough: {
      "chat-completions": createPassThrough(upstream, {
        path: "/chat/completions",
        headers,
        isAnswer: hasChoices,
        rules: chatStream,
      }),
      completions: createPassThrough(upstream, {
        path: "/completions",
        headers,
        isAnswer: hasChoices,
        rules: { ...chatStream, fromWhole: (it) => (hasChoices(it) ? [it] : undefined) },
      }),
      embeddings: createPassThrough(upstream, embeddingsEndpoint(headers)),
    },

    close: upstream.close,
  };
}
