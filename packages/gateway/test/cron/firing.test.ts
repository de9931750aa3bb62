import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SystemEvent } from "openclaw-protocol";
import { GatewayError } from "../../src/lib/errors.ts";
import { openLog } from "../../src/lib/log.ts";
import { type Cron, createCron } from "../../src/services/cron/cron.ts";
import { createEvents } from "../../src/services/events.ts";
import { takeCronSlot } from "../../src/storage/cron.ts";
import { caller } from "../support/callers.ts";
import { type PaperRuns, startPaperRuns } from "../support/paper-runs.ts";
import { until } from "../support/until.ts";

let paper: PaperRuns;
let crons: Cron[];
let news: SystemEvent[];

beforeEach(async () => {
  paper = await startPaperRuns();
  crons = [];
  news = [];
});

afterEach(async () => {
  for (const cron of crons) await cron.close();
  await paper.close();
});

/** The service as a process has it; another one is the next process. */
function boot(maxConcurrentRuns = 3, enabled = true): Cron {
  const events = createEvents();
  events.listen((event) => news.push(event));
  const { log } = openLog("silent");
  const config = { enabled, maxConcurrentRuns };
  const cron = createCron({ ...paper, events, log, config, timezone: "UTC" });
  crons.push(cron);
  return cron;
}

const at = (iso: string) => Date.parse(iso);
const job = { name: "job", schedule: "0 * * * *", message: "look" };

/** Turns the clock and lets the service look at it. */
async function turn(cron: Cron, iso: string): Promise<void> {
  paper.clock.at = at(iso);
  await cron.tick();
}

async function fires(cron: Cron, jobId: string): Promise<string[]> {
  const { fires } = await cron.get(jobId);
  return fires.map((it) => `${it.at.slice(11, 16)} ${it.outcome}`);
}

describe("a job", () => {
  it("fires at its slot, once, in its own session, and says so", async () => {
    const cron = boot();
    await cron.start();
    const { jobId, nextAt } = await cron.create({ ...job, options: { thinking: "low" } }, caller("gateway"));
    assert.equal(nextAt, "2026-01-01T01:00:00.000Z");
    await turn(cron, "2026-01-01T00:59:59Z");
    assert.equal(paper.started.length, 0);
    await turn(cron, "2026-01-01T01:00:00Z");
    await cron.tick();
    assert.equal(paper.started.length, 1);
    const [run] = paper.started;
    assert.equal(run?.sessionKey, `cron:${jobId}`);
    assert.deepEqual(run?.options, { thinking: "low" });
    assert.equal(run?.caller.id, "gateway");
    assert.deepEqual(news, [
      { type: "cron.fired", data: { jobId, runId: run?.runId, at: "2026-01-01T01:00:00.000Z" } },
    ]);
    assert.deepEqual(await fires(cron, jobId), ["01:00 ran"]);
    assert.equal((await cron.get(jobId)).nextAt, "2026-01-01T02:00:00.000Z");
  });

  it("whose run has not ended is not fired beside it: the slot is skipped", async () => {
    const cron = boot();
    await cron.start();
    const { jobId } = await cron.create(job, caller("gateway"));
    await turn(cron, "2026-01-01T01:00:00Z");
    await turn(cron, "2026-01-01T02:00:00Z");
    assert.deepEqual(await fires(cron, jobId), ["02:00 skipped", "01:00 ran"]);
    await paper.end(paper.started[0]!.runId);
    await turn(cron, "2026-01-01T03:00:00Z");
    assert.deepEqual(await fires(cron, jobId), ["03:00 ran", "02:00 skipped", "01:00 ran"]);
  });

  it("waits where as many scheduled runs go on as may", async () => {
    const cron = boot(1);
    await cron.start();
    for (const name of ["a", "b"]) await cron.create({ ...job, name, message: name }, caller("gateway"));
    await turn(cron, "2026-01-01T01:00:00Z");
    assert.deepEqual(
      paper.started.map((it) => it.message),
      ["a"],
    );
    await paper.end(paper.started[0]!.runId);
    await until(() => paper.started.length === 2, "the second one runs");
  });

  it("that is to run once is over after its slot", async () => {
    const cron = boot();
    await cron.start();
    const { jobId } = await cron.create({ ...job, schedule: "2026-01-01T01:30" }, caller("gateway"));
    await turn(cron, "2026-01-01T01:30:00Z");
    const after = await cron.get(jobId);
    assert.deepEqual([after.enabled, after.nextAt, after.fires.length], [false, null, 1]);
    await assert.rejects(cron.update({ jobId, enabled: true }, caller("gateway")), { param: "schedule" });
  });

  it("that cannot start is recorded as failed, and fires again", async () => {
    const cron = boot();
    await cron.start();
    const { jobId } = await cron.create(job, caller("gateway"));
    paper.refuse(new GatewayError("rate_limited", "Too many."));
    await turn(cron, "2026-01-01T01:00:00Z");
    assert.equal((await cron.get(jobId)).fires[0]?.detail, "Too many.");
    assert.deepEqual(
      news.map((it) => it.type === "cron.fired" && it.data.runId),
      [null],
    );
    paper.refuse(undefined);
    await turn(cron, "2026-01-01T02:00:00Z");
    assert.deepEqual(await fires(cron, jobId), ["02:00 ran", "01:00 failed"]);
  });

  it("that rests misses nothing: its slots of that time never were", async () => {
    const cron = boot();
    await cron.start();
    const { jobId } = await cron.create(job, caller("gateway"));
    await cron.update({ jobId, enabled: false }, caller("gateway"));
    await turn(cron, "2026-01-01T05:30:00Z");
    const { nextAt } = await cron.update({ jobId, enabled: true }, caller("gateway"));
    assert.equal(nextAt, "2026-01-01T06:00:00.000Z");
    assert.deepEqual(await fires(cron, jobId), []);
  });

  it("keeps what became of its last 100 slots", async () => {
    const cron = boot();
    await cron.start();
    const { jobId } = await cron.create({ ...job, misfire: "skip" }, caller("gateway"));
    for (let hour = 0; hour < 5; hour++)
      await turn(cron, new Date(paper.clock.at + 30 * 3_600_000 + 120_000).toISOString());
    const { fires } = await cron.get(jobId);
    assert.equal(fires.length, 100);
  });

  it("is looked at without any change", async () => {
    const cron = boot();
    const { jobId } = await cron.create(job, caller("gateway"));
    paper.clock.at = at("2026-01-01T10:10:00Z");
    const before = await cron.get(jobId);
    await cron.list();
    assert.deepEqual(await cron.get(jobId), before);
    assert.equal(before.nextAt, "2026-01-01T01:00:00.000Z");
  });
});

describe("after a time off", () => {
  it("the last slot is made good within an hour, and those before it are missed", async () => {
    const before = boot();
    const { jobId } = await before.create(job, caller("gateway"));
    await before.close();
    paper.clock.at = at("2026-01-01T03:40:00Z");
    const cron = boot();
    await cron.start();
    assert.deepEqual(await fires(cron, jobId), ["03:00 ran", "02:00 missed", "01:00 missed"]);
    assert.equal((await cron.get(jobId)).nextAt, "2026-01-01T04:00:00.000Z");
  });

  it("a slot is missed where it is too long ago, or its job wants it so", async () => {
    const before = boot();
    const daily = await before.create({ ...job, schedule: "0 9 * * *" }, caller("gateway"));
    const skips = await before.create({ ...job, misfire: "skip" }, caller("gateway"));
    await before.close();
    paper.clock.at = at("2026-01-01T10:30:00Z");
    const cron = boot();
    await cron.start();
    assert.equal(paper.started.length, 0);
    assert.deepEqual(await fires(cron, daily.jobId), ["09:00 missed"]);
    assert.equal((await fires(cron, skips.jobId))[0], "10:00 missed");
  });

  it("a slot that was taken just before the process was killed is run, once", async () => {
    const before = boot();
    const { jobId } = await before.create(job, caller("gateway"));
    await before.close();
    const fire_at = at("2026-01-01T00:30:00Z");
    await paper.db.write((tx) =>
      takeCronSlot(tx, { job_id: jobId, fire_at, outcome: "failed", run_id: null, detail: "starting" }),
    );
    paper.clock.at = fire_at + 60_000;
    await boot().start();
    assert.equal(paper.started.length, 1);
    // As if the run had begun and the process been killed before it could say so.
    await paper.db.write((tx) =>
      tx.updateTable("cron_fires").set({ outcome: "failed", run_id: null, detail: "starting" }).execute(),
    );
    const cron = boot();
    await cron.start();
    assert.equal(paper.started.length, 1);
    assert.equal((await cron.get(jobId)).fires[0]?.runId, paper.started[0]?.runId);
  });

  it("two processes at once fire a slot once", async () => {
    const [one, two] = [boot(), boot()];
    await Promise.all([one.start(), two.start()]);
    const { jobId } = await one.create(job, caller("gateway"));
    paper.clock.at = at("2026-01-01T01:00:00Z");
    await Promise.all([one.tick(), two.tick()]);
    assert.equal(paper.started.length, 1);
    assert.deepEqual(await fires(one, jobId), ["01:00 ran"]);
  });

  it("a clock that was a year ahead and is set right again leaves no job waiting for that year", async () => {
    const cron = boot();
    await cron.start();
    const { jobId } = await cron.create(job, caller("gateway"));
    await turn(cron, "2027-06-01T00:00:30Z");
    await paper.end(paper.started[0]!.runId);
    await turn(cron, "2026-01-01T05:30:00Z");
    assert.equal((await cron.get(jobId)).nextAt, "2026-01-01T06:00:00.000Z");
    await turn(cron, "2026-01-01T06:00:00Z");
    assert.equal(paper.started.length, 2);
    // Set back past a slot that has run: it does not run again.
    await paper.end(paper.started[1]!.runId);
    await turn(cron, "2026-01-01T05:59:00Z");
    await turn(cron, "2026-01-01T06:00:00Z");
    assert.equal(paper.started.length, 2);
  });
});
