import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type AgentRig, startAgentRig } from "../support/agent-rig.ts";
import type { FakeStep } from "../support/fake-model.ts";
import type { Json } from "../support/gateway.ts";
import { seeded } from "../support/random.ts";
import { until } from "../support/until.ts";

/** kill -9 in the middle of tool calls: sessions go on, and nothing that has an effect is done twice. */

const rounds = process.env.OPENCLAW_TEST_LONG === "1" ? 50 : 3;
const sessions = 4;

test("sessions go on after kills in the middle of tool calls, and no effect happens twice", async (context) => {
  const seed = Number(process.env.OPENCLAW_TEST_SEED ?? Date.now() % 1_000_000);
  context.diagnostic(`OPENCLAW_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const rig = await startAgentRig({ agents: { defaults: { tools: { policy: { exec: "full" } } } } });
  rig.fake.script(({ body }) => answer(body));
  let cut = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const socket = await rig.gateway.ws();
      for (let index = 0; index < sessions; index++) {
        const reply = await socket.call("chat.run", {
          message: `act ${round}.${index}`,
          sessionKey: `s${index}`,
        });
        assert.equal(reply.error, undefined);
      }
      await wait(20 + random() * 250);
      await rig.gateway.kill("SIGKILL");
      await rig.gateway.restart();
      cut += await checkSessions(rig);
      assertOnce(rig);
    }
    assert.ok(cut > 0, "no kill ever met a call: this has tested nothing");
    context.diagnostic(`${cut} calls were cut off`);
  } finally {
    await rig.close();
  }
});

/** Three calls with an effect each, one after the other; then a word. Refuses a conversation that a provider would refuse. */
function answer(body: Json): FakeStep[] {
  const { messages } = body;
  const flaw = flawIn(messages);
  if (flaw) return [{ status: 400, body: { error: { message: flaw } } }];
  const said = messages.findLast((it: Json) => it.role === "user").content as string;
  const after = messages.length - 1 - messages.findLastIndex((it: Json) => it.role === "user");
  const step = after / 2;
  if (!said.startsWith("act ") || step >= 3) return [{ text: "done" }];
  const id = `${said.slice(4)}.${step}`;
  const script = 'printf "%s\\n" "$1" >> effects; sleep 0.03';
  return [
    { call: { name: "exec", arguments: { argv: ["sh", "-c", script, "sh", id] }, id: `call_${step}` } },
  ];
}

/** Why OpenAI would refuse these messages. */
function flawIn(messages: readonly Json[]): string | undefined {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.includes(message.tool_call_id)) return `a result without a call: ${message.tool_call_id}`;
      open = open.filter((it) => it !== message.tool_call_id);
    } else if (open.length > 0) return `calls without results: ${open}`;
    if (message.tool_calls) open = message.tool_calls.map((it: Json) => it.id);
  }
  return open.length > 0 ? `calls without results at the end: ${open}` : undefined;
}

/** Every session is whole and answers. Returns how many calls the kill has cut off. */
async function checkSessions(rig: AgentRig): Promise<number> {
  const idle = async () => {
    const { runs } = (await rig.gateway.api("GET", "/status")).body;
    return runs.active === 0 && runs.queued === 0;
  };
  await until(idle, "all runs end", 30_000);
  let cut = 0;
  for (let index = 0; index < sessions; index++) {
    const { body } = await rig.gateway.api("GET", `/v1/sessions/s${index}?limit=20`);
    for (const call of body.messages.flatMap((it: Json) => it.toolCalls ?? [])) {
      assert.notEqual(call.result, undefined, "a tool call has no result");
      if (JSON.stringify(call.result).includes("ended before this call")) cut += 1;
    }
    const next = await rig.gateway.api("POST", "/v1/agent/run", {
      message: "go on",
      sessionKey: `s${index}`,
    });
    assert.equal(next.status, 200, next.text);
    assert.equal(next.body.response, "done");
  }
  return cut;
}

function assertOnce(rig: AgentRig): void {
  let text = "";
  try {
    text = readFileSync(join(rig.workspace, "effects"), "utf8");
  } catch {
    return; // nothing has happened yet
  }
  const ids = text.trim().split("\n");
  assert.equal(new Set(ids).size, ids.length, "an effect has happened twice");
}
