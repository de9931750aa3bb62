import fc from "fast-check";
import type { Json } from "../support/gateway.ts";
import { broken, noJson } from "./broken-values.ts";
import { type Overrides, schemaValues } from "./schema-values.ts";

/** An operation of an OpenAPI document. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  described: Json;
}

/** A request for an operation. */
export interface FuzzRequest {
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export function operationsOf(document: Json): Operation[] {
  return Object.entries(document.paths as Record<string, Json>).flatMap(([path, item]) =>
    Object.entries(item).map(([method, described]) => ({
      id: described.operationId as string, // every operation has one
      method: method.toUpperCase(),
      path,
      described,
    })),
  );
}

/** Requests for an operation, most of them right. `known`: values of path parameters that lead somewhere. */
export function requestsFor(
  { path, described }: Operation,
  document: Json,
  { known, overrides }: { known: Readonly<Record<string, readonly string[]>>; overrides: Overrides },
): fc.Arbitrary<FuzzRequest> {
  const values = schemaValues(document, overrides);
  const parameters = (described.parameters ?? []) as Json[];
  const of = (place: string) => parameters.filter((it) => it.in === place);
  const text = ({ name, schema: of }: Json) => {
    const bySchema = values.of(of).map(String);
    const oddities = fc.constantFrom("", "-1", "x", "1e9", "\u0000", "💥", "null", "../..");
    const fitting = (Object.hasOwn(overrides, name) ? overrides[name]!(bySchema) : bySchema).map(String); // just looked for
    return fc.oneof({ weight: 3, arbitrary: fitting }, { weight: 1, arbitrary: oddities });
  };
  const some = (
    list: Json[],
    make: (it: Json) => fc.Arbitrary<string>,
  ): fc.Arbitrary<Record<string, string>> =>
    fc
      .subarray(list)
      .chain((chosen) => fc.record(Object.fromEntries(chosen.map((it) => [it.name as string, make(it)])))); // every parameter has one
  const places: fc.Arbitrary<Record<string, string | undefined>> = fc.record(
    Object.fromEntries(
      of("path").map(({ name, schema }) => {
        const there = fc.constantFrom(...(known[name] ?? ["x"]));
        return [
          name,
          fc.oneof({ weight: 3, arbitrary: there }, { weight: 1, arbitrary: values.of(schema).map(String) }),
        ];
      }),
    ),
  );
  const query = some(of("query"), text);
  const headers = some(of("header"), (it) => text(it).map(asHeader));
  const schema = described.requestBody?.content["application/json"].schema as Json | undefined;
  return fc
    .record({ places, query, headers, body: schema ? bodies(values.of(schema)) : fc.constant(undefined) })
    .map(({ places: inPath, query: asked, headers: told, body }) => {
      const at = path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(inPath[name] ?? "x"));
      const search = Object.entries(asked).map(([name, it]) => `${name}=${encoded(it)}`);
      return {
        path: search.length > 0 ? `${at}?${search.join("&")}` : at,
        headers: { ...told, ...(body && { "content-type": body.type }) },
        body: body?.text,
      };
    });
}

function bodies(right: fc.Arbitrary<unknown>): fc.Arbitrary<{ text: string; type: string }> {
  const json = (value: unknown) => ({ text: JSON.stringify(value) ?? "", type: "application/json" });
  return fc.oneof(
    { weight: 6, arbitrary: right.map(json) },
    { weight: 4, arbitrary: broken(right).map(json) },
    { weight: 1, arbitrary: noJson },
  );
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()) || "%20"; // an empty part would be another path
}

/** What of a text can be sent in a header. */
function asHeader(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "").trim();
}
