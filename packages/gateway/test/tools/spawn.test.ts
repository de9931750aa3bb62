import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import { openLog } from "../../src/lib/log.ts";
import type { RunScope } from "../../src/services/run-scope.ts";
import type { Runs } from "../../src/services/runs/runs.ts";
import { createTasks, type Tasks } from "../../src/services/tasks/tasks.ts";
import { burySession } from "../../src/storage/sessions.ts";
import { insertTask, tasksOf, undeliveredTasks } from "../../src/storage/tasks.ts";
import { type PaperRuns, startPaperRuns } from "../support/paper-runs.ts";
import { until } from "../support/until.ts";

let paper: PaperRuns;
let tasks: Tasks;
const { signal } = new AbortController();

interface Spawned {
  taskId: string;
  sessionKey: string;
  runId: string;
  status: string;
  result?: string;
}

beforeEach(async () => {
  paper = await startPaperRuns();
  tasks = boot();
});

afterEach(async () => {
  for (const { runId } of paper.started)
    if ((await paper.run(runId))?.ended_at === null) await paper.end(runId);
  await tasks.close();
  await paper.close();
});

function boot(): Tasks {
  return createTasks({ ...paper, log: openLog("silent").log });
}

async function spawn(scope: RunScope, more: object = {}): Promise<Spawned> {
  const task = { prompt: "find out", label: "scout", ...more };
  return (await tasks.bind(scope).spawn(task, { wait: false, signal })) as Spawned;
}

describe("a sub-agent", () => {
  it("works in a session of its own and reports to its parent's once, with the parent's rights", async () => {
    const scope = await paper.scope({ tokenLimit: 5 });
    const { taskId, sessionKey, runId, status } = await spawn(scope, { model: "test/n" });
    assert.equal(status, "running");
    assert.equal(sessionKey, `agent:default:subagent:${taskId}`);
    assert.deepEqual(paper.started[0]?.options, { model: "test/n" });
    await paper.end(runId, "done", "It is blue.");
    await until(() => paper.started.length === 2, "the report");
    const report = paper.started[1]!;
    assert.equal(report.sessionKey, scope.sessionKey);
    assert.match(
      report.message,
      /^\[Sub-agent "scout" has finished; task task-.*\]\n.*not orders.*\n\nIt is blue\.$/,
    );
    assert.deepEqual(
      [report.caller.id, [...report.caller.scopes], report.inherited],
      ["gateway", ["admin"], undefined],
    );
    assert.deepEqual(report.caller.limits, { maxCostPerDay: 5 });
    await until(async () => (await undeliveredTasks(paper.db.read)).length === 0, "delivered");
    await boot().recover();
    assert.equal(paper.started.length, 2);
  });

  it("gets at most its parent's limits", async () => {
    const scope = await paper.scope({
      trust: "guest",
      sandboxed: true,
      depth: 1,
      tools: ["clock"],
      tainted: true,
      tokenLimit: 1,
      caller: { id: "token:a", scopes: ["chat"] },
    });
    await spawn(scope);
    const { inherited, caller } = paper.started[0]!;
    assert.deepEqual(
      [caller.id, [...caller.scopes], caller.limits],
      ["token:a", ["chat"], { maxCostPerDay: 1 }],
    );
    const { depth, trust, sandboxed, tools, scopes, tainted } = inherited!;
    assert.deepEqual(
      { depth, trust, sandboxed, tools, scopes, tainted },
      { depth: 2, trust: "guest", sandboxed: true, tools: ["clock"], scopes: ["chat"], tainted: true },
    );
  });

  it("of a guest is of the guest's own kind, and none goes deeper than two", async () => {
    await assert.rejects(spawn(await paper.scope({ depth: 2 })), /start no more/);
    await assert.rejects(spawn(await paper.scope({ trust: "guest" }), { agentId: "other" }), /own kind/);
    assert.equal(paper.started.length, 0);
  });

  it("is one of at most eight at once", async () => {
    const scope = await paper.scope();
    const spawned = [];
    for (let i = 0; i < 8; i++) spawned.push(await spawn(scope));
    await assert.rejects(spawn(scope), /8 sub-agents/);
    await paper.end(spawned[0]!.runId);
    await until(
      async () => (await tasksOf(paper.db.read, scope.sessionId, 9)).some((it) => it.status === "done"),
      "one ended",
    );
    await spawn(scope);
  });

  it("cannot be begun for ever by reports that begin the next one: 100 an hour", async () => {
    const scope = await paper.scope();
    for (let i = 0; i < 100; i++) {
      await paper.db.write(async (tx) => {
        const row = {
          id: `t${i}`,
          parent_session_id: scope.sessionId,
          parent_run_id: scope.runId,
          label: "x",
        };
        await insertTask(tx, { ...row, child_session_key: `k${i}`, created_at: paper.clock.at });
        await tx.updateTable("tasks").set({ status: "done", delivered_at: 1 }).execute();
      });
    }
    await assert.rejects(spawn(scope), /within an hour/);
    paper.clock.at += 3_600_001;
    await spawn(scope);
  });

  it("that cannot be started leaves no task running and tells nobody later", async () => {
    const scope = await paper.scope();
    paper.refuse(new GatewayError("not_found", "There is no agent."));
    await assert.rejects(spawn(scope), /no agent/);
    paper.refuse(undefined);
    assert.deepEqual(await undeliveredTasks(paper.db.read), []);
    assert.equal((await tasksOf(paper.db.read, scope.sessionId, 1))[0]?.status, "failed");
  });

  it("fails, and its parent is told why", async () => {
    const { runId } = await spawn(await paper.scope());
    await paper.end(runId, "failed");
    await until(() => paper.started.length === 2, "the report");
    assert.match(paper.started[1]!.message, /"scout" has failed[\s\S]*It failed\./);
  });

  it("has a result that stays readable, cut where it is long", async () => {
    const scope = await paper.scope();
    const { runId } = await spawn(scope);
    await paper.end(runId, "done", "x".repeat(50_000));
    await until(() => paper.started.length === 2, "the report");
    const { tasks: list } = (await tasks.bind(scope).list()) as {
      tasks: { result: string; status: string }[];
    };
    assert.equal(list[0]?.status, "done");
    assert.match(list[0]?.result ?? "", /^x{16000}\n\[… cut: 34000 more characters\]$/);
  });
});

describe("a sub-agent that is waited for", () => {
  it("gives its result to the call and sends no message", async () => {
    const scope = await paper.scope();
    const waiting = tasks.bind(scope).spawn({ prompt: "go" }, { wait: true, signal });
    await until(() => paper.started.length === 1, "it runs");
    await paper.end(paper.started[0]!.runId, "done", "42");
    const { status, result } = (await waiting) as Spawned;
    assert.deepEqual([status, result], ["done", "42"]);
    assert.deepEqual(await undeliveredTasks(paper.db.read), []);
    assert.equal(paper.started.length, 1);
  });

  it("is waited for in a throw-away session, which gets no message later", async () => {
    const scope = await paper.scope({ listed: false });
    const waiting = tasks.bind(scope).spawn({ prompt: "go" }, { wait: false, signal });
    await until(() => paper.started.length === 1, "it runs");
    await paper.end(paper.started[0]!.runId, "done", "42");
    assert.equal(((await waiting) as Spawned).result, "42");
  });

  it("is aborted with the run that waits, and tells nobody", async () => {
    const parent = new AbortController();
    const scope = await paper.scope();
    const waiting = tasks.bind(scope).spawn({ prompt: "go" }, { wait: true, signal: parent.signal });
    await until(() => paper.started.length === 1, "it runs");
    parent.abort(new GatewayError("aborted", "The run was aborted."));
    await assert.rejects(waiting, { code: "aborted" });
    await until(
      async () => (await paper.run(paper.started[0]!.runId))?.status === "aborted",
      "the child is aborted",
    );
    await until(async () => (await undeliveredTasks(paper.db.read)).length === 0, "nothing to deliver");
    assert.equal(paper.started.length, 1);
  });

  it("reports after the next start where the gateway stops meanwhile", async () => {
    const parent = new AbortController();
    const scope = await paper.scope();
    const waiting = tasks
      .bind(scope)
      .spawn({ prompt: "go", label: "l" }, { wait: true, signal: parent.signal });
    await until(() => paper.started.length === 1, "it runs");
    paper.refuse(new GatewayError("service_unavailable", "The gateway is shutting down."));
    parent.abort(new GatewayError("service_unavailable", "The gateway stopped."));
    await assert.rejects(waiting);
    await paper.end(paper.started[0]!.runId, "interrupted");
    await tasks.close();
    paper.refuse(undefined);
    tasks = boot();
    await tasks.recover();
    await until(() => paper.started.length === 2, "the report");
    assert.match(paper.started[1]!.message, /"l" was interrupted/);
  });
});

describe("after a crash", () => {
  const never = () => new Promise<never>(() => {});

  /** As a killed process leaves it: nobody follows the run any more. */
  async function leave(scope: RunScope): Promise<Spawned> {
    const start: Runs["start"] = async (request) => ({ ...(await paper.runs.start(request)), follow: never });
    const lost = createTasks({ ...paper, runs: { ...paper.runs, start }, log: openLog("silent").log });
    const task = { prompt: "go", label: "left" };
    return (await lost.bind(scope).spawn(task, { wait: false, signal })) as Spawned;
  }

  it("a result that was not delivered is delivered once, whether its run ended before or goes on", async () => {
    const scope = await paper.scope();
    const ended = await leave(scope);
    const goesOn = await leave(scope);
    await paper.end(ended.runId, "interrupted");
    await tasks.recover();
    await until(() => paper.started.length === 3, "the first report");
    assert.match(paper.started[2]!.message, /"left" was interrupted/);
    await paper.end(goesOn.runId, "done", "late");
    await until(() => paper.started.length === 4, "the second report");
    assert.match(paper.started[3]!.message, /has finished[\s\S]*late/);
  });

  it("a report that was begun is not begun again", async () => {
    const scope = await paper.scope();
    const { runId } = await spawn(scope);
    await paper.end(runId);
    await until(() => paper.started.length === 2, "the report");
    await until(async () => (await undeliveredTasks(paper.db.read)).length === 0, "delivered");
    await paper.db.write((tx) => tx.updateTable("tasks").set({ delivered_at: null }).execute());
    await tasks.recover();
    await until(async () => (await undeliveredTasks(paper.db.read)).length === 0, "delivered again");
    assert.equal(paper.started.length, 2);
  });

  it("a task whose run's id was not kept is found by its session; one that never began says so", async () => {
    const scope = await paper.scope();
    const found = await leave(scope);
    await paper.end(found.runId, "done", "found");
    await paper.db.write((tx) => tx.updateTable("tasks").set({ child_run_id: "" }).execute());
    const unborn = {
      id: "task-x",
      parent_session_id: scope.sessionId,
      parent_run_id: scope.runId,
      label: "unborn",
    };
    await paper.db.write((tx) => insertTask(tx, { ...unborn, child_session_key: "none", created_at: 1 }));
    await tasks.recover();
    await until(() => paper.started.length === 3, "both reports");
    const said = paper.started.slice(1).map((it) => it.message);
    assert.ok(said.some((it) => /has finished[\s\S]*found/.test(it)));
    assert.ok(said.some((it) => /"unborn" was interrupted[\s\S]*before it began/.test(it)));
  });

  it("the result for a session that was deleted is dropped", async () => {
    const scope = await paper.scope();
    const { runId } = await leave(scope);
    await paper.end(runId);
    await paper.db.write((tx) => burySession(tx, scope.sessionId));
    await tasks.recover();
    await until(async () => (await undeliveredTasks(paper.db.read)).length === 0, "dropped");
    assert.equal(paper.started.length, 1);
  });

  it("a session that takes no messages now gets the result later", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { runId } = await spawn(await paper.scope());
    paper.refuse(new GatewayError("rate_limited", "Too many wait."));
    await paper.end(runId);
    const row = async () => (await undeliveredTasks(paper.db.read))[0];
    while ((await row())?.status !== "done") await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    paper.refuse(undefined);
    assert.equal(paper.started.length, 1);
    t.mock.timers.tick(30_000);
    while (paper.started.length < 2) await new Promise((resolve) => setImmediate(resolve));
  });
});
