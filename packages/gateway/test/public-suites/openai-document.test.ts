import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import type { Json } from "../support/gateway.ts";
import { differences } from "./differences.ts";
import { readOpenAiDocument } from "./openai-document.ts";
import { collectSamples, type Sample } from "./samples.ts";

const file = process.env.OPENAI_OPENAPI;
const skip = file === undefined && "set OPENAI_OPENAPI to OpenAI's OpenAPI document in JSON: CONTRIBUTING.md";

test("docs/compatibility.md tells of every difference from OpenAI's document", () => {
  const page = readFileSync(new URL("../../../../docs/compatibility.md", import.meta.url), "utf8");
  for (const { name, reason } of differences) assert.ok(page.includes(`| ${name} | ${reason} |`), name);
  const told = page.slice(page.indexOf("## Differences from OpenAI's document"));
  const table = told
    .slice(0, told.indexOf("\n## ", 1))
    .split("\n")
    .filter((it) => it.startsWith("| "));
  assert.equal(table.length - 1, differences.length, "rows of the table beside its head");
});

describe("everything that the gateway says is right by OpenAI's own document", { skip }, () => {
  let samples: Sample[];

  before(async () => {
    samples = await collectSamples();
  });

  const wrong = (loosen: (schemas: Json) => void): string[] => {
    const document = readOpenAiDocument(file!, loosen); // the tests are skipped without
    return samples.flatMap(({ what, schema, value }) =>
      document.errors(schema, value).map((error) => `${what}: ${error}`),
    );
  };

  test("but for the differences that docs/compatibility.md gives reasons for", () => {
    assert.ok(samples.length > 300, `${samples.length} samples`);
    const errors = wrong((schemas) => {
      for (const { loosen } of differences) loosen(schemas);
    });
    assert.deepEqual(errors, []);
  });

  for (const difference of differences) {
    test(`and this is still one of them: ${difference.name}`, () => {
      const errors = wrong((schemas) => {
        for (const it of differences) if (it !== difference) it.loosen(schemas);
      });
      assert.ok(errors.length > 0);
    });
  }
});
