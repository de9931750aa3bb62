import type { ErrorDetail, ThinkingLevel } from "openclaw-protocol";
import type { z } from "zod";
import type { ModelEvent, ModelRequest, PassDialect, UserPart } from "../../runtime/models/types.ts";
import type { ResolvedModel } from "../../services/models/models.ts";

/** A JSON object: a body, an answer, an event of a stream. */
export type Json = Record<string, unknown>;

/** What every body of a dialect has. */
export interface DialectBody extends Json {
  model: string;
  stream?: boolean | null | undefined;
}

/** A body as our own request, and what of it was left out because it changes nothing that we could honour. */
export interface Translation {
  request: Omit<ModelRequest, "model">;
  /** Dotted names, for the header `X-OpenClaw-Ignored`. */
  ignored?: readonly string[];
}

/** What a caller says to an agent, whatever its dialect. */
export interface AgentTurn {
  system: readonly string[];
  messages: readonly { role: "user" | "assistant"; content: readonly UserPart[] }[];
  /** Where the messages stand in the body, for errors. */
  param: string;
  /** Names the caller's own user: the agent keeps a session for it. */
  user?: string | undefined;
  thinking?: ThinkingLevel | undefined;
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  ignored?: readonly string[];
}

/** What all pieces of one answer share. */
export interface AnswerHead {
  id: string;
  /** Unix seconds. */
  created: number;
  /** As the caller asked for it. */
  model: string;
  /** Unix seconds, at any time. */
  now(): number;
}

/** Turns our events into a dialect's answer, one at a time. */
export interface AnswerWriter {
  /** The pieces of the stream that the event becomes. */
  take(event: ModelEvent): Json[];
  /** The whole answer, once `finish` was taken. */
  whole(): Json;
}

/**
 * A way in which clients talk to models: a pair of pure translators, and how bodies of a provider that speaks the
 * same are named anew. Everything else (models, agents, streams, limits, errors) is the same for all of them.
 */
export interface Dialect<B extends DialectBody = DialectBody> {
  readonly path: string;
  /** The name under which bodies are handed on. */
  readonly pass: PassDialect;
  /** With what its answers' ids begin. */
  readonly idPrefix: string;
  /** What must be right in a body, whoever judges the rest. */
  readonly body: z.ZodType<B>;
  /** Our own request. Throws `invalid_request` for what is wrong and for what the model's wire cannot honour. */
  translate(body: B, model: ResolvedModel): Translation;
  /** What is said to an agent. Throws as `translate`. */
  turn(body: B): AgentTurn;
  writer(head: AnswerHead, body: B): AnswerWriter;
  /** The body that a provider of the same dialect is sent, where that is not the caller's. */
  handedOn?(body: B, model: ResolvedModel): Json;
  /** Gives a piece of a provider's own answer the model's name as the caller knows it, in place. */
  relabel(piece: Json, model: string): void;
  /** Names of the caller's headers that are the provider's to judge. */
  readonly passedHeaders?: readonly string[];
  /** A piece as it goes over the wire. */
  encode(piece: Json): string;
  /** What ends a stream. */
  readonly ending: string;
  /** The last piece of a stream that fails midway. */
  failure(detail: ErrorDetail, status: number): Json;
  /** The body of an error answer, where it is not ours. */
  errorBody?(detail: ErrorDetail, status: number): Json;
}
