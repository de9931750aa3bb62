import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";

const page = readFileSync(new URL("../../../../docs/models.md", import.meta.url), "utf8");

test("docs/models.md: the examples are valid configurations without a single warning", async (t) => {
  const examples = [...page.matchAll(/^```json5\n(.*?)^```/gms)].map((match) => match[1]!);
  assert.equal(examples.length, 4);
  for (const example of examples) {
    const dir = mkdtempSync(join(tmpdir(), "openclaw-docs-"));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(join(dir, "openclaw.json"), example, { mode: 0o600 });
    const env = { OPENCLAW_STATE_DIR: dir, OPENAI_API_KEY: "sk-0" };
    const { warnings } = await loadConfig({ env, homeDir: dir });
    assert.deepEqual(warnings, []);
  }
});
