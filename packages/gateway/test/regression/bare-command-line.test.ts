import assert from "node:assert/strict";
import { test } from "node:test";
import { harness } from "../cli/harness.ts";

test("a command line without a command is answered with help", async (t) => {
  const { run } = await harness(t);
  const bare = await run([]);
  assert.equal(bare.code, 1);
  assert.match(bare.stderr, /Usage: openclaw [\s\S]*sessions/);
  assert.equal(JSON.parse((await run(["--json"])).stdout).error.code, "usage");
});
