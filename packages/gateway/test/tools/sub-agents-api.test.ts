import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type AgentRig, resultsIn, startAgentRig } from "../support/agent-rig.ts";
import type { FakeStep } from "../support/fake-model.ts";
import type { Json } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** Sub-agents, other sessions and schedules through the real gateway: a person's message to the tool's effect. */

let rig: AgentRig;

before(async () => {
  rig = await startAgentRig();
  rig.fake.script(({ body }): FakeStep[] => {
    const messages = body.messages as Json[];
    const last = messages.at(-1)!;
    const [, name, args] = last.role === "user" ? (/^call (\S+) (.*)$/s.exec(textOf(last)) ?? []) : [];
    if (last.role === "user" && textOf(last) === "take for ever") return [{ hang: true }];
    if (name) return [{ call: { name, arguments: JSON.parse(args!), id: `call_${messages.length}` } }];
    return [{ text: last.role === "tool" ? "called" : `heard: ${textOf(last)}` }];
  });
});

after(() => rig.close());

function textOf({ content }: Json): string {
  return typeof content === "string" ? content : content.map((it: Json) => it.text ?? "").join("");
}

async function call(tool: string, args: Json, sessionKey: string): Promise<Json> {
  const { runId } = await rig.run({ message: `call ${tool} ${JSON.stringify(args)}`, sessionKey });
  const [result] = resultsIn(await rig.socket.end(runId));
  return result!;
}

async function messagesOf(sessionKey: string): Promise<Json[]> {
  const { body } = await rig.gateway.api("GET", `/v1/sessions/${encodeURIComponent(sessionKey)}`);
  return body.messages ?? [];
}

describe("through the gateway", () => {
  it("a sub-agent's report comes as a message into the session, and is answered", async () => {
    const { result } = await call("spawn", { task: "look around", label: "scout" }, "parent");
    assert.equal(result.status, "running");
    await until(async () => (await messagesOf("parent")).length === 5, "the report and its answer");
    const said = (await messagesOf("parent")).map((it) => it.content);
    assert.match(said[3], /^\[Sub-agent "scout" has finished;[\s\S]*heard: look around$/);
    assert.match(said[4], /^heard: \[Sub-agent/);
    assert.equal((await messagesOf(result.sessionKey))[0]?.content, "look around");
  });

  it("a sub-agent that is waited for answers in the call's result", async () => {
    const { result } = await call("spawn", { task: "add", wait: true }, "waits");
    assert.deepEqual([result.status, result.result], ["done", "heard: add"]);
    assert.equal((await messagesOf("waits")).length, 3);
  });

  it("sub-agents start sub-agents to a depth of two", async () => {
    const spawn = (task: string) => `call spawn ${JSON.stringify({ task, wait: true })}`;
    const { result } = await call("spawn", { task: spawn(spawn("deeper")), wait: true }, "deep");
    assert.equal(result.status, "done");
    const grandchild = (await rig.gateway.api("GET", "/v1/sessions?search=subagent&limit=50")).body.sessions;
    const all = await Promise.all(grandchild.map((it: Json) => messagesOf(it.sessionKey)));
    const refused = all
      .flat()
      .flatMap((it) => it.toolCalls ?? [])
      .filter((it: Json) => it.isError);
    assert.match(JSON.stringify(refused), /start no more of them/);
  });

  it("a message to another session is answered there and here", async () => {
    await rig.socket.end((await rig.run({ message: "hello", sessionKey: "friend" })).runId);
    const { result } = await call("sessions_send", { sessionKey: "friend", message: "ping" }, "asks");
    assert.deepEqual([result.status, result.response], ["done", "heard: ping"]);
    const history = await call("sessions_history", { sessionKey: "friend" }, "asks");
    assert.deepEqual(
      history.result.messages.map((it: Json) => it.text),
      ["hello", "heard: hello", "ping", "heard: ping"],
    );
  });

  it("a job that the agent makes is listed, runs by hand in its own session, and tells of it", async () => {
    const made = await call(
      "cron",
      { action: "create", schedule: "0 9 * * *", message: "good morning" },
      "plans",
    );
    assert.equal(made.isError, false, JSON.stringify(made.result));
    const { jobId } = made.result;
    const { body } = await rig.gateway.api("POST", `/v1/cron/${jobId}/run`);
    await until(async () => (await messagesOf(`cron:${jobId}`)).length === 2, "the job's answer");
    const { body: job } = await rig.gateway.api("GET", `/v1/cron/${jobId}`);
    assert.deepEqual([job.fires[0].outcome, job.fires[0].runId], ["ran", body.runId]);
    const gone = await call("cron", { action: "delete", jobId }, "plans");
    assert.equal(gone.result.deleted, true);
  });

  it("a guest's run sees nothing of the owner's sessions, and neither do its sub-agents", async () => {
    const { body } = await rig.gateway.api("POST", "/v1/tokens", { name: "guest", scopes: ["chat"] });
    const headers = { authorization: `Bearer ${body.token}` };
    const asGuest = async (message: string) =>
      (await rig.gateway.api("POST", "/v1/agent/run", { message, sessionKey: "guests" }, headers)).body;
    const look = `call sessions_history ${JSON.stringify({ sessionKey: "friend" })}`;
    await asGuest(look);
    await asGuest(`call spawn ${JSON.stringify({ task: look, wait: true })}`);
    const { sessions } = (await rig.gateway.api("GET", "/v1/sessions?limit=50", undefined, headers)).body;
    assert.equal(sessions.length, 2);
    const all = (await Promise.all(sessions.map((it: Json) => messagesOf(it.sessionKey)))).flat();
    const looks = all
      .flatMap((it) => it.toolCalls ?? [])
      .filter((it: Json) => it.tool === "sessions_history");
    assert.equal(looks.length, 2);
    for (const it of looks) assert.match(JSON.stringify(it.result), /no session .* for you/);
  });

  it("a killed gateway tells the session once, after the next start, that its sub-agent was interrupted", async () => {
    const spawned = await call("spawn", { task: "take for ever", label: "slow" }, "killed");
    assert.equal(spawned.result.status, "running");
    await until(async () => (await messagesOf("killed")).length === 3, "the parent's answer");
    for (let count = 0; count < 2; count++) {
      await rig.gateway.kill("SIGKILL");
      await rig.gateway.restart();
      await until(async () => (await messagesOf("killed")).length === 5, "the report and its answer");
    }
    assert.match((await messagesOf("killed"))[3]?.content, /^\[Sub-agent "slow" was interrupted/);
  });
});
