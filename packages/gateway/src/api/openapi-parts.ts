import { closeCodes, errorTable, type RunEventType, sseName } from "openclaw-protocol";
import { type ContractSchemas, type Json, reference } from "./contract-schemas.ts";

/** Every way to say who is asking; the first that is there and not empty decides. */
export const securitySchemes: Json = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "The gateway's token, its password or a named API token",
  },
  basic: {
    type: "http",
    scheme: "basic",
    description: "The credential as password; the user name is ignored",
  },
  apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
  password: { type: "apiKey", in: "header", name: "X-OpenClaw-Password" },
  queryToken: { type: "apiKey", in: "query", name: "token" },
  queryPassword: { type: "apiKey", in: "query", name: "password" },
};

/** What OpenAPI has no words for: the socket and its events. */
export function websocket(schemas: ContractSchemas): Json {
  return {
    paths: ["/", "/ws"],
    subprotocol: "openclaw",
    request: '{"id":1,"method":"chat.run","params":{"message":"Hello"}}',
    reply: '{"id":1,"result":{…}} or {"id":1,"error":{…}}',
    events: Object.fromEntries([...schemas.systemEvents, ...schemas.runEvents]),
    closeCodes,
  };
}

export const idempotencyHeader: Json = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "The same key with the same body within 24 h means the same run; another body is a 409",
  schema: { type: "string", minLength: 1, maxLength: 256 },
};

export const lastEventIdHeader: Json = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "The last seq seen, as afterSeq: browsers send it by themselves",
  schema: { type: "string" },
};

/** Server-sent events of a run: an event's name stands in `event:`, its seq in `id:`. */
export function eventStream(schemas: ContractSchemas): Json {
  const events = Object.fromEntries(
    [...schemas.runEvents].map(([type, data]) => [sseName(type as RunEventType), data]), // keys of the table
  );
  return { "text/event-stream": { schema: { type: "string" }, "x-events": events } };
}

/**
 * References to the error answers of a route, by status. `waits`: for a model, a messenger or a web page,
 * whose failures can become the route's.
 */
export function errorResponses(verb: string, waits: boolean): Json {
  const never = new Set<number>();
  if (verb === "GET") for (const status of [402, 413]) never.add(status);
  if (verb === "GET" && !waits) never.add(409);
  if (!waits) for (const status of [402, 499, 502, 504]) never.add(status);
  const possible = Object.entries(errorTable).filter(([, { status }]) => !never.has(status));
  return Object.fromEntries(
    possible.map(([code, { status }]) => [String(status), { $ref: `#/components/responses/${code}` }]),
  );
}

/** As `errorResponses`, of a route whose errors have another form than ours. */
export function errorsInAnotherForm(verb: string, waits: boolean, schema: Json): Json {
  const statuses = Object.keys(errorResponses(verb, waits)).map(Number);
  const described = Object.values(errorTable).filter(({ status }) => statuses.includes(status));
  return Object.fromEntries(
    described.map(({ status, description }) => [
      String(status),
      { description, headers: headerRefs, content: { "application/json": { schema } } },
    ]),
  );
}

/** The error answers that `errorResponses` refers to, one per code. */
export function sharedErrors(): Json {
  const responses: Json = {};
  for (const [code, { description }] of Object.entries(errorTable)) {
    const retried = code === "rate_limited" || code === "service_unavailable";
    responses[code] = {
      description: `${description} (\`${code}\`)`,
      headers: {
        ...headerRefs,
        ...(retried && { "Retry-After": { $ref: "#/components/headers/Retry-After" } }),
        ...(code === "unauthorized" && { "WWW-Authenticate": { schema: { type: "string" } } }),
      },
      content: { "application/json": { schema: reference("Error") } },
    };
  }
  return responses;
}

/** Headers of every answer. */
export const headerRefs: Json = Object.fromEntries(
  ["X-Request-Id", "RateLimit", "RateLimit-Policy"].map((name) => [
    name,
    { $ref: `#/components/headers/${name}` },
  ]),
);

export function sharedHeaders(): Json {
  const header = (description: string, type: string) => ({ description, schema: { type } });
  return {
    "X-Request-Id": header("Finds the request in the gateway's log", "string"),
    RateLimit: header("What is left of the current window", "string"),
    "RateLimit-Policy": header("The limit of requests and its window", "string"),
    "Retry-After": header("Seconds until it is worth trying again", "integer"),
  };
}
