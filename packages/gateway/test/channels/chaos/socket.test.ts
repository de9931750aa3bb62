import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startDiscordServer } from "@openclaw/crabline";
import { startChaosProxy } from "../../support/chaos-proxy.ts";
import { type Json, startGateway } from "../../support/gateway.ts";
import { seeded } from "../../support/random.ts";
import { weather } from "./storm.ts";

test("a channel with a socket loses and doubles nothing in a storm", async (context) => {
  const seed = Number(process.env.OPENCLAW_TEST_SEED ?? Date.now() % 1_000_000);
  context.diagnostic(`OPENCLAW_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), "openclaw-storm-"));
  const heard: string[] = [];
  const platform = await startDiscordServer({
    recorderPath: join(folder, "events.jsonl"),
    onEvent: async (event: Json) => {
      if (event.method === "POST" && /\/messages$/.test(event.path ?? "") && event.body?.content) {
        heard.push(event.body.content);
      }
    },
  });
  const { endpoints, botToken, botUserId, adminToken } = platform.manifest;
  const proxy = await startChaosProxy(() => Number(new URL(endpoints.apiRoot).port), random);
  const gateway = await startGateway({
    config: {
      channels: {
        discord: {
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
        channelId: "discord",
        gateway,
        random,
        proxy,
        heard: () => heard,
        async say(person, content) {
          const senderId = String(200_000_000_000_000_000n + BigInt(person));
          const channelId = discordChannelOf(botUserId, senderId);
          const answer = await fetch(endpoints.adminInboundUrl, {
            method: "POST",
            headers: { "content-type": "application/json", "x-crabline-admin-token": adminToken },
            body: JSON.stringify({ channelId, senderId, senderName: `P${person}`, content }),
          });
          if (!answer.ok) throw new Error(`the platform refused: ${answer.status} ${await answer.text()}`);
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

/** The chat of two people, as the platform's stand-in names it. */
function discordChannelOf(...people: readonly string[]): string {
  const digest = createHash("sha256")
    .update([...people].sort().join(":"))
    .digest("hex");
  return (
    100_000_000_000_000_000n +
    (BigInt(`0x${digest.slice(0, 16)}`) % 900_000_000_000_000_000n)
  ).toString();
}
