import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { Kysely, SqliteDialect } from "kysely";
import { readPast } from "../../src/services/runs/history.ts";
import { attachmentsOf } from "../../src/storage/attachments.ts";
import { openDatabase, type Reader } from "../../src/storage/database.ts";
import { findIdempotent } from "../../src/storage/idempotency.ts";
import * as messages from "../../src/storage/messages.ts";
import * as runs from "../../src/storage/runs.ts";
import type { Schema } from "../../src/storage/schema.ts";
import * as sessions from "../../src/storage/sessions.ts";
import { Sqlite } from "../../src/storage/sqlite.ts";
import { findTokenByHash } from "../../src/storage/tokens.ts";
import { startGateway } from "../support/gateway.ts";

/** 3,000 sessions, one of them with 50,000 messages: every query reads by an index, and no more than it needs. */

const many = 3_000;
const long = 50_000;

let directory: string;
let file: string;
let raw: DatabaseSync;
let reader: Reader;
let asked: { sql: string; parameters: readonly unknown[] }[] = [];

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "openclaw-size-"));
  file = join(directory, "openclaw.db");
  await openDatabase(file, "process", 0).then((db) => db.close());
  raw = new DatabaseSync(file);
  raw.exec(`
    begin;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${many})
    insert into sessions (key, agent_id, channel, owner, title, created_at, updated_at, message_count, next_seq)
      select 'session-' || i, 'default', 'webchat', 'gateway', 'Title ' || i, i, i, 2, 3 from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${many})
    insert into runs (id, session_id, session_key, agent_id, owner, status, options_json, model, thinking, created_at, ended_at)
      select 'run-' || i, i, 'session-' || i, 'default', 'gateway', 'done', '{}', 'builtin/demo', 'off', i, i from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${2 * many})
    insert into messages (session_id, seq, id, run_id, role, content, created_at)
      select (i + 1) / 2, 2 - i % 2, 'm-' || i, 'run-' || (i + 1) / 2, iif(i % 2, 'user', 'assistant'), 'text ' || i, i from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${long})
    insert into messages (session_id, seq, id, run_id, role, content, created_at)
      select 7, 2 + i, 'long-' || i, 'run-long-' || (i + 1) / 2, iif(i % 2, 'user', 'assistant'), 'long text ' || i, i from n;
    insert into run_events (run_id, seq, events_json) select id, 5, '[]' from runs;
    update sessions set message_count = ${long} + 2, next_seq = ${long} + 3 where id = 7;
    commit;
  `);
  reader = new Kysely<Schema>({
    dialect: new SqliteDialect({ database: new Sqlite(file, { readOnly: false, durability: "process" }) }),
    log: ({ query }) => void asked.push(query),
  });
});

after(async () => {
  await reader.destroy();
  raw.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The plans of all statements that the work makes. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  asked = [];
  await work();
  return asked.flatMap(({ sql, parameters }) =>
    /^(select|update|delete|insert)/i.test(sql)
      ? raw
          .prepare(`explain query plan ${sql}`)
          .all(...(parameters as never[])) // what Kysely was given: strings and numbers
          .map((row) => String(row.detail))
      : [],
  );
}

describe("query plans", () => {
  const page = { limit: 100 };
  const queries: Record<string, () => Promise<unknown>> = {
    "the first page of sessions": () => sessions.listSessions(reader, page),
    "a later page of sessions": () =>
      sessions.listSessions(reader, { ...page, after: { updatedAt: 500, id: 500 } }),
    "sessions of a channel and an agent": () =>
      sessions.listSessions(reader, { ...page, channel: "webchat", agentId: "default" }),
    "a credential's own sessions": () => sessions.listSessions(reader, { ...page, owner: "gateway" }),
    "a session by its key": () => sessions.findSession(reader, "session-7"),
    "a session by its id": () => sessions.findSessionById(reader, 7),
    "the newest messages": () => messages.pageBackwards(reader, 7, undefined, 100),
    "older messages": () => messages.pageBackwards(reader, 7, 25_000, 100),
    "messages forwards": () => messages.pageForwards(reader, 7, 25_000, 100),
    "a run's last answer": () => messages.lastAnswer(reader, "run-long-100"),
    "a run's tool calls": () => messages.messagesWithCalls(reader, "run-long-100"),
    "a run's first message": () => messages.firstOfRun(reader, "run-long-100"),
    "a message by its id": () => messages.findMessage(reader, 7, "long-100"),
    "a run by its id": () => runs.findRun(reader, "run-7"),
    "a session's latest run": () => runs.latestRun(reader, 7),
    "unfinished runs": () => runs.unfinishedRuns(reader, 100),
    "a run's events": () => runs.eventsAfter(reader, "run-7", 0, 100),
    "a token by its hash": () => findTokenByHash(reader, "x"),
    "an idempotency key": () => findIdempotent(reader, "gateway", "x", 1),
    "a message's attachments": async () => {
      const [row] = await messages.pageBackwards(reader, 7, undefined, 1);
      return attachmentsOf(reader, [{ ...row!, attachments: 1 }]);
    },
  };
  for (const [what, work] of Object.entries(queries)) {
    test(`${what}: by an index, without sorting`, async () => {
      const plans = await plansOf(work);
      assert.ok(plans.length > 0);
      for (const plan of plans) {
        // "next" is the stretch of the index that a page of sessions is picked from.
        assert.doesNotMatch(plan, /^SCAN (?!next$|.* USING INDEX (sessions_by_update|runs_unfinished))/);
        assert.doesNotMatch(plan, /^MATERIALIZE/);
        // Few at any time, and read once per start.
        if (what !== "unfinished runs") assert.doesNotMatch(plan, /TEMP B-TREE/, plan);
      }
    });
  }

  test("clearing up reads by an index, too", async () => {
    const plans = await reader.transaction().execute((tx) =>
      plansOf(async () => {
        await runs.deleteOldEvents(tx, 10, 200);
        await sessions.burySession(tx, 3);
        while (await sessions.purgeBuried(tx, 200));
      }),
    );
    // The oldest stretches in the order of their writing, a bounded number: that is no search.
    for (const plan of plans) assert.doesNotMatch(plan, /^SCAN (?!run_events$|oldest$)/);
  });
});

test("a run on a session of 50,000 messages reads a bounded piece of its past", async () => {
  asked = [];
  const nothing = { trimmedThrough: 0, droppedThrough: 0, summary: undefined };
  const { messages: past } = await readPast(reader, 7, nothing, 1_000_000);
  assert.ok(past.length > 0 && past.length <= 5_000);
  assert.ok(asked.length <= 45, `${asked.length} queries`);
  assert.deepEqual(past.at(-1), { role: "assistant", content: `long text ${long}` });
});

test("the gateway lists, reads, continues and deletes them", async () => {
  raw.exec("pragma wal_checkpoint(truncate)");
  const gateway = await startGateway({ config: { storage: { url: file } } });
  try {
    let count = 0;
    for (let cursor = ""; ; ) {
      const { body } = await gateway.api("GET", `/v1/sessions?limit=500${cursor && `&cursor=${cursor}`}`);
      count += body.sessions.length;
      if (!body.nextCursor) break;
      cursor = body.nextCursor;
    }
    assert.equal(count, many - 1); // one was deleted above
    const { body } = await gateway.api("GET", "/v1/sessions/session-7?limit=10");
    assert.equal(body.messageCount, long + 2);
    assert.equal(body.messages.at(-1).content, `long text ${long}`);
    const older = await gateway.api("GET", `/v1/sessions/session-7?limit=10&before=${body.nextBefore}`);
    assert.equal(older.body.messages.at(-1).content, `long text ${long - 10}`);
    const run = await gateway.api("POST", "/v1/agent/run", { message: "go on", sessionKey: "session-7" });
    assert.equal(run.status, 200);
    assert.equal((await gateway.api("DELETE", "/v1/sessions/session-7")).status, 200);
    assert.equal((await gateway.api("GET", "/v1/sessions/session-7")).status, 404);
    const fresh = await gateway.api("POST", "/v1/agent/run", { message: "anew", sessionKey: "session-7" });
    assert.equal(fresh.status, 200);
    assert.equal((await gateway.api("GET", "/v1/sessions/session-7")).body.messageCount, 2);
  } finally {
    await gateway.close();
  }
});
