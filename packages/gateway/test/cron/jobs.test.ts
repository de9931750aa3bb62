import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { openLog } from "../../src/lib/log.ts";
import { type Cron, createCron } from "../../src/services/cron/cron.ts";
import { createEvents } from "../../src/services/events.ts";
import { deleteToken, insertToken } from "../../src/storage/tokens.ts";
import { caller } from "../support/callers.ts";
import { type PaperRuns, startPaperRuns } from "../support/paper-runs.ts";

let paper: PaperRuns;
let cron: Cron;

beforeEach(async () => {
  paper = await startPaperRuns();
  cron = boot(true);
  await cron.start();
});

afterEach(async () => {
  await cron.close();
  await paper.close();
});

function boot(enabled: boolean): Cron {
  const { log } = openLog("silent");
  const config = { enabled, maxConcurrentRuns: 3 };
  return createCron({ ...paper, events: createEvents(), log, config, timezone: "UTC" });
}

const job = { name: "job", schedule: "0 * * * *", message: "look" };
const operator = caller("token:op", ["read", "chat", "operate"]);

async function keepToken(id: string, expiresAt: number | null = null): Promise<void> {
  await paper.db.write((tx) =>
    insertToken(tx, {
      id,
      name: id,
      hash: id,
      scopes_json: "[]",
      limits_json: "{}",
      created_at: 0,
      expires_at: expiresAt,
    }),
  );
}

async function turn(iso: string): Promise<void> {
  paper.clock.at = Date.parse(iso);
  await cron.tick();
}

describe("who makes a job", () => {
  it("lends it the rights of then, and a token's spending limit", async () => {
    await keepToken("op");
    await cron.create(job, { ...operator, limits: { maxCostPerDay: 2 } });
    await turn("2026-01-01T01:00:00Z");
    const { caller: by, inherited } = paper.started[0]!;
    assert.deepEqual(
      [by.id, [...by.scopes], by.limits],
      ["token:op", [...operator.scopes], { maxCostPerDay: 2 }],
    );
    assert.equal(inherited, undefined);
  });

  it("must be allowed to talk to agents himself", async () => {
    await assert.rejects(cron.create(job, caller("token:x", ["operate"])), {
      code: "forbidden",
      param: "chat",
    });
  });

  it("has at most 20 of them, unless he is the gateway's owner; all together 200", async () => {
    for (let i = 0; i < 20; i++) await cron.create(job, operator);
    await assert.rejects(cron.create(job, operator), { code: "conflict" });
    for (let i = 20; i < 200; i++) await cron.create(job, caller("gateway"));
    await assert.rejects(cron.create(job, caller("gateway")), { code: "conflict" });
  });

  it("takes it with him: a job of a token that is gone or expired starts nothing", async () => {
    await keepToken("op");
    await keepToken("brief", Date.parse("2026-01-01T00:30:00Z"));
    const gone = await cron.create(job, operator);
    const brief = await cron.create(job, { ...operator, id: "token:brief" });
    await paper.db.write((tx) => deleteToken(tx, "op"));
    await turn("2026-01-01T01:00:00Z");
    assert.equal(paper.started.length, 0);
    for (const { jobId } of [gone, brief])
      assert.match((await cron.get(jobId)).fires[0]?.detail ?? "", /token that made this job is gone/);
  });
});

describe("somebody else's job", () => {
  it("cannot be made to say something else by whoever has fewer rights", async () => {
    const { jobId } = await cron.create(job, caller("gateway"));
    await assert.rejects(cron.update({ jobId, message: "rm" }, operator), {
      code: "forbidden",
      param: "message",
    });
    await assert.rejects(cron.update({ jobId, options: {} }, operator), {
      code: "forbidden",
      param: "options",
    });
    assert.equal((await cron.get(jobId)).message, "look");
  });

  it("can be paused, moved and changed by whoever has as many", async () => {
    const { jobId } = await cron.create(job, caller("gateway"));
    assert.equal(
      (await cron.update({ jobId, schedule: "30 * * * *" }, operator)).nextAt,
      "2026-01-01T00:30:00.000Z",
    );
    assert.equal((await cron.update({ jobId, enabled: false }, operator)).nextAt, null);
    const changed = await cron.update({ jobId, message: "new" }, caller("token:root", ["admin"]));
    assert.deepEqual([changed.message, changed.createdBy], ["new", "gateway"]);
  });
});

describe("a job that a run makes", () => {
  it("has that run's rights and no more: agent, trust, tools, sandbox, spending", async () => {
    const scope = await paper.scope({
      caller: { id: "gateway", scopes: ["chat"] },
      trust: "guest",
      sandboxed: true,
      depth: 1,
      tokenLimit: 3,
      tainted: true,
    });
    await cron.bind(scope).create({ ...job, name: "later" });
    await turn("2026-01-01T01:00:00Z");
    const { caller: by, inherited, agentId } = paper.started[0]!;
    assert.deepEqual([by.id, [...by.scopes], by.limits], ["gateway", ["chat"], { maxCostPerDay: 3 }]);
    assert.deepEqual(
      [inherited?.trust, inherited?.sandboxed, inherited?.depth, inherited?.tools, inherited?.tainted],
      ["guest", true, 1, ["clock", "spawn"], true],
    );
    assert.equal(agentId, scope.agent.id);
  });

  it("is seen and deleted by the owner's runs, and by runs of its own maker", async () => {
    const owners = cron.bind(await paper.scope());
    const token = { id: "token:a", scopes: ["chat"] as const };
    const guests = cron.bind(await paper.scope({ trust: "guest", caller: token }));
    const { jobId } = (await owners.create(job)) as { jobId: string };
    const own = (await guests.create(job)) as { jobId: string };
    const names = (list: unknown) => (list as { jobs: { jobId: string }[] }).jobs.map((it) => it.jobId);
    assert.deepEqual(names(await owners.list()), [jobId, own.jobId]);
    assert.deepEqual(names(await guests.list()), [own.jobId]);
    await assert.rejects(guests.delete(jobId), { code: "not_found" });
    await guests.delete(own.jobId);
    assert.deepEqual(names(await owners.list()), [jobId]);
  });

  it("is hidden from what strangers say to the owner's credential in a session of theirs", async () => {
    await cron.create(job, caller("gateway"));
    const scope = await paper.scope({ trust: "guest", caller: { id: "gateway", scopes: ["read", "chat"] } });
    assert.deepEqual(await cron.bind(scope).list(), { jobs: [] });
  });
});

describe("running a job by hand", () => {
  it("starts it beside its schedule and is recorded", async () => {
    const { jobId } = await cron.create(job, caller("gateway"));
    const { runId } = await cron.run(jobId);
    assert.equal(paper.started[0]?.runId, runId);
    const { fires, nextAt } = await cron.get(jobId);
    assert.deepEqual(
      [fires[0]?.outcome, fires[0]?.runId, nextAt],
      ["ran", runId, "2026-01-01T01:00:00.000Z"],
    );
    await cron.run(jobId);
    await cron.run(jobId);
    await assert.rejects(cron.run(jobId), { code: "rate_limited" });
    await assert.rejects(cron.run("nothing"), { code: "not_found" });
  });
});

it("schedules that are switched off fire nothing and take no jobs", async () => {
  const { jobId } = await cron.create(job, caller("gateway"));
  await cron.close();
  const off = boot(false);
  await off.start();
  paper.clock.at = Date.parse("2026-01-01T01:00:00Z");
  await off.tick();
  assert.equal(paper.started.length, 0);
  await assert.rejects(off.create(job, caller("gateway")), { code: "service_unavailable" });
  await assert.rejects(off.run(jobId), { code: "service_unavailable" });
  await off.close();
});
