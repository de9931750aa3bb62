import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type AgentRig, startAgentRig } from "../support/agent-rig.ts";
import type { Json } from "../support/gateway.ts";

/** Providers' prompt caches hit only where a request begins with the bytes of the one before it. */

const tokensAtMost = 3_000;
const bytesPerToken = 4;

let rig: AgentRig;

before(async () => {
  rig = await startAgentRig();
});

after(() => rig.close());

/** The messages as they travel, without the closing bracket: what the next request has to begin with. */
const opening = (body: Json): string => JSON.stringify(body.messages).slice(0, -1);
const systemOf = (body: Json): string => body.messages[0].content;

describe("what the model is sent", () => {
  test("the first request, with every tool, takes at most 3,000 tokens", async () => {
    await rig.play([], { message: "hello", sessionKey: "small" });
    const { messages, tools } = rig.lastRequest();
    assert.ok(tools.length >= 15, `only ${tools.length} tools`);
    const bytes = Buffer.byteLength(JSON.stringify(messages) + JSON.stringify(tools));
    assert.ok(bytes / bytesPerToken <= tokensAtMost, `${Math.ceil(bytes / bytesPerToken)} tokens`);
  });

  test("over 20 turns with tools, a changed AGENTS.md and a restart, each request begins with the bytes of the one before", async () => {
    const sessionKey = "golden";
    let previous: Json | undefined;
    const seen: string[] = [];
    for (let turn = 1; turn <= 20; turn++) {
      if (turn === 8) writeFileSync(join(rig.workspace, "AGENTS.md"), "Always answer in rhymes.\n");
      if (turn === 9) writeFileSync(join(rig.workspace, "MEMORY.md"), "The secret word is wombat.\n");
      if (turn === 14) {
        await rig.gateway.kill("SIGTERM");
        await rig.gateway.restart();
        Object.assign(rig, { socket: await rig.gateway.ws() });
      }
      const calls = turn % 3 === 0 ? [[{ name: "clock", arguments: { timezone: "UTC" } }]] : [];
      const from = rig.fake.requests.length;
      await playOn(rig, calls, { message: `turn ${turn}`, sessionKey });
      for (const { body } of rig.fake.requests.slice(from)) {
        if (previous) {
          assert.ok(opening(body).startsWith(opening(previous)), `turn ${turn} changes earlier bytes`);
          assert.equal(JSON.stringify(body.tools), JSON.stringify(previous.tools));
        }
        previous = body;
      }
      seen.push(JSON.stringify(previous!.messages));
    }
    assert.ok(
      !seen[6]!.includes("rhymes") && seen[7]!.includes("rhymes"),
      "the change of AGENTS.md is told once made",
    );
    assert.ok(!seen.at(-1)!.includes("wombat"), "MEMORY.md is in the prompt");
    assert.equal(seen.at(-1)!.split("rhymes").length, 2, "the change is told once");
  });

  test("another session begins with the same system prompt and tools", async () => {
    await playOn(rig, [], { message: "hello", sessionKey: "one" });
    const one = rig.lastRequest();
    await playOn(rig, [], { message: "hello again", sessionKey: "two" });
    const two = rig.lastRequest();
    assert.equal(systemOf(one), systemOf(two));
    assert.equal(JSON.stringify(one.tools), JSON.stringify(two.tools));
    assert.ok(systemOf(one).includes("rhymes"), "a new session reads the files as they are now");
  });
});

/** As `play`, by the gateway's present socket. */
async function playOn(rig: AgentRig, calls: readonly Json[][], params: Json): Promise<void> {
  const from = rig.fake.requests.length;
  rig.fake.script((_, count) =>
    calls[count - from]
      ? calls[count - from]!.map((call, index) => ({
          call: { name: call.name, arguments: call.arguments, id: `call_${count}_${index}` },
        }))
      : [{ text: `answer to ${params.message}` }],
  );
  const { body } = await rig.gateway.api("POST", "/v1/agent/run", params);
  assert.equal(body.finishReason, "stop", JSON.stringify(body));
}
