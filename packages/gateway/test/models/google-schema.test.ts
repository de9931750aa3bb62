import assert from "node:assert/strict";
import { test } from "node:test";
import { googleSchema } from "../../src/runtime/models/google-schema.ts";

type Json = Record<string, unknown>;

const $defs = { a: { type: "string", minLength: 1 } };

test("what Google reads stays as it is, and what it would overlook is said otherwise", () => {
  const same: Json = {
    type: "object",
    properties: { x: { type: ["string", "null"], format: "date" }, y: { $ref: "#/$defs/a" } },
    additionalProperties: false,
    required: ["x"],
    $defs,
  };
  const cases: [string, Json, Json][] = [
    ["nothing to do", same, same],
    ["the draft", { $schema: "x", type: "object" }, { type: "object" }],
    ["a constant", { const: "a" }, { type: "string", enum: ["a"] }],
    ["a number", { type: "integer", const: 1 }, { type: "integer", enum: [1] }],
    ["null", { const: null }, { type: "null" }],
    ["true", { type: "boolean", const: true }, { type: "boolean", const: true }],
    [
      "anything",
      { type: "object", properties: { x: true }, additionalProperties: true },
      { type: "object", properties: { x: {} }, additionalProperties: true },
    ],
    ["a tuple", { items: [{ const: 1 }, {}] }, { prefixItems: [{ type: "number", enum: [1] }, {}] }],
    ["nested", { anyOf: [{ items: { const: 1 } }] }, { anyOf: [{ items: { type: "number", enum: [1] } }] }],
    [
      "one of all",
      { allOf: [{ $ref: "#/$defs/a" }], description: "d", $defs },
      { type: "string", minLength: 1, description: "d", $defs },
    ],
    [
      "a property of that name",
      { properties: { const: { type: "string" } } },
      { properties: { const: { type: "string" } } },
    ],
  ];
  for (const [name, schema, expected] of cases) {
    const before = structuredClone(schema);
    assert.deepEqual(googleSchema(schema), expected, name);
    assert.deepEqual(schema, before, `${name}: the caller's own is left alone`);
  }
});

test("a reference with something beside it becomes a copy, and one alone stays", () => {
  const schema = {
    definitions: { "a/b": { type: "string" } },
    properties: {
      alone: { $ref: "#/definitions/a~1b" },
      described: { $ref: "#/definitions/a~1b", description: "d" },
      lost: { $ref: "#/definitions/none", description: "d" },
    },
  };
  assert.deepEqual(googleSchema(schema), {
    properties: {
      alone: { $ref: "#/$defs/a~1b" },
      described: { type: "string", description: "d" },
      lost: { $ref: "#/definitions/none", description: "d" },
    },
    $defs: { "a/b": { type: "string" } },
  });
});

test("the outermost schema is an object even where it refers to one", () => {
  const tree = { type: "object", properties: { children: { items: { $ref: "#/$defs/tree" } } } };
  assert.deepEqual(googleSchema({ $ref: "#/$defs/tree", $defs: { tree } }), { ...tree, $defs: { tree } });
});

test("a schema that refers to itself ends, and one that refers over and over stays small", () => {
  const own = { type: "object", properties: { next: { $ref: "#/$defs/own", description: "d" } } };
  const { $defs: converted } = googleSchema({ $ref: "#/$defs/own", $defs: { own } });
  const once = { type: "object", properties: { next: { $ref: "#/$defs/own" } } };
  assert.deepEqual(converted, {
    own: { type: "object", properties: { next: { ...once, description: "d" } } },
  });

  const bomb: Json = { level0: { type: "string" } };
  for (let level = 1; level < 40; level++) {
    const below = { $ref: `#/$defs/level${level - 1}`, description: "d" };
    bomb[`level${level}`] = { type: "object", properties: { a: below, b: below, c: below } };
  }
  assert.ok(JSON.stringify(googleSchema({ type: "object", $defs: bomb })).length < 200_000);
});
