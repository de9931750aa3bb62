import { contract, errorBody, type HttpRoute, type MethodName } from "openclaw-protocol";
import { type ContractSchemas, contractSchemas, type Json, sorted } from "./contract-schemas.ts";
import { httpOnlyPaths } from "./http-only-paths.ts";
import {
  errorResponses,
  eventStream,
  headerRefs,
  idempotencyHeader,
  lastEventIdHeader,
  securitySchemes,
  sharedErrors,
  sharedHeaders,
  websocket,
} from "./openapi-parts.ts";

/** The OpenAPI 3.1 document of the gateway, made from the tables that validate. `version` is the gateway's. */
export function buildOpenApi(version: string): Json {
  const schemas = contractSchemas();
  schemas.add(errorBody);
  const paths: Record<string, Json> = {};
  for (const [name, method] of Object.entries(contract)) {
    const path = openPath(method.http.path);
    paths[path] ??= {};
    paths[path][method.http.method.toLowerCase()] = operation(name as MethodName, schemas); // keys of the table
  }
  for (const [path, item] of Object.entries(httpOnlyPaths(schemas))) {
    paths[path] = { ...paths[path], ...item };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "OpenClaw gateway",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description:
        "One process that joins messengers, models and tools behind one HTTP and WebSocket API. " +
        "Every method here can also be called over the WebSocket at `/`: see `/asyncapi.json`.",
    },
    servers: [{ url: "/", description: "This gateway" }],
    security: Object.keys(securitySchemes).map((scheme) => ({ [scheme]: [] })),
    tags: [...new Set(Object.keys(contract).map(domain)), "openai", "anthropic", "gateway"].map((tag) => ({
      name: tag,
    })),
    paths,
    components: {
      schemas: sorted(schemas.components),
      responses: sharedErrors(),
      headers: sharedHeaders(),
      securitySchemes,
    },
    "x-websocket": websocket(schemas),
  };
}

function operation(name: MethodName, schemas: ContractSchemas): Json {
  const method = contract[name];
  const route: HttpRoute = method.http;
  const { params, result } = schemas.methods.get(name)!; // made from the same table
  const properties = (params.properties ?? {}) as Record<string, Json>; // every params schema is an object
  const required = new Set((params.required ?? []) as string[]);
  const inPath = new Set([...route.path.matchAll(/\{(\w+)/g)].map((match) => match[1]!));
  const rest = Object.keys(properties).filter((key) => !inPath.has(key));
  const bodied = route.method === "POST" || route.method === "PATCH";
  const fields = [
    ...[...inPath].map((key) => field(key, "path", properties[key] ?? { type: "string" }, true, route.path)),
    ...(bodied ? [] : rest.map((key) => field(key, "query", properties[key]!, required.has(key)))),
    ...(bodied && "idempotencyKey" in properties ? [idempotencyHeader] : []),
    ...(name === "chat.subscribe" ? [lastEventIdHeader] : []),
  ];
  return {
    operationId: name,
    summary: method.summary,
    tags: [domain(name)],
    ...(fields.length > 0 && { parameters: fields }),
    ...(bodied && rest.length > 0 && { requestBody: requestBody(rest, properties, required) }),
    responses: {
      [String(route.status ?? 200)]: success(name, result, schemas),
      ...errorResponses(route.method, waitsForOthers(name)),
    },
    "x-scopes": method.scopes,
    "x-websocket-method": { name, ...("aliases" in method && { aliases: method.aliases }) },
  };
}

function field(name: string, place: "path" | "query", schema: Json, required: boolean, path?: string): Json {
  const { description, ...shape } = schema;
  const greedy = path?.includes(`{${name}...}`);
  const text = greedy ? "May contain slashes, raw or as %2F" : description;
  return { name, in: place, required, ...(text !== undefined && { description: text }), schema: shape };
}

function requestBody(keys: string[], properties: Record<string, Json>, required: ReadonlySet<string>): Json {
  const needed = keys.filter((key) => required.has(key));
  const schema = {
    type: "object",
    properties: Object.fromEntries(keys.map((key) => [key, properties[key]])),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
  return { required: needed.length > 0, content: { "application/json": { schema } } };
}

function success(name: MethodName, result: Json, schemas: ContractSchemas): Json {
  const json = { "application/json": { schema: result } };
  const stream = eventStream(schemas);
  switch (name) {
    case "chat.subscribe":
      return { description: "The run's events, as they come", headers: headerRefs, content: stream };
    case "agent.run":
      return {
        description: "The answer; as server-sent events where `stream` is true",
        headers: headerRefs,
        content: { ...json, ...stream },
      };
    case "browser.watch":
      return { description: "What the tab shows, as it changes", headers: headerRefs, content: stream };
    case "browser.screenshot":
      return {
        description: "The picture; raw where `Accept` asks for an image",
        headers: headerRefs,
        content: { ...json, "image/png": {}, "image/jpeg": {}, "image/webp": {} },
      };
    case "browser.pdf":
      return {
        description: "The PDF; raw where `Accept` asks for application/pdf",
        headers: headerRefs,
        content: { ...json, "application/pdf": {} },
      };
    default:
      return { description: "Success", headers: headerRefs, content: json };
  }
}

/** Methods that wait for a model, a messenger or a web page, whose failures can become theirs. */
function waitsForOthers(name: MethodName): boolean {
  return ["agent", "chat", "channel", "browser"].includes(domain(name));
}

/** `{id...}`, the rest of the path, is an ordinary parameter to OpenAPI. */
function openPath(path: string): string {
  return path.replace("...}", "}");
}

function domain(name: string): string {
  return name.slice(0, name.indexOf("."));
}
