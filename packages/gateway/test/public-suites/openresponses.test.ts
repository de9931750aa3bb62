import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import type { Json } from "../support/gateway.ts";
import { responseModels, type SuiteRig, startSuiteRig } from "./suite-rig.ts";

const checkout = process.env.OPENRESPONSES_SUITE;
const skip =
  checkout === undefined && "set OPENRESPONSES_SUITE to a checkout of OpenResponses: CONTRIBUTING.md";

/** bun, which the suite is written for, or tsx: beside the checkout's modules, above it, or on the PATH. */
function runner(): string[] {
  const modules = ["node_modules", "../node_modules"].map((it) => join(checkout!, it, ".bin"));
  const folders = [...modules, ...(process.env.PATH ?? "").split(delimiter)];
  for (const [name, ...args] of [["bun", "run"], ["tsx"]] as const) {
    const found = folders.map((it) => join(it, name)).find((it) => existsSync(it));
    if (found) return [found, ...args];
  }
  throw new Error("neither bun nor tsx is there to run the suite");
}

async function runSuite({ gateway }: SuiteRig, model: string): Promise<Json[]> {
  const [command = "", ...args] = runner();
  const flags = ["-u", `${gateway.url}/v1`, "-k", gateway.token, "-m", model, "--json"];
  const child = spawn(command, [...args, join(checkout!, "bin/compliance-test.ts"), ...flags], {
    cwd: checkout,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" },
  });
  const [out, problems] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  try {
    return JSON.parse(out).results;
  } catch {
    throw new Error(`the suite told nothing:\n${out}\n${problems}`);
  }
}

describe("OpenResponses' own suite passes", { skip }, () => {
  let rig: SuiteRig;

  before(async () => {
    rig = await startSuiteRig();
  });
  after(() => rig?.close());

  for (const model of responseModels) {
    test(`of ${model}`, async () => {
      const results = await runSuite(rig, model);
      assert.ok(results.length >= 17, `${results.length} tests`);
      const failed = results.filter((it) => it.status !== "passed");
      assert.deepEqual(
        failed.map(({ id, errors }) => ({ id, errors })),
        [],
      );
    });
  }
});
