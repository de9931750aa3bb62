import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import { seeded } from "../support/random.ts";
import { until } from "../support/until.ts";

/** kill -9 at random moments: what was acknowledged is there afterwards, and everything goes on. */

const rounds = process.env.OPENCLAW_TEST_LONG === "1" ? 20 : 2;
const runsPerRound = 50;
const sessions = 8;

interface Acknowledged {
  runId: string;
  sessionKey: string;
  message: string;
  idempotencyKey: string;
}

test("nothing that was acknowledged is lost when the process is killed", async (context) => {
  const seed = Number(process.env.OPENCLAW_TEST_SEED ?? Date.now() % 1_000_000);
  context.diagnostic(`OPENCLAW_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const gateway = await startGateway();
  const all: Acknowledged[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const batch = await startRuns(gateway, round, random);
      all.push(...batch.filter((it) => it !== undefined));
      await gateway.restart();
      if (random() < 0.5) {
        await wait(random() * 300);
        await gateway.kill("SIGKILL");
        await gateway.restart();
      }
      await check(gateway, all);
    }
    assert.ok(all.length > 0, "no run was ever acknowledged: the kill came too early to test anything");
  } finally {
    await gateway.close();
  }
});

/** Sends 50 messages and kills the gateway while it works on them. Returns what it acknowledged. */
async function startRuns(gateway: TestGateway, round: number, random: () => number) {
  const socket = await gateway.ws();
  const kinds = ["/slow 12", 'call clock {"timezone":"UTC"}', "hello", "/slow 3"];
  // The first kill waits for something that could be lost: on a busy machine it would else find nothing.
  const acknowledged = Promise.withResolvers<void>();
  const delay = 20 + random() * 900;
  const killed = (round === 0 ? acknowledged.promise : Promise.resolve())
    .then(() => wait(delay))
    .then(() => gateway.kill("SIGKILL"));
  const asked = Array.from({ length: runsPerRound }, async (_, index) => {
    const message = `${kinds[index % kinds.length]} #${round}.${index}#`;
    const sessionKey = `session-${index % sessions}`;
    const idempotencyKey = `key-${round}-${index}`;
    await wait(random() * 400);
    const reply = await Promise.race([
      socket.call("chat.run", { message, sessionKey, idempotencyKey }),
      socket.closed,
    ]);
    if (typeof reply === "number") return undefined;
    assert.equal(reply.error, undefined);
    acknowledged.resolve();
    return { runId: reply.result.runId as string, sessionKey, message, idempotencyKey };
  });
  const results = await Promise.all(asked.map((it) => it.catch(() => undefined)));
  await killed;
  return results;
}

async function check(gateway: TestGateway, all: readonly Acknowledged[]): Promise<void> {
  await until(
    async () => {
      const { runs } = (await gateway.api("GET", "/status")).body;
      return runs.active === 0 && runs.queued === 0;
    },
    "all runs end",
    30_000,
  );
  const transcripts = new Map<string, Json[]>();
  for (const key of new Set(all.map((it) => it.sessionKey)))
    transcripts.set(key, await transcript(gateway, key));

  for (const { runId, sessionKey, message, idempotencyKey } of all) {
    const run = await gateway.api("GET", `/v1/runs/${runId}`);
    assert.equal(run.status, 200, run.text);
    assert.ok(["done", "interrupted"].includes(run.body.status), run.text);
    const messages = transcripts.get(sessionKey)!;
    const mine = messages.filter((it) => it.role === "user" && it.runId === runId);
    assert.deepEqual(
      mine.map((it) => it.content),
      [message],
    );
    if (run.body.status === "done") {
      const answer = messages.findLast((it) => it.role === "assistant" && it.runId === runId);
      assert.equal(answer?.content, run.body.response);
      assert.equal(answer?.status, undefined);
    } else assert.equal(run.body.error.code, "service_unavailable");
    const again = await gateway.api(
      "POST",
      "/v1/runs",
      { message, sessionKey },
      { "idempotency-key": idempotencyKey },
    );
    assert.equal(again.body.runId, runId, "an idempotent repeat after the crash made another run");
    const events = await gateway.fetch(`/v1/runs/${runId}/events`).then((it) => it.text());
    assert.match(events, /event: (done|error)\n/);
  }

  for (const [key, messages] of transcripts) {
    const { body } = await gateway.api("GET", `/v1/sessions/${key}`);
    assert.equal(body.messageCount, messages.length);
    for (const call of messages.flatMap((it) => it.toolCalls ?? [])) {
      assert.notEqual(call.result, undefined, `a tool call of ${key} has no result`);
      assert.equal(typeof call.isError, "boolean");
    }
    assertRunsStayTogether(messages);
    const next = await gateway.api("POST", "/v1/agent/run", { message: "go on", sessionKey: key });
    assert.equal(next.status, 200, next.text);
  }
}

/** What a run says stands behind its message and before the next one's. */
function assertRunsStayTogether(messages: readonly Json[]): void {
  let current = "";
  const seen = new Set<string>();
  for (const { role, runId } of messages) {
    if (runId !== current) {
      assert.ok(!seen.has(runId), `the messages of ${runId} are apart`);
      assert.equal(role, "user");
      seen.add(runId);
      current = runId;
    }
  }
}

/** All messages of a session, page by page. */
async function transcript(gateway: TestGateway, key: string): Promise<Json[]> {
  const messages: Json[] = [];
  for (let after = ""; ; ) {
    const { body } = await gateway.api(
      "GET",
      `/v1/sessions/${key}/export?limit=20${after && `&after=${after}`}`,
    );
    messages.push(...body.messages);
    if (!body.nextAfter) return messages;
    after = body.nextAfter;
  }
}
