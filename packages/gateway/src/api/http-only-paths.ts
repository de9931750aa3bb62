import { chatInput, type RunEventType, runEvents, sseName } from "openclaw-protocol";
import type { ContractSchemas, Json } from "./contract-schemas.ts";
import { dialectPaths } from "./dialect-paths.ts";
import { errorResponses, eventStream, headerRefs, idempotencyHeader } from "./openapi-parts.ts";

/** The routes that exist over HTTP alone, for the OpenAPI document. */
export function httpOnlyPaths(schemas: ContractSchemas): Record<string, Json> {
  return {
    "/v1/agent/run/stream": { post: agentStream(schemas) },
    ...dialectPaths(schemas),
    "/v1/media/{mediaId}/content": { get: mediaContent() },
    "/": { get: { ...page("welcome", "What a browser shows", "text/html"), security: [] } },
    "/healthz": { get: open("healthz", "Whether the process answers") },
    "/readyz": { get: open("readyz", "Whether work can be admitted and stored") },
    "/metrics": { get: page("metrics", "Counters in Prometheus' text format", "text/plain", ["read"]) },
    "/openapi.json": { get: page("openapi", "This document", "application/json") },
    "/asyncapi.json": { get: page("asyncapi", "The WebSocket protocol as AsyncAPI 3", "application/json") },
    "/docs": { get: page("docs", "The HTTP API, for people: every operation can be tried", "text/html") },
    "/docs/websocket": { get: page("docs.websocket", "The WebSocket protocol, for people", "text/html") },
    "/docs/page.js": { get: page("docs.script", "The script of both pages", "text/javascript") },
  };
}

function agentStream(schemas: ContractSchemas): Json {
  const events = Object.keys(runEvents).map((type) => sseName(type as RunEventType)); // keys of the table
  return {
    operationId: "agent.run.stream",
    summary: "Run the agent and get its events as they come",
    description:
      `Server-sent events: ${events.join(", ")}. Each has its seq as id; after a cut, ` +
      "`GET /v1/runs/{runId}/events` with `Last-Event-ID` goes on from there.",
    tags: ["agent"],
    parameters: [idempotencyHeader],
    requestBody: { required: true, content: { "application/json": { schema: schemas.add(chatInput) } } },
    responses: {
      "200": {
        description: "The run's events",
        headers: headerRefs,
        content: eventStream(schemas),
      },
      ...errorResponses("POST", true),
    },
    "x-scopes": ["chat"],
  };
}

function open(operationId: string, summary: string): Json {
  const schema = { type: "object", properties: { status: { type: "string" } }, required: ["status"] };
  return {
    operationId,
    summary,
    tags: ["gateway"],
    security: [],
    responses: {
      "200": { description: "It does", content: { "application/json": { schema } } },
      "503": { description: "It does not", content: { "application/json": { schema: { type: "object" } } } },
    },
    "x-scopes": [],
  };
}

function page(operationId: string, summary: string, type: string, scopes: string[] = []): Json {
  const schema = { type: type === "application/json" ? "object" : "string" };
  return {
    operationId,
    summary,
    tags: ["gateway"],
    responses: {
      "200": { description: summary, headers: headerRefs, content: { [type]: { schema } } },
      ...errorResponses("GET", false),
    },
    "x-scopes": scopes,
  };
}

function mediaContent(): Json {
  return {
    ...page("media.content", "The bytes of a kept file", "application/octet-stream", ["read"]),
    tags: ["media"],
    parameters: [{ name: "mediaId", in: "path", required: true, schema: { type: "string" } }],
  };
}
