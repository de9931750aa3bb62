import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "rolldown";

const source = new URL("../src/", import.meta.url);

test("the whole client is smaller than 10 kB, gzipped", async () => {
  const { output } = await build({
    input: new URL("index.ts", source).pathname,
    platform: "browser",
    write: false,
    output: { format: "esm", minify: true },
  });
  assert.equal(output.length, 1);
  const size = gzipSync(output[0].code).length;
  assert.ok(size < 10_000, `${size} bytes`);
  assert.doesNotMatch(output[0].code, /\bimport\b/);
});

test("nothing is imported but the client's own files", async () => {
  for (const name of await readdir(source)) {
    const text = await readFile(new URL(name, source), "utf8");
    for (const [, from] of text.matchAll(/\bfrom\s+"([^"]+)"|\bimport\s*\(/g)) {
      assert.match(from ?? "a dynamic import", /^\.\/[\w.-]+\.ts$/, name);
    }
  }
});
