import { closeCodes, contract, replyFrame, requestFrame } from "openclaw-protocol";
import { contractSchemas, type Json, reference, sorted } from "./contract-schemas.ts";
import { securitySchemes } from "./openapi-parts.ts";

/** The AsyncAPI 3 document of the gateway's WebSocket, made from the tables that validate. */
export function buildAsyncApi(version: string): Json {
  const schemas = contractSchemas();
  schemas.add(requestFrame);
  schemas.add(replyFrame);
  const messages: Record<string, Json> = {};
  const operations: Record<string, Json> = {};
  const inChannel = (name: string) => ({ $ref: `#/channels/gateway/messages/${name}` });

  for (const [name, method] of Object.entries(contract)) {
    const { params, result } = schemas.methods.get(name as keyof typeof contract)!; // keys of the table
    const needsParams = Array.isArray(params.required);
    messages[`${name}.request`] = message(
      `Call ${name}`,
      {
        id: frameId,
        method: { const: name },
        params,
      },
      ["method", ...(needsParams ? ["params"] : [])],
    );
    messages[`${name}.reply`] = message(`Answer of ${name}`, { id: frameId, result }, ["id", "result"]);
    operations[name] = {
      action: "receive",
      channel: { $ref: "#/channels/gateway" },
      summary: method.summary,
      messages: [inChannel(`${name}.request`)],
      reply: {
        channel: { $ref: "#/channels/gateway" },
        messages: [inChannel(`${name}.reply`), inChannel("error")],
      },
      "x-scopes": method.scopes,
      ...("aliases" in method && { "x-aliases": method.aliases }),
    };
  }
  messages.error = message(
    "A call failed, or a frame could not be read (id null)",
    { id: { anyOf: [frameId, { type: "null" }] }, error: reference("ErrorDetail") },
    ["id", "error"],
  );
  for (const [kind, events] of [
    ["system", schemas.systemEvents],
    ["run", schemas.runEvents],
  ] as const) {
    for (const [type, data] of events) {
      messages[type] = message(`Event ${type}`, { type: { const: type }, data }, ["type", "data"]);
    }
    operations[`${kind}Events`] = {
      action: "send",
      channel: { $ref: "#/channels/gateway" },
      summary:
        kind === "run"
          ? "What happens in a run, to its starter and its subscribers"
          : "What happens in the gateway",
      messages: [...events.keys()].map(inChannel),
    };
  }
  return {
    asyncapi: "3.0.0",
    info: {
      title: "OpenClaw gateway over WebSocket",
      version,
      license: { name: "MIT" },
      description:
        "Requests `{id,method,params}` get exactly one reply with the same id; events `{type,data}` come in between. " +
        "The same methods over HTTP: see `/openapi.json`.",
    },
    defaultContentType: "application/json",
    servers: {
      local: { host: "127.0.0.1:18789", protocol: "ws", security: securityRefs },
    },
    channels: {
      gateway: {
        address: "/",
        description:
          "Also at /ws. Browsers offer the subprotocols `openclaw` and `openclaw.ticket.<ticket>`.",
        servers: [{ $ref: "#/servers/local" }],
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: { ws: { method: "GET" } },
        "x-close-codes": closeCodes,
      },
    },
    operations,
    components: { schemas: sorted(schemas.components), messages, securitySchemes: asyncSecurity() },
  };
}

const frameId: Json = { anyOf: [{ type: "string", maxLength: 256 }, { type: "number" }] };

function message(title: string, properties: Json, required: string[]): Json {
  return { title, payload: { type: "object", properties, required } };
}

const securityRefs = Object.keys(securitySchemes).map((name) => ({
  $ref: `#/components/securitySchemes/${name}`,
}));

/** AsyncAPI calls an API key in a header or a query `httpApiKey`. */
function asyncSecurity(): Json {
  return Object.fromEntries(
    Object.entries(securitySchemes as Record<string, Json>).map(([name, scheme]) => [
      name,
      scheme.type === "apiKey" ? { ...scheme, type: "httpApiKey" } : scheme,
    ]),
  );
}
