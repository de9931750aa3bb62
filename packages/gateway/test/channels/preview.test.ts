import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startTelegramServer } from "@openclaw/crabline";
import { startAgentRig } from "../support/agent-rig.ts";
import type { Json } from "../support/gateway.ts";
import { until } from "../support/until.ts";

async function talk(
  streaming: string,
  answer: readonly string[],
): Promise<{ sent: string[]; edited: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-preview-"));
  const sent: string[] = [];
  const edited: string[] = [];
  const platform = await startTelegramServer({
    recorderPath: join(folder, "events.jsonl"),
    onEvent: async (event: Json) => {
      if (/sendMessage$/.test(event.path ?? "")) sent.push(event.body.text);
      if (/editMessageText$/.test(event.path ?? "")) edited.push(event.body.text);
    },
  });
  const { botToken, endpoints, adminToken } = platform.manifest;
  const rig = await startAgentRig({
    channels: {
      telegram: { botToken, apiRoot: endpoints.apiRoot, dmPolicy: "open", allowFrom: ["*"], streaming },
    },
  });
  rig.fake.script(() => answer.map((text) => ({ text })));
  try {
    const status = async () => (await rig.gateway.api("GET", "/v1/channels/telegram/status")).body;
    await until(async () => (await status()).status === "connected", "connected");
    await fetch(endpoints.adminInboundUrl, {
      method: "POST",
      headers: { "content-type": "application/json", "x-crabline-admin-token": adminToken },
      body: JSON.stringify({ chatId: "1001", fromId: 1001, fromName: "Anna", text: "Tell me" }),
    });
    await until(async () => {
      const { waiting, queued, lastOutboundAt } = await status();
      return lastOutboundAt !== null && waiting === 0 && queued === 0;
    }, "the answer is out");
    return { sent, edited };
  } finally {
    await rig.close();
    await platform.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const first =
  "The first paragraph is long enough to be worth sending on its own, before anything else is there.";
const second = "And this is the end.";

test("an answer that grows is one message, edited to the whole of it", async () => {
  const { sent, edited } = await talk("partial", [`${first}\n\n`, second]);
  assert.equal(sent.length, 1);
  assert.ok(first.startsWith(sent[0]!.trim().slice(0, 20)));
  assert.equal(edited.at(-1), `${first}\n\n${second}`);
});

test("an answer in blocks is a message for each paragraph, and none of it twice", async () => {
  const { sent, edited } = await talk("block", [`${first}\n\n`, second]);
  assert.deepEqual(sent, [first, second]);
  assert.deepEqual(edited, []);
});
