import type { FinishReason, ThinkingLevel, Usage } from "openclaw-protocol";
import type { Secret } from "../../lib/secrets.ts";

/** Bytes (base64) or an address that comes with a message. */
interface Media {
  mimeType?: string | undefined;
  data?: string | undefined;
  url?: string | undefined;
  /** Where it stood in the caller's request, for errors: `messages[0].content[1].image_url.url`. */
  param?: string | undefined;
}

/** A piece of what the user says. */
export type UserPart =
  | { type: "text"; text: string }
  | ({ type: "image" } & Media)
  | ({ type: "file"; name?: string | undefined } & Media);

/** A finished block of thinking. `opaque` (a signature, say) belongs to the wire that made it and goes back to it as it is. */
export interface ReasoningBlock {
  text: string;
  opaque?: unknown;
}

/** A tool call as the model wrote it; `arguments` is JSON text and may be invalid. `opaque` as in ReasoningBlock. */
export interface ModelToolCall {
  id: string;
  name: string;
  arguments: string;
  opaque?: unknown;
}

/** A conversation in no provider's dialect. Every `tool` message answers calls of the assistant message before it. */
export type PromptMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: UserPart[] }
  | { role: "assistant"; content: string; reasoning?: ReasoningBlock[]; toolCalls?: ModelToolCall[] }
  | {
      role: "tool";
      toolCallId: string;
      name: string;
      result: string;
      isError: boolean;
      /** Pictures and files of the result, which not every provider takes. */
      media?: UserPart[];
    };

/** A tool that the model may call; `parameters` is JSON Schema. */
export interface ToolSchema {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  strict?: boolean | undefined;
}

export type ToolChoice = "auto" | "none" | "required" | { name: string };

/** JSON as the answer; `schema` is JSON Schema. */
export interface ResponseFormat {
  type: "json";
  schema?: Record<string, unknown> | undefined;
  name?: string | undefined;
  description?: string | undefined;
  strict?: boolean | undefined;
}

export interface ModelRequest {
  /** The provider's own id of the model, without our `provider/` in front. */
  model: string;
  messages: readonly PromptMessage[];
  tools?: readonly ToolSchema[] | undefined;
  toolChoice?: ToolChoice | undefined;
  parallelToolCalls?: boolean | undefined;
  /** A level that the model has: see `nearestThinking`. */
  thinking?: ThinkingLevel | undefined;
  /** Most tokens to think, for providers that count them; the others go by `thinking`. */
  thinkingBudget?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  maxTokens?: number | undefined;
  stop?: readonly string[] | undefined;
  seed?: number | undefined;
  presencePenalty?: number | undefined;
  frequencyPenalty?: number | undefined;
  /** The same for all requests of one conversation: some providers find what they keep of it by this. */
  cacheKey?: string | undefined;
  /** How much the answer shall say. */
  verbosity?: "low" | "medium" | "high" | undefined;
  responseFormat?: ResponseFormat | undefined;
}

/** What a model says, piece by piece. Exactly one `finish` comes last; a failure throws a `GatewayError`. */
export type ModelEvent =
  | { type: "text"; delta: string }
  | { type: "thinking"; delta: string }
  /** A whole block of thinking has ended. */
  | { type: "reasoning"; block: ReasoningBlock }
  /** The arguments of a call as they come; `index` counts the calls of this answer from 0. */
  | { type: "tool.delta"; index: number; id: string; name: string; delta: string }
  /** A call is complete. */
  | { type: "tool.call"; index: number; call: ModelToolCall }
  | {
      type: "finish";
      reason: Exclude<FinishReason, "max_steps" | "aborted"> | "tool_calls";
      usage: Usage;
      /** The stop sequence that ended the answer, where the provider tells. */
      stopSequence?: string | undefined;
    };

export interface CallOptions {
  /** Aborting closes the upstream socket at once; the call then rejects with the signal's reason. */
  signal: AbortSignal;
  /** Another key or model stands ready, so a failure is told soon instead of being waited out. */
  hurry?: boolean | undefined;
  /** The answer is wanted whole: the provider is not asked to stream it. */
  whole?: boolean | undefined;
}

type Json = Record<string, unknown>;

/** The callers' dialects in which bodies can be handed on as they are. */
export const passDialects = [
  "chat-completions",
  "completions",
  "embeddings",
  "responses",
  "compact",
  "messages",
  "count-tokens",
] as const;
export type PassDialect = (typeof passDialects)[number];

export interface PassOptions extends CallOptions {
  /** Headers of the caller that belong to the dialect: `anthropic-beta`, say. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Bodies handed on as they are, for wires whose provider speaks the caller's dialect itself.
 * `body.model` is already the provider's own id; everything unknown in the body reaches the provider untouched.
 */
export interface PassThrough {
  complete(body: Json, options: PassOptions): Promise<Json>;
  /** One array per read of the socket: the events that came together, in order, a final `[DONE]` left out. */
  stream(body: Json, options: PassOptions): AsyncIterable<Json[]>;
}

/** Texts to be turned into vectors. */
export interface EmbedRequest {
  model: string;
  texts: readonly string[];
  dimensions?: number | undefined;
}

/** Vectors in the order of the texts. */
export interface Embedded {
  vectors: number[][];
  promptTokens: number;
}

/** A provider's API behind our event stream. */
export interface ModelWire {
  stream(request: ModelRequest, options: CallOptions): AsyncIterable<ModelEvent>;
  passThrough?: Partial<Record<PassDialect, PassThrough>>;
  /** Embeddings, of a provider that has some and speaks no dialect of them that we hand on. */
  embed?(request: EmbedRequest, options: CallOptions): Promise<Embedded>;
  /** Ends idle connections. */
  close?(): Promise<void>;
}

/** A provider with everything a wire needs to reach it. */
export interface ProviderSettings {
  id: string;
  baseUrl: string;
  apiKey?: Secret | undefined;
  headers: Readonly<Record<string, string>>;
}

/** What the outside world is to a wire. */
export interface WirePorts {
  now(): number;
  random(): number;
  sleep(ms: number, options: CallOptions): Promise<void>;
}

export type CreateWire = (provider: ProviderSettings, ports: WirePorts) => ModelWire;

/** What is known about a model. Prices in USD per million tokens. */
export interface ModelFacts {
  id: string;
  name?: string | undefined;
  contextWindow: number;
  maxTokens: number;
  input: readonly ("text" | "image" | "audio" | "video" | "pdf")[];
  /** The levels that it has, `off` always among them. */
  thinking: readonly ThinkingLevel[];
  cost: { input: number; output: number; cacheRead?: number | undefined; cacheWrite?: number | undefined };
}
