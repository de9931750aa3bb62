import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { deleteExpired, findIdempotent, keepIdempotent } from "../../src/storage/idempotency.ts";
import { deleteOldEvents, endRun, eventsAfter, insertEvents, insertRun } from "../../src/storage/runs.ts";
import { insertSession, listSessions, type SessionQuery } from "../../src/storage/sessions.ts";

const dir = mkdtempSync(join(tmpdir(), "openclaw-clearing-"));
let db: Database;

before(async () => {
  db = await openDatabase(join(dir, "one.db"), "process", 0);
});

after(async () => {
  await db.close();
  rmSync(dir, { recursive: true, force: true });
});

function newSession(key: string, more: { agentId?: string; now?: number } = {}) {
  const facts = {
    agentId: "default",
    owner: "gateway",
    channel: "webchat",
    listed: true,
    title: null,
    now: 0,
  };
  return db.write((tx) => insertSession(tx, { key, ...facts, ...more }));
}

test("old events go a bounded number at a time; those of younger and unfinished runs stay", async () => {
  const session = await newSession("cleared");
  const usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };
  const runs = { old: 10, older: 5, young: 500, unfinished: undefined };
  for (const [id, endedAt] of Object.entries(runs)) {
    await db.write(async (tx) => {
      const facts = {
        sessionKey: "cleared",
        agentId: "default",
        owner: "gateway",
        model: "m",
        thinking: "off",
      };
      await insertRun(tx, { id, sessionId: session.id, status: "running", options: {}, now: 1, ...facts });
      for (let seq = 1; seq <= 5; seq++) await insertEvents(tx, id, seq, "[]");
      const end = { status: "done", usage, cost: 0, lastSeq: 6 } as const;
      if (endedAt !== undefined) await endRun(tx, id, { ...end, now: endedAt });
    });
  }
  const gone: number[] = [];
  do gone.push(await db.write((tx) => deleteOldEvents(tx, 100, 4)));
  while (gone.at(-1) !== 0);
  assert.deepEqual(gone, [4, 4, 2, 0]);
  const left = async (id: string) => (await eventsAfter(db.read, id, 0, 100)).length;
  assert.deepEqual(await Promise.all(Object.keys(runs).map(left)), [0, 0, 5, 5]);
});

test("expired idempotency keys go a bounded number at a time", async () => {
  const keys = ["a", "b", "c", "d"];
  for (const [expiresAt, key] of keys.entries()) {
    const row = { caller: "gateway", key, bodyHash: "", runId: "run-1", expiresAt };
    await db.write((tx) => keepIdempotent(tx, row));
  }
  const clear = () => db.write((tx) => deleteExpired(tx, 2, 2));
  assert.deepEqual([await clear(), await clear(), await clear()], [2, 1, 0]);
  assert.ok(await findIdempotent(db.read, "gateway", "d", 2));
});

test("sessions are listed in order, without a gap or a double, however many do not match in between", async () => {
  const count = 9_000;
  for (let from = 0; from < count; from += 1_000) {
    const some = Array.from({ length: 1_000 }, (_, index) => from + index);
    await Promise.all(
      some.map((n) =>
        newSession(`many-${n}`, { now: 1_000 + (n % 7), agentId: n % 1_000 === 0 ? "rare" : "many" }),
      ),
    );
  }
  const all = async (query: Omit<SessionQuery, "limit" | "after">) => {
    const keys: string[] = [];
    for (let after: SessionQuery["after"]; ; ) {
      const page = await listSessions(db.read, { ...query, limit: 400, after });
      keys.push(...page.map((row) => row.key));
      const last = page.at(-1);
      if (!last || page.length < 400) return keys;
      after = { updatedAt: last.updated_at, id: last.id };
    }
  };
  const many = await all({ agentId: "many" });
  assert.equal(new Set(many).size, many.length);
  assert.equal(many.length, count - 9);
  const latestFirst = many.map((key) => Number(key.slice(5)) % 7);
  assert.deepEqual(
    latestFirst,
    latestFirst.toSorted((a, b) => b - a),
  );
  assert.equal((await all({ agentId: "rare" })).length, 9);
  assert.deepEqual(await all({ search: "MANY-8999" }), ["many-8999"]);
  assert.deepEqual(await all({ search: "%" }), []);
});
