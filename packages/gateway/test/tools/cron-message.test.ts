import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { configSchema } from "openclaw-protocol";
import { GatewayError } from "../../src/lib/errors.ts";
import { openLog } from "../../src/lib/log.ts";
import { callTool, type ReadyCall } from "../../src/runtime/tools/call.ts";
import { loadTools } from "../../src/runtime/tools/index.ts";
import type { ToolPorts } from "../../src/runtime/tools/ports.ts";
import type { ToolContext } from "../../src/runtime/tools/types.ts";
import { createChannelPort } from "../../src/services/channels/tool-port.ts";
import { type Cron, createCron } from "../../src/services/cron/cron.ts";
import { createEvents } from "../../src/services/events.ts";
import type { RunScope } from "../../src/services/run-scope.ts";
import { createSessionPorts } from "../../src/services/sessions/tool-port.ts";
import { createTasks, type Tasks } from "../../src/services/tasks/tasks.ts";
import { type PaperRuns, startPaperRuns } from "../support/paper-runs.ts";

let paper: PaperRuns;
let cron: Cron;
let tasks: Tasks;
let scope: RunScope;

beforeEach(async () => {
  paper = await startPaperRuns();
  const { log } = openLog("silent");
  const { config } = { config: configSchema.parse({}) };
  cron = createCron({
    ...paper,
    events: createEvents(),
    log,
    config: config.cron,
    timezone: "Europe/Berlin",
  });
  tasks = createTasks({ ...paper, log });
  scope = await paper.scope();
});

afterEach(async () => {
  await cron.close();
  for (const { runId } of paper.started) await paper.end(runId);
  await tasks.close();
  await paper.close();
});

/** Calls a tool as the loop does; gives its result and the call that somebody would have to allow. */
async function call(name: string, args: unknown, allowed = true) {
  const channels = {
    send: async ({ channelId }: { channelId: string }) => {
      if (channelId === "x") throw new GatewayError("not_found", 'There is no channel "x".');
      throw new GatewayError("service_unavailable", "Telegram is not connected.", { param: "channelId" });
    },
  };
  const ports = {
    sessions: createSessionPorts(paper)(scope),
    tasks: tasks.bind(scope),
    channels: createChannelPort(channels)(scope),
    schedule: cron.bind(scope),
  } as Partial<ToolPorts> as ToolPorts; // these tools use no others
  const context = { signal: scope.signal, ports } as Partial<ToolContext> as ToolContext; // nor more of the context
  const asked: ReadyCall[] = [];
  const { result, isError } = await callTool(
    (await loadTools([name])).get(name),
    { id: "c", name, arguments: JSON.stringify(args) },
    context,
    async (ready) => {
      asked.push(ready);
      return allowed ? { allowed } : { allowed, reason: "no" };
    },
  );
  return { result: result as Record<string, unknown>, isError, prepared: asked[0]?.prepared };
}

const job = { action: "create", schedule: "0 9 * * *", message: "Good morning" };

describe("the tool cron", () => {
  it("makes a job of the run's agent, in the gateway's zone, after whoever decides has seen when it runs first", async () => {
    const { result, prepared } = await call("cron", job);
    assert.deepEqual(prepared?.risks, ["schedule"]);
    assert.equal(prepared?.facts?.firstAt, "2026-01-01T08:00:00.000Z");
    assert.deepEqual([result.nextAt, result.timezone], ["2026-01-01T08:00:00.000Z", "Europe/Berlin"]);
    const [made] = (await cron.list()).jobs;
    assert.deepEqual([made?.message, made?.name, made?.agentId], ["Good morning", "Good morning", "default"]);
    const list = await call("cron", { action: "list" });
    assert.deepEqual(list.prepared?.risks, []);
    assert.match(JSON.stringify(list.result), /Good morning/);
    const gone = await call("cron", { action: "delete", jobId: made?.jobId });
    assert.deepEqual(gone.prepared?.risks, ["schedule"]);
    assert.equal((await cron.list()).jobs.length, 0);
  });

  it("refuses what cannot be a schedule before anybody is asked, and does nothing that was not allowed", async () => {
    for (const wrong of [
      { schedule: "often" },
      { timezone: "Mars" },
      { schedule: "2020-01-01T00:00" },
      { message: "" },
    ]) {
      const { isError, prepared } = await call("cron", { ...job, ...wrong });
      assert.deepEqual([isError, prepared], [true, undefined], JSON.stringify(wrong));
    }
    assert.equal((await call("cron", job, false)).isError, true);
    assert.equal((await cron.list()).jobs.length, 0);
  });
});

describe("the tool message", () => {
  it("is a risk that names whom it goes to, and says plainly that the channel cannot send", async () => {
    const { result, isError, prepared } = await call("message", {
      channel: "telegram",
      to: "42",
      text: "hi",
    });
    assert.deepEqual([prepared?.risks, prepared?.words], [["message-send"], ["telegram", "42"]]);
    assert.equal(isError, true);
    assert.match(String(result.error), /Telegram is not connected/);
    assert.match(
      String((await call("message", { channel: "x", to: "y", text: "z" })).result.error),
      /no channel "x"/,
    );
  });
});

describe("the tools of sessions and sub-agents", () => {
  it("find their way through a call of the model", async () => {
    await paper.scope({ sessionKey: "other" });
    assert.match(
      JSON.stringify((await call("sessions_list", { search: "oth" })).result),
      /"sessionKey":"other"/,
    );
    assert.match(
      JSON.stringify((await call("sessions_history", { sessionKey: "other" })).result),
      /"text":"parent"/,
    );
    const sent = await call("sessions_send", { sessionKey: "other", message: "hi", waitMs: 0 });
    assert.equal(sent.result.status, "running");
    const spawned = await call("spawn", { task: "look", label: "scout" });
    assert.equal(spawned.result.status, "running");
    assert.match(
      JSON.stringify((await call("spawn", { list: true })).result),
      /"label":"scout","status":"running"/,
    );
    assert.match(String((await call("spawn", {})).result.error), /Give the task/);
  });

  it("tell the model why something is not to be had", async () => {
    const { result, isError } = await call("sessions_history", { sessionKey: "secret" });
    assert.equal(isError, true);
    assert.match(String(result.error), /no session "secret" for you/);
  });
});
