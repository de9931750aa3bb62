import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";

test("every file that the gateway keeps is its owner's alone", async (t) => {
  const gateway = await startGateway();
  t.after(() => gateway.close());
  const names = (await readdir(gateway.stateDir)).filter((name) => name !== "openclaw.json");
  assert.ok(names.includes("gateway.lock"));
  for (const name of names) {
    const { mode } = await stat(join(gateway.stateDir, name));
    assert.equal((mode & 0o777).toString(8), "600", name);
  }
});
