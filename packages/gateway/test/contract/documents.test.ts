import assert from "node:assert/strict";
import { test } from "node:test";
import { contract, errorTable, runEvents, systemEvents } from "openclaw-protocol";
import { buildAsyncApi } from "../../src/api/asyncapi.ts";
import type { Json } from "../../src/api/contract-schemas.ts";
import { buildOpenApi } from "../../src/api/openapi.ts";

const openapi = buildOpenApi("2026.1.2");
const asyncapi = buildAsyncApi("2026.1.2");

test("every reference in both documents leads somewhere", () => {
  for (const document of [openapi, asyncapi]) {
    let seen = 0;
    for (const ref of references(document)) {
      seen++;
      assert.notEqual(follow(document, ref), undefined, `${ref} leads nowhere`);
    }
    assert.ok(seen > 50);
  }
});

test("OpenAPI names every method of the table with all its parameters, scopes and its route", () => {
  const paths = openapi.paths as Record<string, Record<string, Json>>;
  for (const [name, method] of Object.entries(contract)) {
    const operation = paths[method.http.path.replace("...}", "}")]?.[method.http.method.toLowerCase()];
    assert.ok(operation, `${name} is missing`);
    assert.equal(operation.operationId, name);
    assert.deepEqual(operation["x-scopes"], method.scopes);
    const body = operation.requestBody as
      | { content: Record<string, { schema: { properties: object } }> }
      | undefined;
    const documented = new Set([
      ...((operation.parameters ?? []) as { name: string }[]).map((field) => field.name),
      ...Object.keys(body?.content["application/json"]?.schema.properties ?? {}),
    ]);
    for (const param of Object.keys(method.params.shape))
      assert.ok(documented.has(param), `${name} lacks ${param}`);
  }
});

test("operation ids are unique and every path parameter is declared", () => {
  const ids: unknown[] = [];
  for (const [path, item] of Object.entries(openapi.paths as Record<string, Record<string, Json>>)) {
    for (const operation of Object.values(item)) {
      ids.push(operation.operationId);
      const declared = ((operation.parameters ?? []) as Json[]).filter((field) => field.in === "path");
      const used = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      assert.deepEqual(
        declared.map((field) => field.name),
        used,
      );
    }
  }
  assert.equal(new Set(ids).size, ids.length);
});

test("every error code has its answer in the OpenAPI document", () => {
  const responses = (openapi.components as Json).responses as Json;
  assert.deepEqual(Object.keys(responses), Object.keys(errorTable));
  const run = (openapi.paths as Record<string, Record<string, Json>>)["/v1/agent/run"]!.post!;
  const statuses = Object.keys(run.responses as Json);
  for (const { status } of Object.values(errorTable))
    assert.ok(statuses.includes(String(status)), `${status}`);
});

test("AsyncAPI has a request and a reply for every method and a message for every event", () => {
  const messages = (asyncapi.components as Json).messages as Record<string, Json>;
  const operations = asyncapi.operations as Record<string, Json>;
  for (const name of Object.keys(contract)) {
    assert.ok(messages[`${name}.request`], name);
    assert.ok(messages[`${name}.reply`], name);
    assert.ok(operations[name], name);
  }
  for (const type of Object.keys({ ...runEvents, ...systemEvents })) assert.ok(messages[type], type);
});

function* references(value: unknown): Iterable<string> {
  if (value === null || typeof value !== "object") return;
  for (const [key, part] of Object.entries(value)) {
    if (key === "$ref" && typeof part === "string") yield part;
    else yield* references(part);
  }
}

function follow(document: unknown, ref: string): unknown {
  return ref
    .replace(/^#\//, "")
    .split("/")
    .reduce<unknown>((value, step) => (value as Json | undefined)?.[step], document);
}
