import { createAnswerReader } from "./openai-answer.ts";
import { createChatBodies } from "./openai-body.ts";
import { dialectOf } from "./openai-request.ts";
import { chunksOf, parseObject } from "./openai-stream.ts";
import type { CallOptions, ModelEvent, ModelWire, ProviderSettings, WirePorts } from "./types.ts";
import { createUpstream, readText } from "./upstream.ts";
import type { WireLimits } from "./wire-limits.ts";

type Json = Record<string, unknown>;

const path = "/chat/completions";

/** Chat Completions as OpenAI defined it and many speak it: https://platform.openai.com/docs/api-reference/chat */
export function createOpenAiCompletions(
  provider: ProviderSettings,
  ports: WirePorts,
  limits?: Partial<WireLimits>,
): ModelWire {
  const upstream = createUpstream(provider, ports, limits);
  const bodyOf = createChatBodies(provider.id, dialectOf(provider.id));
  const authorisation = provider.apiKey ? { authorization: `Bearer ${provider.apiKey.reveal()}` } : {};
  const forStream = { accept: "text/event-stream", ...authorisation };
  const forJson = { accept: "application/json", ...authorisation };

  const open = async (body: string | Buffer, options: CallOptions) => {
    const answer = await upstream.post(path, forStream, body, options);
    return chunksOf(answer, upstream, options);
  };

  return {
    async *stream(request, options): AsyncGenerator<ModelEvent> {
      const source = await open(bodyOf(request), options);
      const reader = createAnswerReader(upstream.failures, ports.random);
      try {
        for (let chunks = await source.next(); chunks !== null; chunks = await source.next()) {
          const events: ModelEvent[] = [];
          for (const chunk of chunks) reader.take(chunk, events);
          yield* events;
        }
        yield* reader.end();
      } finally {
        source.close();
      }
    },

    chatCompletions: {
      async complete(body, options) {
        const answer = await upstream.post(path, forJson, JSON.stringify(body), options);
        const completion = parseObject(await readText(answer, upstream, options));
        if (completion === undefined) throw upstream.failures.garbage("something that is not a completion");
        if (completion.error && !completion.choices) throw upstream.failures.ofObject(completion.error);
        return completion;
      },
      async *stream(body, options): AsyncGenerator<Json[]> {
        const streamed = body.stream === true ? body : { ...body, stream: true };
        const source = await open(JSON.stringify(streamed), options);
        try {
          for (let chunks = await source.next(); chunks !== null; chunks = await source.next()) yield chunks;
        } finally {
          source.close();
        }
      },
    },

    close: upstream.close,
  };
}
