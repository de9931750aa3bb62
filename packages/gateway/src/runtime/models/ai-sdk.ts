import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
  SharedV3ProviderMetadata,
  SharedV3ProviderOptions,
  SharedV3Warning,
} from "@ai-sdk/provider";
import type { Usage } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import { createSdkFetch, type SdkFetch } from "./ai-sdk-fetch.ts";
import { pack, sdkPrompt } from "./ai-sdk-prompt.ts";
import type { ModelEvent, ModelRequest, ModelWire } from "./types.ts";
import type { Upstream } from "./upstream.ts";

/** What a wire over an AI SDK provider adds to the common part. */
export interface SdkDialect {
  /** The provider's key in the SDK's options; also marks our `opaque` values. */
  key: string;
  model(id: string, fetch: SdkFetch["fetch"]): LanguageModelV3;
  /** The call's own settings. Throws `invalid_request` for what this provider cannot honour. */
  settings(request: ModelRequest): Partial<Record<keyof LanguageModelV3CallOptions, unknown>>;
  cacheHint?: SharedV3ProviderOptions;
}

/** A wire over an AI SDK provider's `doStream`: their translation, our transport, retries and failures. */
export function createSdkWire(dialect: SdkDialect, upstream: Upstream): ModelWire {
  return {
    async *stream(request, options): AsyncGenerator<ModelEvent> {
      options.signal.throwIfAborted();
      const call = callOptions(dialect, request, options.signal);
      const sdkFetch = createSdkFetch(upstream, options);
      const fail = (thrown: unknown): unknown => failureOf(thrown, sdkFetch, upstream, options.signal);
      const reader = createPartReader(dialect.key);
      let parts: AsyncIterator<LanguageModelV3StreamPart> | undefined;
      try {
        const { stream } = await dialect.model(request.model, sdkFetch.fetch).doStream(call);
        parts = stream[Symbol.asyncIterator]() as AsyncIterator<LanguageModelV3StreamPart>; // Node's and the DOM's types differ
        for (let next = await parts.next(); !next.done; next = await parts.next()) {
          const part = next.value;
          if (part.type === "error") throw part.error;
          if (part.type === "stream-start") refuseUnsupported(part.warnings);
          if (part.type === "finish" && isCut(part)) throw upstream.failures.cut();
          if (part.type === "finish") sdkFetch.finished();
          yield* reader.take(part);
          if (part.type === "finish") return;
        }
        throw upstream.failures.cut();
      } catch (thrown) {
        throw fail(thrown);
      } finally {
        await parts?.return?.().catch(() => undefined); // the failure is already known
      }
    },
    close: upstream.close,
  };
}

function callOptions(
  dialect: SdkDialect,
  request: ModelRequest,
  abortSignal: AbortSignal,
): LanguageModelV3CallOptions {
  const { tools = [], toolChoice, responseFormat } = request;
  const given = {
    temperature: request.temperature,
    topP: request.topP,
    maxOutputTokens: request.maxTokens,
    stopSequences: request.stop && [...request.stop],
    seed: request.seed,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    responseFormat,
    toolChoice:
      tools.length === 0 || toolChoice === undefined
        ? undefined
        : typeof toolChoice === "string"
          ? { type: toolChoice }
          : { type: "tool", toolName: toolChoice.name },
    tools:
      tools.length === 0
        ? undefined
        : tools.map(({ name, description, parameters, strict }) => ({
            type: "function",
            name,
            description,
            inputSchema: parameters,
            ...(strict !== undefined && { strict }),
          })),
    ...dialect.settings(request),
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const prompt = sdkPrompt(dialect.key, request.messages, dialect.cacheHint);
  // The SDK's types know neither `undefined` nor JSON Schema as a plain record.
  return { ...Object.fromEntries(present), prompt, abortSignal } as LanguageModelV3CallOptions;
}

/** Our names of what the SDK calls otherwise. */
const params: Record<string, string> = {
  topP: "top_p",
  maxOutputTokens: "max_tokens",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  responseFormat: "response_format",
  stopSequences: "stop",
  toolChoice: "tool_choice",
};

/** The error for a parameter that a provider cannot honour. */
export function unsupported(param: string, why: string): GatewayError {
  return new GatewayError("invalid_request", `${param} cannot be used with this model: ${why}.`, { param });
}

function refuseUnsupported(warnings: readonly SharedV3Warning[]): void {
  for (const warning of warnings) {
    if (warning.type !== "unsupported") continue;
    const param = params[warning.feature] ?? warning.feature;
    throw unsupported(param, warning.details?.replace(/\.$/, "") ?? "its provider does not know it");
  }
}

function isCut({ finishReason }: Extract<LanguageModelV3StreamPart, { type: "finish" }>): boolean {
  const { unified, raw } = finishReason;
  if (unified === "error" && raw === "error") return true; // OpenAI's for a failure without a reason
  return raw === undefined && (unified === "other" || unified === "error");
}

function failureOf(thrown: unknown, sdkFetch: SdkFetch, upstream: Upstream, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (thrown instanceof GatewayError) return thrown;
  const below = sdkFetch.problem();
  if (below !== undefined) return below;
  const { name, message, statusCode } = thrown as { name?: unknown; message?: unknown; statusCode?: unknown }; // read only
  if (name === "AI_UnsupportedFunctionalityError" || name === "AI_InvalidPromptError") {
    return new GatewayError(
      "invalid_request",
      `This model's provider cannot take the request: ${String(message)}`,
      {
        param: "messages",
        cause: thrown,
      },
    );
  }
  if (name === "AI_JSONParseError" || name === "AI_TypeValidationError")
    return upstream.failures.garbage("a broken event", thrown);
  if (typeof thrown === "object" && thrown !== null && message !== undefined) {
    return upstream.failures.ofObject({ message, status: statusCode });
  }
  return upstream.failures.ofObject(thrown);
}

interface PartReader {
  take(part: LanguageModelV3StreamPart): ModelEvent[];
}

/** Turns the parts of one answer into our events. */
function createPartReader(wire: string): PartReader {
  const thoughts = new Map<string, { text: string; metadata: SharedV3ProviderMetadata }>();
  const calls = new Map<string, { index: number; name: string }>();
  const callOf = (id: string, name: string): { index: number; name: string } => {
    const known = calls.get(id) ?? { index: calls.size, name };
    calls.set(id, known);
    return known;
  };
  return {
    take(part) {
      switch (part.type) {
        case "text-delta":
          return part.delta === "" ? [] : [{ type: "text", delta: part.delta }];
        case "reasoning-start":
          thoughts.set(part.id, { text: "", metadata: { ...part.providerMetadata } });
          return [];
        case "reasoning-delta": {
          const thought = thoughts.get(part.id);
          if (thought) {
            thought.text += part.delta;
            Object.assign(thought.metadata, part.providerMetadata);
          }
          return part.delta === "" ? [] : [{ type: "thinking", delta: part.delta }];
        }
        case "reasoning-end": {
          const thought = thoughts.get(part.id);
          if (!thought) return [];
          thoughts.delete(part.id);
          const opaque = pack(wire, { ...thought.metadata, ...part.providerMetadata });
          if (thought.text === "" && !opaque) return [];
          return [{ type: "reasoning", block: { text: thought.text, ...(opaque && { opaque }) } }];
        }
        case "tool-input-start": {
          const { index, name } = callOf(part.id, part.toolName);
          return [{ type: "tool.delta", index, id: part.id, name, delta: "" }];
        }
        case "tool-input-delta": {
          const call = calls.get(part.id);
          return call ? [{ type: "tool.delta", ...call, id: part.id, delta: part.delta }] : [];
        }
        case "tool-call": {
          const { index, name } = callOf(part.toolCallId, part.toolName);
          const opaque = pack(wire, part.providerMetadata);
          const call = {
            id: part.toolCallId,
            name,
            arguments: part.input || "{}",
            ...(opaque && { opaque }),
          };
          return [{ type: "tool.call", index, call }];
        }
        case "finish":
          return [{ type: "finish", reason: reasons[part.finishReason.unified], usage: usageOf(part.usage) }];
        default:
          return [];
      }
    },
  };
}

const reasons = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  "tool-calls": "tool_calls",
  error: "stop",
  other: "stop",
} as const;

function usageOf({ inputTokens, outputTokens }: LanguageModelV3Usage): Usage {
  const promptTokens = inputTokens.total ?? 0;
  const completionTokens = outputTokens.total ?? 0;
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    ...(outputTokens.reasoning && { reasoningTokens: outputTokens.reasoning }),
    ...(inputTokens.cacheRead && { cachedTokens: inputTokens.cacheRead }),
  };
}
