import fc from "fast-check";
import type { Json } from "../support/gateway.ts";

/** What stands where something else should. */
const oddities: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown[]>(
    ...[
      null,
      true,
      0,
      -1,
      1.5,
      1e308,
      2 ** 53,
      "",
      "\u0000",
      "\ud800\ud800",
      "\u202e\ufeff\uffff",
      "{}",
      [],
      {},
    ],
    ...[[null], [[]], { $ref: "#" }, { toString: null }, { length: 1e9 }, "x".repeat(50_000)],
  ),
  fc.integer({ min: 50, max: 3000 }).map(nested),
  fc.constantFrom(JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1}}')),
  fc.array(fc.constantFrom<unknown[]>(null, 1, "a", {}), { minLength: 300, maxLength: 500 }),
);

/** Objects that are broken in one place: something is missing, too much, or of the wrong kind. */
export function broken(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const how = fc.constantFrom("replaced", "removed", "added", "instead" as const);
  return fc.tuple(values, how, fc.nat(), oddities).map(([value, way, at, oddity]) => {
    if (way === "instead" || typeof value !== "object" || value === null) return oddity;
    const copy = structuredClone(value);
    const places = placesIn(copy);
    if (way === "added" || places.length === 0) return { ...copy, [`fuzz_${at % 7}`]: oddity };
    const { owner, key } = places[at % places.length]!; // there is one
    if (way === "removed") delete owner[key];
    else owner[key] = oddity;
    return copy;
  });
}

/** Bodies that are no JSON, or say that they are something else. */
export const noJson: fc.Arbitrary<{ text: string; type: string }> = fc.oneof(
  fc.record({
    text: fc.constantFrom(
      "{",
      '{"a":',
      "\u0000",
      "[1,]",
      "undefined",
      "NaN",
      '{"a":1}{"b":2}',
      "<xml/>",
      '"\\ud800"',
      "",
      "\ufeff{}",
    ),
    type: fc.constantFrom(
      "application/json",
      "application/json; charset=utf-16",
      "application/vnd.api+json",
      "",
    ),
  }),
  fc.record({
    text: fc.constantFrom('{"model":"builtin/demo"}', "message=hi", "--x\r\n\r\n--x--"),
    type: fc.constantFrom(
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/octet-stream",
      "💥".codePointAt(0)!.toString(),
    ),
  }),
);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at++) value = at % 2 ? [value] : { a: value };
  return value;
}

/** Every property and element, at any depth. */
function placesIn(value: object): { owner: Json; key: string }[] {
  return Object.keys(value).flatMap((key) => {
    const owner = value as Json; // an array's elements have keys, too
    const inner: unknown = owner[key];
    return [{ owner, key }, ...(typeof inner === "object" && inner !== null ? placesIn(inner) : [])];
  });
}
