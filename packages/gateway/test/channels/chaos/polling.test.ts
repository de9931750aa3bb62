import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startTelegramServer } from "@openclaw/crabline";
import { startChaosProxy } from "../../support/chaos-proxy.ts";
import { type Json, startGateway } from "../../support/gateway.ts";
import { seeded } from "../../support/random.ts";
import { weather } from "./storm.ts";

test("a channel that is polled loses and doubles nothing in a storm", async (context) => {
  const seed = Number(process.env.OPENCLAW_TEST_SEED ?? Date.now() % 1_000_000);
  context.diagnostic(`OPENCLAW_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), "openclaw-storm-"));
  const heard: string[] = [];
  const platform = await startTelegramServer({
    recorderPath: join(folder, "events.jsonl"),
    onEvent: async (event: Json) => {
      if (event.accepted && /sendMessage$/.test(event.path ?? "")) heard.push(event.body.text);
    },
  });
  const { endpoints, botToken, adminToken } = platform.manifest;
  const proxy = await startChaosProxy(() => Number(new URL(endpoints.apiRoot).port), random);
  const gateway = await startGateway({
    config: {
      channels: {
        telegram: {
          botToken,
          apiRoot: endpoints.apiRoot.replace(/:\d+/, `:${proxy.port}`),
          dmPolicy: "open",
          allowFrom: ["*"],
        },
      },
    },
  });
  try {
    await weather(
      {
        channelId: "telegram",
        gateway,
        random,
        proxy,
        heard: () => heard,
        async say(person, text) {
          const id = 10_001 + person;
          const answer = await fetch(endpoints.adminInboundUrl, {
            method: "POST",
            headers: { "content-type": "application/json", "x-crabline-admin-token": adminToken },
            body: JSON.stringify({ chatId: String(id), fromId: id, fromName: `P${person}`, text }),
          });
          if (!answer.ok) throw new Error(`the platform refused: ${answer.status}`);
        },
      },
      context,
    );
  } finally {
    await gateway.close();
    await proxy.close();
    await platform.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
