import {
  chatCompletion,
  chatCompletionChunk,
  chatCompletionRequest,
  compactedResponse,
  compactRequest,
  completionRequest,
  countTokensAnswer,
  countTokensRequest,
  deletedResponse,
  embeddingsAnswer,
  embeddingsRequest,
  messagesAnswer,
  messagesError,
  messagesRequest,
  messagesStreamEvent,
  response,
  responseEvent,
  responseInputItems,
  responseInputTokens,
  responseRequest,
  responsesError,
} from "openclaw-protocol";
import { z } from "zod";
import type { ContractSchemas, Json } from "./contract-schemas.ts";
import { errorResponses, errorsInAnotherForm, headerRefs } from "./openapi-parts.ts";

/** What is told of one route. */
interface Told {
  id: string;
  summary: string;
  body?: z.ZodType;
  answer: z.ZodType;
  /** The events where it streams, by their names. */
  events?: Json;
  parameters?: readonly Json[];
  /** The form of its errors, where it is not ours. */
  error?: z.ZodType;
}

/** The routes of the dialects that other products' clients speak, for the OpenAPI document. */
export function dialectPaths(schemas: ContractSchemas): Record<string, Json> {
  const told = (verb: string, it: Told) => operation(verb, it, schemas);
  const post = (it: Told) => ({ post: told("POST", it) });
  const anything = z.looseObject({});
  const events = { "response.*": schemas.add(responseEvent), error: schemas.add(responseEvent) };
  const responses = (it: Told): Told => ({ ...it, error: responsesError });
  return {
    "/v1/chat/completions": post({
      id: "openai.chat.completions",
      summary:
        "OpenAI's Chat Completions, to a model (provider/model) or an agent (openclaw, openclaw/<agentId>)",
      body: chatCompletionRequest,
      answer: chatCompletion,
      events: { message: schemas.add(chatCompletionChunk) },
      parameters: [sessionKey],
    }),
    "/v1/completions": post({
      id: "openai.completions",
      summary: "OpenAI's legacy completions, from providers that have them",
      body: completionRequest,
      answer: anything,
      events: { message: schemas.add(anything) },
    }),
    "/v1/embeddings": post({
      id: "openai.embeddings",
      summary: "Vectors of texts, from whichever provider has some",
      body: embeddingsRequest,
      answer: embeddingsAnswer,
    }),
    "/v1/responses": post(
      responses({
        id: "openai.responses.create",
        summary: "OpenAI's Responses, to a model or an agent; over a WebSocket on the same path, too",
        body: responseRequest,
        answer: response,
        events,
        parameters: [sessionKey],
      }),
    ),
    "/v1/responses/compact": post(
      responses({
        id: "openai.responses.compact",
        summary: "One item that stands for a conversation",
        body: compactRequest,
        answer: compactedResponse,
      }),
    ),
    "/v1/responses/input_tokens": post(
      responses({
        id: "openai.responses.inputTokens",
        summary: "How many tokens a request would send, estimated",
        body: responseRequest,
        answer: responseInputTokens,
      }),
    ),
    "/v1/responses/{responseId}": {
      get: told(
        "GET",
        responses({
          id: "openai.responses.get",
          summary: "A response that was stored; its events where it was streamed in the background",
          answer: response,
          events,
          parameters: [
            responseId,
            query("stream", { type: "boolean" }, "The events rather than the response"),
            query("starting_after", { type: "integer", minimum: 0 }, "The last sequence_number seen"),
            query(
              "include",
              { type: "array", items: { type: "string" } },
              "e.g. reasoning.encrypted_content",
            ),
          ],
        }),
      ),
      delete: told(
        "DELETE",
        responses({
          id: "openai.responses.delete",
          summary: "Forget a stored response",
          answer: deletedResponse,
          parameters: [responseId],
        }),
      ),
    },
    "/v1/responses/{responseId}/cancel": post(
      responses({
        id: "openai.responses.cancel",
        summary: "End a response that is made in the background",
        answer: response,
        parameters: [responseId],
      }),
    ),
    "/v1/responses/{responseId}/input_items": {
      get: told(
        "GET",
        responses({
          id: "openai.responses.inputItems",
          summary: "What a stored response was asked with",
          answer: responseInputItems,
          parameters: [
            responseId,
            query("limit", { type: "integer", minimum: 1, maximum: 100 }, "Page size, 20 unless told"),
            query("order", { type: "string", enum: ["asc", "desc"] }, "desc unless told"),
            query("after", { type: "string" }, "The last id of the page before"),
          ],
        }),
      ),
    },
    "/v1/messages": post({
      id: "anthropic.messages",
      summary: "Anthropic's Messages, to a model or an agent",
      body: messagesRequest,
      answer: messagesAnswer,
      events: { "*": schemas.add(messagesStreamEvent) },
      parameters: [sessionKey],
      error: messagesError,
    }),
    "/v1/messages/count_tokens": post({
      id: "anthropic.messages.countTokens",
      summary: "How many tokens a request would send; estimated unless the provider is Anthropic",
      body: countTokensRequest,
      answer: countTokensAnswer,
      error: messagesError,
    }),
  };
}

const sessionKey: Json = {
  name: "X-OpenClaw-Session-Key",
  in: "header",
  required: false,
  description: "The session that an agent keeps its history in",
  schema: { type: "string", maxLength: 256 },
};

const responseId: Json = { name: "responseId", in: "path", required: true, schema: { type: "string" } };

function query(name: string, schema: Json, description: string): Json {
  return { name, in: "query", required: false, description, schema };
}

function operation(verb: string, told: Told, schemas: ContractSchemas): Json {
  const { id, summary, body, answer, events, parameters, error } = told;
  const json = { schema: schemas.add(answer) };
  const streamed = events && { schema: { type: "string" }, "x-events": events };
  const waits = verb === "POST";
  return {
    operationId: id,
    summary,
    tags: [id.startsWith("anthropic") ? "anthropic" : "openai"],
    ...(parameters && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: schemas.add(body) } } },
    }),
    responses: {
      "200": {
        description: events ? "The answer; its pieces as they come where `stream` is true" : "The answer",
        headers: { ...headerRefs, ...(waits && { "X-OpenClaw-Ignored": ignored }) },
        content: { "application/json": json, ...(streamed && { "text/event-stream": streamed }) },
      },
      ...(error ? errorsInAnotherForm(verb, waits, schemas.add(error)) : errorResponses(verb, waits)),
    },
    "x-scopes": verb === "GET" ? ["chat", "read"] : ["chat"],
  };
}

const ignored: Json = {
  description: "Dotted names of what was left out of the request, as it changes nothing here",
  schema: { type: "string" },
};
