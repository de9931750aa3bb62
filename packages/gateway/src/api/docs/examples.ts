import type { Json } from "../contract-schemas.ts";
import { nameOf } from "./types.ts";

/** What stands for a field of this name in examples. */
const byName: Record<string, unknown> = {
  agentId: "default",
  approvalId: "approval-123",
  channelId: "telegram",
  decision: "allow",
  entryId: "entry-123",
  expiresAt: "2030-01-01T00:00:00Z",
  input: "Hello!",
  instructions: "Be brief.",
  jobId: "job-123",
  limit: 20,
  max_tokens: 256,
  message: "Hello, AI!",
  messages: [{ role: "user", content: "Hello!" }],
  model: "builtin/demo",
  name: "Example",
  prompt: "Hello!",
  runId: "run-123",
  schedule: "every 15m",
  scopes: ["read"],
  sessionKey: "session-123",
  text: "Hello!",
  title: "A new title",
  to: "12345",
  tokenId: "token-123",
  url: "https://example.com/",
};

/** Where `byName` would mislead. */
const byOperation: Record<string, Record<string, unknown>> = {
  "model.get": { id: "builtin/demo" },
  "agent.create": { id: "writer", name: "Writer" },
  "token.create": { name: "dashboard" },
  "cron.create": { name: "Morning", schedule: "0 8 * * *", message: "What is new today?" },
  "cron.update": { enabled: false },
  "openai.completions": { model: "openai/gpt-3.5-turbo-instruct" },
  "session.fork": { newSessionKey: "session-124" },
};

/** Fields that need not be there, yet belong into a good example. */
const alsoShown: Record<string, readonly string[]> = {
  "agent.create": ["name"],
  "agent.run": ["sessionKey"],
  "agent.run.stream": ["sessionKey"],
  "agent.update": ["name"],
  "channel.send": ["text"],
  "chat.run": ["sessionKey"],
  "chat.subscribe": ["runId"],
  "chat.unsubscribe": ["runId"],
  "cron.update": ["enabled"],
  "openai.completions": ["prompt"],
  "openai.responses.compact": ["input"],
  "openai.responses.create": ["input"],
  "openai.responses.inputTokens": ["input"],
  "session.fork": ["newSessionKey"],
  "session.list": ["limit"],
  "session.update": ["title"],
};

/** Makes examples of schemas whose references point into `components`. */
export interface Examples {
  /** A body or the parameters of an operation: what is required, and what is worth showing. */
  ofOperation(id: string, schema: Json): unknown;
  /** One field of an operation. */
  ofField(id: string, name: string, schema: Json): unknown;
}

export function createExamples(components: Record<string, Json>): Examples {
  const resolve = (schema: Json): Json =>
    typeof schema.$ref === "string" ? resolve(components[nameOf(schema.$ref)] ?? {}) : schema;

  function ofField(id: string, name: string, schema: Json): unknown {
    return byOperation[id]?.[name] ?? (fits(byName[name], resolve(schema)) ? byName[name] : value(schema, 0));
  }

  function value(schema: Json, depth: number): unknown {
    const it = resolve(schema);
    if (Array.isArray(it.examples)) return it.examples[0];
    if ("default" in it) return it.default;
    if ("const" in it) return it.const;
    if (Array.isArray(it.enum)) return it.enum[0];
    const either = (it.anyOf ?? it.oneOf) as Json[] | undefined;
    if (either) return value(either.find((one) => resolve(one).type !== "null") ?? {}, depth);
    switch (Array.isArray(it.type) ? it.type[0] : it.type) {
      case "object":
        return depth > 4 ? {} : object(it, [], (name, field) => named(name, field, depth));
      case "array":
        return it.minItems === undefined ? [] : [value((it.items ?? {}) as Json, depth + 1)];
      case "integer":
      case "number":
        return it.minimum ?? 1;
      case "boolean":
        return true;
      case "string":
        return it.format === "date-time" ? "2030-01-01T00:00:00Z" : "text";
      default:
        return {};
    }
  }

  const named = (name: string, field: Json, depth: number) =>
    fits(byName[name], resolve(field)) ? byName[name] : value(field, depth + 1);

  return {
    ofField,
    ofOperation(id, schema) {
      const it = resolve(schema);
      if (it.type !== "object") return value(it, 0);
      const also = alsoShown[id] ?? [];
      const example = object(it, also, (name, field) => ofField(id, name, field));
      // A field that is passed on unread is not in the schema.
      for (const name of also) example[name] ??= byOperation[id]?.[name] ?? byName[name];
      return example;
    },
  };
}

/** The required properties and those also asked for. */
function object(
  schema: Json,
  also: readonly string[],
  make: (name: string, field: Json) => unknown,
): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Record<string, Json>; // as JSON Schema says
  const shown = new Set([...((schema.required ?? []) as string[]), ...also]);
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => shown.has(name))
      .map(([name, field]) => [name, make(name, field)]),
  );
}

/** Whether the example is of the field's kind: the same name can stand for something else elsewhere. */
function fits(example: unknown, schema: Json): boolean {
  if (example === undefined) return false;
  if (Array.isArray(schema.enum)) return schema.enum.includes(example);
  if ("const" in schema) return schema.const === example;
  const either = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (either) return either.some((one) => fits(example, one));
  const types = [schema.type].flat();
  if (Array.isArray(example)) return types.includes("array");
  if (typeof example === "number") return types.includes("integer") || types.includes("number");
  return types.includes(typeof example);
}
