import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { ChaosProxy } from "../../support/chaos-proxy.ts";
import type { Json, TestGateway } from "../../support/gateway.ts";
import { until } from "../../support/until.ts";

const isLong = process.env.OPENCLAW_TEST_LONG === "1";

/** How many messages come, from how many people, and how often the gateway is killed meanwhile. */
const size = isLong ? { messages: 1_000, people: 40, kills: 20 } : { messages: 40, people: 8, kills: 2 };

export interface Storm {
  channelId: string;
  gateway: TestGateway;
  random: () => number;
  /** What stands between the gateway and the platform. */
  proxy: ChaosProxy;
  /** A person says something; resolves once the platform has it. */
  say(person: number, text: string): Promise<void>;
  /** Resolves once everything that was said is with the gateway, where people have to try again. */
  settled?(): Promise<unknown>;
  /** The texts that the platform got from the bot. */
  heard(): string[];
}

/**
 * People write while connections are refused, cut and held back and the gateway is killed. In the end every message
 * has been taken in once and is answered once, or its answer stands as unknown. Returns the report.
 */
export async function weather(storm: Storm, context: TestContext): Promise<Json> {
  const { gateway, proxy, random, channelId } = storm;
  await until(async () => (await left(storm)) === 0, "the channel is connected");
  for (let person = 0; person < size.people; person++) await storm.say(person, "hello");
  await until(
    () => storm.heard().filter((text) => text.includes("hello")).length >= size.people,
    "all are known",
  );
  proxy.rules.refuse = 0.1;
  proxy.rules.delayMs = 20;
  const every = Math.floor(size.messages / (size.kills + 1));
  for (let index = 0; index < size.messages; index++) {
    await storm.say(index % size.people, `number ${index}.`);
    if (random() < 0.02) proxy.cut();
    if (index % every !== every - 1 || index + 1 >= size.messages) continue;
    await wait(random() * 400);
    await gateway.kill("SIGKILL");
    await gateway.restart();
  }
  await storm.settled?.();
  proxy.rules.refuse = 0;
  proxy.rules.delayMs = 0;
  const all = Array.from({ length: size.messages }, (_, index) => index);
  let answers = new Map<number, number>();
  let unknown: number[] = [];
  const isMissing = (it: number) => !answers.has(it) && !unknown.includes(it);
  /** What is nowhere yet may still be with the platform: it is waited for, but not for ever. */
  const look = async () => {
    answers = countedIn(storm.heard());
    const { body } = await gateway.api(
      "GET",
      `/v1/channels/${channelId}/deliveries?status=unknown&limit=500`,
    );
    unknown = body.deliveries.map((it: Json) => Number(/number (\d+)\./.exec(it.text)?.[1]));
    return !all.some(isMissing) && (await left(storm)) === 0;
  };
  await until(look, "everything is answered", isLong ? 300_000 : 60_000).catch((error: unknown) => {
    if (!all.some(isMissing)) throw error;
  });

  const report = {
    messages: size.messages,
    kills: size.kills,
    refused: proxy.counts.refused,
    cut: Math.round(proxy.counts.cut),
    answered: answers.size,
    unknown: unknown.length,
    lost: all.filter(isMissing),
    doubled: all.filter((it) => (answers.get(it) ?? 0) > 1),
  };
  context.diagnostic(`${channelId}: ${JSON.stringify(report)}`);
  assert.deepEqual(report.lost, [], "messages were lost");
  assert.deepEqual(report.doubled, [], "messages were answered twice");
  return report;
}

async function left({ gateway, channelId }: Storm): Promise<number> {
  const { body } = await gateway.api("GET", `/v1/channels/${channelId}/status`);
  return body.waiting + body.queued + (body.status === "connected" ? 0 : 1);
}

/** How often each message was answered. */
function countedIn(texts: readonly string[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const text of texts) {
    const number = /number (\d+)\./.exec(text)?.[1];
    if (number !== undefined) counts.set(Number(number), (counts.get(Number(number)) ?? 0) + 1);
  }
  return counts;
}
