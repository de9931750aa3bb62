import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { hmacSha256 } from "../../../src/channels/signatures.ts";
import { startChaosProxy } from "../../support/chaos-proxy.ts";
import { startGateway } from "../../support/gateway.ts";
import { seeded } from "../../support/random.ts";
import { weather } from "./storm.ts";

const secret = "a secret of the storm";

test("a channel that is called loses and doubles nothing in a storm", async (context) => {
  const seed = Number(process.env.OPENCLAW_TEST_SEED ?? Date.now() % 1_000_000);
  context.diagnostic(`OPENCLAW_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const heard = new Map<string, string>();
  const platform = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request.setEncoding("utf8")) text += piece;
    // As its documentation asks: what comes again by the same id counts once.
    const { id, text: said } = JSON.parse(text) as { id: string; text: string };
    heard.set(id, said);
    response.setHeader("content-type", "application/json").end("{}");
  }).listen(0, "127.0.0.1");
  await once(platform, "listening");
  const out = await startChaosProxy(() => (platform.address() as AddressInfo).port, random);
  const gateway = await startGateway({
    config: {
      channels: {
        webhook: { secret, url: `http://127.0.0.1:${out.port}/`, dmPolicy: "open", allowFrom: ["*"] },
      },
    },
  });
  const into = await startChaosProxy(() => gateway.port, random);

  /** Brings a message until the gateway has it, and some of them once more. */
  async function bring(id: string, from: string, text: string): Promise<void> {
    const body = JSON.stringify({ id, sentAt: Date.now(), from: { id: from }, text });
    for (let again = random() < 0.2 ? 2 : 1; again > 0; ) {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const answer = await fetch(`http://127.0.0.1:${into.port}/webhooks/webhook`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-openclaw-timestamp": timestamp,
          "x-openclaw-signature": `sha256=${hmacSha256(secret, `${timestamp}.${body}`)}`,
        },
        body,
        signal: AbortSignal.timeout(5_000),
      }).catch(() => undefined);
      if (answer?.ok) again -= 1;
      else await wait(50);
      await answer?.arrayBuffer().catch(() => undefined);
    }
  }

  /** Each person's messages come in their order, those of different people in any. */
  const lines = new Map<string, Promise<void>>();
  let count = 0;
  try {
    await weather(
      {
        channelId: "webhook",
        gateway,
        random,
        proxy: {
          ...out,
          rules: into.rules,
          counts: into.counts,
          cut() {
            into.cut();
            out.cut();
          },
        },
        heard: () => [...heard.values()],
        async say(person, text) {
          const id = `m${count++}`;
          const from = `p${person}`;
          lines.set(
            from,
            (lines.get(from) ?? Promise.resolve()).then(() => bring(id, from, text)),
          );
          if (random() < 0.1) await wait(5);
        },
        settled: () => Promise.all(lines.values()),
      },
      context,
    );
  } finally {
    await gateway.close();
    await into.close();
    await out.close();
    platform.closeAllConnections();
    platform.close();
  }
});
