import { eventsOf } from "./event-source.ts";
import { createGoogleReader } from "./google-answer.ts";
import { googleEmbeddings } from "./google-embeddings.ts";
import { createGoogleBodies, pathOf, withField } from "./google-request.ts";
import { googleStream } from "./google-stream.ts";
import type { ModelEvent, ModelWire, ProviderSettings, WirePorts } from "./types.ts";
import { createUpstream } from "./upstream.ts";
import type { WireLimits } from "./wire-limits.ts";

/** Google's Gemini API: https://ai.google.dev/api/generate-content */
export function createGoogleGenerativeAi(
  provider: ProviderSettings,
  ports: WirePorts,
  limits?: Partial<WireLimits>,
): ModelWire {
  const upstream = createUpstream(provider, ports, limits);
  const bodyOf = createGoogleBodies();
  const headers: Record<string, string> = provider.apiKey
    ? { "x-goog-api-key": provider.apiKey.reveal() }
    : {};
  const forStream = { accept: "text/event-stream", ...headers };
  const forJson = { accept: "application/json", ...headers };

  return {
    async *stream(request, options): AsyncGenerator<ModelEvent> {
      const { whole = false } = options;
      const method = whole ? "generateContent" : "streamGenerateContent?alt=sse";
      const path = pathOf(request.model, method);
      const body = bodyOf(request);
      const reader = createGoogleReader(upstream.failures, ports.random);
      let token: string | undefined;
      do {
        const asked =
          token === undefined ? body : withField(body, "continuationToken", JSON.stringify(token));
        const answer = await upstream.post(path, whole ? forJson : forStream, asked, options);
        const source = eventsOf(answer, upstream, googleStream, options);
        try {
          for (let read = await source.next(); read !== null; read = await source.next()) {
            const events: ModelEvent[] = [];
            for (const event of read) reader.take(event, events);
            for (const event of events) yield event;
          }
        } finally {
          source.close();
        }
        token = reader.continuation();
      } while (token !== undefined);
      for (const event of reader.end()) yield event;
    },

    embed: (request, options) => googleEmbeddings(request, upstream, headers, options),

    close: upstream.close,
  };
}
