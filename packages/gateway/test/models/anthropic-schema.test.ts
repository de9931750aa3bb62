import assert from "node:assert/strict";
import { test } from "node:test";
import { canBeHeldTo, heldSchema } from "../../src/runtime/models/anthropic-schema.ts";

type Json = Record<string, unknown>;

const string = { type: "string" };
const object = (properties: Json, required: string[] = Object.keys(properties), more: Json = {}): Json => ({
  type: "object",
  properties,
  required,
  ...more,
});
const many = (count: number): Json =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, string]));

test("anthropic: an answer can be held to closed objects with few properties that may be left out", () => {
  const held: Json[] = [
    string,
    object({ a: string }),
    object(many(30)),
    object(many(10), []),
    object({ a: { type: ["string", "null"] }, b: { enum: ["x", 1, null] } }),
    object({ a: { type: "array", items: object({ b: string }) } }),
    object({ a: { anyOf: [string, object({ b: string })] } }),
    object({ a: { $ref: "#/$defs/A" }, b: { $ref: "#/$defs/A" } }, ["a", "b"], {
      $defs: { A: object({ c: string }) },
    }),
    object({}),
    { type: "object", additionalProperties: false },
  ];
  for (const schema of held) assert.equal(canBeHeldTo(schema), true, JSON.stringify(schema));
});

test("anthropic: an answer cannot be held to free keys, recursion, or too much that may be left out", () => {
  const five = object(many(6), []);
  const deep = Array.from({ length: 40 }).reduce<Json>((inner) => object({ a: inner }), string);
  const free: Json[] = [
    { type: "object" },
    { type: ["object", "null"] },
    object({ a: { type: "object", additionalProperties: string } }),
    object({ a: string }, ["a"], { additionalProperties: true }),
    object({ a: string }, ["a"], { patternProperties: { "^x": string } }),
    object(many(11), []),
    object({ a: five, b: five }),
    object({ a: { type: "array", items: [string, { type: "object" }] } }),
    object({ a: { oneOf: [string, { type: "object" }] } }),
    object({ a: { $ref: "#" } }),
    object({ a: { $ref: "#/$defs/A" } }, ["a"], { $defs: { A: object({ next: { $ref: "#/$defs/A" } }) } }),
    object({ a: { $ref: "#/$defs/A" }, b: { $ref: "#/$defs/A" } }, ["a", "b"], { $defs: { A: five } }),
    object({ a: { $ref: "https://x.example/schema" } }),
    { $ref: "#/$defs/A", properties: { b: string }, $defs: { A: object({ a: string }) } },
    deep,
  ];
  for (const schema of free) assert.equal(canBeHeldTo(schema), false, JSON.stringify(schema));
});

test("anthropic: references that multiply at each step are looked at once", () => {
  const $defs: Json = { D40: object({ x: string }) };
  for (let step = 39; step >= 0; step--) {
    const next = { $ref: `#/$defs/D${step + 1}` };
    $defs[`D${step}`] = object(Object.fromEntries([..."abcdefgh"].map((name) => [name, next])));
  }
  const itself = object(Object.fromEntries([..."abcdefgh"].map((name) => [name, { $ref: "#" }])));
  // Else it would take for ever; it lies too deep as well.
  assert.equal(canBeHeldTo({ $ref: "#/$defs/D0", $defs }), false);
  assert.equal(canBeHeldTo({ $ref: "#/$defs/D28", $defs }), true);
  assert.equal(canBeHeldTo(itself), false);
});

test("anthropic: objects are closed, and what cannot be enforced is told in words", () => {
  const schema = object(
    {
      age: { type: "integer", minimum: 0, maximum: 150, description: "Years" },
      mail: { type: "string", format: "email", minLength: 3 },
      colour: { type: "string", format: "color" },
      tags: { type: "array", items: { type: "string", pattern: "^x" }, minItems: 2 },
      kind: { oneOf: [{ const: "a" }, object({ b: string })] },
      minimum: string,
    },
    ["age"],
    { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Person" },
  );
  const before = structuredClone(schema);
  assert.deepEqual(heldSchema(schema), {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Person",
    type: "object",
    properties: {
      age: { type: "integer", description: 'Years\nIt must also keep to {"minimum":0,"maximum":150}.' },
      mail: { type: "string", format: "email", description: 'It must also keep to {"minLength":3}.' },
      colour: { type: "string", description: 'It must also keep to {"format":"color"}.' },
      tags: {
        type: "array",
        items: { type: "string", description: 'It must also keep to {"pattern":"^x"}.' },
        description: 'It must also keep to {"minItems":2}.',
      },
      kind: {
        anyOf: [
          { const: "a" },
          { type: "object", properties: { b: string }, required: ["b"], additionalProperties: false },
        ],
      },
      minimum: string,
    },
    required: ["age"],
    additionalProperties: false,
  });
  assert.deepEqual(schema, before, "the caller's schema stays as it is");
});

test("anthropic: beside a reference only what it points to is kept", () => {
  const A = object({ b: string }, []);
  assert.deepEqual(
    heldSchema({ $ref: "#/$defs/A", description: "x", $defs: { A }, definitions: { B: string } }),
    {
      $ref: "#/$defs/A",
      $defs: { A: { ...A, additionalProperties: false } },
      definitions: { B: string },
    },
  );
});
