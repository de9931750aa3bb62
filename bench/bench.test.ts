import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gatewayEntry } from "../packages/gateway/test/support/gateway.ts";
import { isMet } from "./figure.ts";
import { type MeasureName, measures, runMeasures } from "./measures.ts";
import { document, table } from "./report.ts";

const tiny = { rounds: 1, requests: 10, starts: 1, sockets: 10, turns: 20, restMs: 10, settleMs: 10 };

describe("the benchmark", () => {
  it("takes every figure, and shows each in the table and in the document", async () => {
    const names = Object.keys(measures) as MeasureName[]; // the keys of that very table
    const figures = await runMeasures(gatewayEntry, names, tiny);
    assert.ok(figures.length >= names.length);
    for (const { name, gateway } of figures) assert.ok(Number.isFinite(gateway), name);
    assert.equal(table(figures).split("\n").length, figures.length + 1);
    assert.equal(JSON.parse(document(figures)).figures.length, figures.length);
  });

  it("judges a figure by its value, by its ratio to the pipe, or by what it adds to the direct one", () => {
    const figure = { name: "figure", unit: "ms", gateway: 6, pipe: 3, direct: 1 } as const;
    const met = (of: "value" | "ratio" | "added", atMost: number) =>
      isMet({ ...figure, target: { of, atMost } });
    assert.deepEqual([met("value", 6), met("value", 5)], [true, false]);
    assert.deepEqual([met("ratio", 2), met("ratio", 1.9)], [true, false]);
    assert.deepEqual([met("added", 5), met("added", 4)], [true, false]);
    assert.equal(isMet(figure), undefined);
  });
});
