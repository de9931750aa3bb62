import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createWire } from "../../src/runtime/models/index.ts";

const ports = { now: Date.now, random: Math.random, sleep: async () => {} };

test("an API that no wire speaks is refused with the list of those that do", async () => {
  const provider = { id: "mine", baseUrl: "http://127.0.0.1:1", headers: {} };
  for (const api of ["openai-telepathy", "constructor", ""]) {
    await assert.rejects(createWire(api, provider, ports), (thrown: Error & { code: string }) => {
      assert.equal(thrown.code, "invalid_request");
      assert.match(
        thrown.message,
        /openai-completions, openai-responses, anthropic-messages, google-generative-ai/,
      );
      return true;
    });
  }
});

test("the table loads no wire and no vendor before one is asked for", () => {
  const index = new URL("../../src/runtime/models/index.ts", import.meta.url).href;
  const hook = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(index)});
    console.log(loaded.filter((it) => /undici|ai-sdk|eventsource|openai-completions|demo/.test(it)).join());
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=openclaw-source", "--input-type=module", "-e", hook],
    {
      encoding: "utf8",
    },
  );
  assert.equal(stdout.trim(), "", stderr);
});
