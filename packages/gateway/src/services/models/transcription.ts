import type { ToolsConfig } from "openclaw-protocol";
import type { Log } from "../../lib/log.ts";
import type { Secret } from "../../lib/secrets.ts";
import { collectProviders, type Provider, type ProviderSources } from "./providers.ts";

/** Models that put speech into words, by provider, the first choice first. */
const usual: readonly (readonly [providerId: string, model: string])[] = [
  ["openai", "gpt-4o-mini-transcribe"],
  ["groq", "whisper-large-v3-turbo"],
];
const endings: Readonly<Record<string, string>> = {
  "audio/ogg": "ogg",
  "audio/opus": "ogg",
  "audio/mpeg": "mp3",
  "audio/mp4": "m4a",
  "audio/x-m4a": "m4a",
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/flac": "flac",
  "audio/webm": "webm",
};
const longestMs = 30_000;
const bytesAtMost = 25 * 1024 * 1024;
const answerAtMost = 1024 * 1024;

/** Speech as text. */
export interface Transcription {
  /** Undefined where no provider offers it, or none could; that is logged. Rejects only when the signal aborts. */
  transcribe(
    audio: { bytes: Uint8Array; mimeType: string; name: string },
    options: { signal: AbortSignal },
  ): Promise<string | undefined>;
}

/** Asks a provider's `/audio/transcriptions`. Source: https://platform.openai.com/docs/api-reference/audio */
export function createTranscription(deps: {
  sources: ProviderSources;
  config: ToolsConfig["media"]["audio"];
  log: Log;
}): Transcription {
  const { config, log } = deps;

  function choice(): { provider: Provider; model: string } | undefined {
    if (!config.enabled) return undefined;
    const providers = collectProviders(deps.sources);
    const own = config.model;
    const slash = own?.indexOf("/") ?? -1;
    const wishes = own === undefined ? usual : [[own.slice(0, slash), own.slice(slash + 1)] as const];
    for (const [id, model] of wishes) {
      const provider = providers.get(id);
      if (provider && provider.missingKey === undefined && provider.api.startsWith("openai"))
        return { provider, model };
    }
    return undefined;
  }

  return {
    async transcribe({ bytes, mimeType, name }, { signal }) {
      const chosen = choice();
      if (!chosen || bytes.length > bytesAtMost) return undefined;
      const { baseUrl, apiKey, headers } = chosen.provider.accounts[0];
      const form = new FormData();
      form.set("model", chosen.model);
      form.set("response_format", "json");
      if (config.language !== undefined) form.set("language", config.language);
      form.set("file", new Blob([new Uint8Array(bytes)], { type: mimeType }), nameFor(name, mimeType));
      try {
        const answer = await fetch(`${baseUrl}/audio/transcriptions`, {
          method: "POST",
          headers: headersOf(headers, apiKey),
          body: form,
          redirect: "error",
          signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
        });
        if (!answer.ok || Number(answer.headers.get("content-length") ?? 0) > answerAtMost) {
          await answer.body?.cancel();
          log.warn(
            { provider: chosen.provider.id, status: answer.status },
            "speech could not be put into words",
          );
          return undefined;
        }
        const body: unknown = await answer.json();
        const text = body !== null && typeof body === "object" && "text" in body ? body.text : undefined;
        return typeof text === "string" && text.trim() !== ""
          ? text.trim().slice(0, answerAtMost)
          : undefined;
      } catch (error) {
        if (signal.aborted) throw error;
        log.warn(
          { provider: chosen.provider.id },
          "speech could not be put into words: the provider did not answer",
        );
        return undefined;
      }
    },
  };
}

/** The owner's own headers win. What the body is, the form says itself. */
function headersOf(own: Readonly<Record<string, string>>, apiKey: Secret | undefined): Headers {
  const headers = new Headers(own);
  headers.delete("content-type");
  if (apiKey && !headers.has("authorization")) headers.set("authorization", `Bearer ${apiKey.reveal()}`);
  return headers;
}

/** Providers judge by the name's ending, and do not know all that senders use, e.g. `.opus`. */
function nameFor(name: string, mimeType: string): string {
  const ending = endings[mimeType.replace(/;.*$/s, "").trim().toLowerCase()];
  if (ending === undefined) return /\.\w{2,4}$/.test(name) ? name : `${name}.ogg`;
  return `${name.replace(/\.\w{1,5}$/, "")}.${ending}`;
}
