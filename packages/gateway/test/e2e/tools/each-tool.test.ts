import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  type AgentRig,
  askedIn,
  decide,
  obedient,
  resultsIn,
  startAgentRig,
} from "../../support/agent-rig.ts";
import type { Json } from "../../support/gateway.ts";
import { allEvents } from "../../support/sse.ts";
import type { StandIn } from "../../support/stand-in.ts";
import { messageFor, type Place, startSite, type ToolCase, toolCases } from "./tool-cases.ts";

/** Every tool through the real gateway: called, allowed and denied, and its events and results seen from every side. */

let rig: AgentRig;
let site: StandIn;

before(async () => {
  site = await startSite();
  rig = await startAgentRig({
    agents: { list: [{ id: "usual" }, { id: "asks", tools: { policy: { "*": "ask" } } }] },
    browser: { allowPrivate: ["127.0.0.1"] },
    tools: { web: { search: { provider: "searxng", baseUrl: site.url } } },
  });
  rig.fake.script(obedient);
});

after(async () => {
  await rig.close();
  await site.close();
});

const placeOf = (it: ToolCase, agentId: string): Place => ({
  rig,
  site,
  tag: `${it.tool}-${agentId}`,
  workspace: agentId === "usual" ? rig.workspace : `${rig.workspace}-${agentId}`,
});

const bare = (type: string) => type.replace(/^chat\./, "");

/** The run's events as WebSocket and server-sent events have them, brought to one form. */
const onSocket = (events: Json[]) => events.map((it) => [bare(it.type), it.data]);
const onStream = (events: { event: string; data: Json }[]) => events.map((it) => [it.event, it.data]);

async function streamed(params: Json, headers: Record<string, string> = {}) {
  const response = await rig.gateway.fetch("/v1/agent/run/stream", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(params),
  });
  assert.equal(response.status, 200);
  return allEvents(response);
}

/** What the model was told of the only call of a session, by the request that followed it. */
function toldToModel(sessionKey: string, message: string): Json {
  const asked = rig.fake.requests.filter(({ body }) =>
    JSON.stringify(body).includes(JSON.stringify(message)),
  );
  const results = (asked.at(-1)!.body.messages as Json[]).filter((it) => it.role === "tool");
  assert.equal(results.length, 1, `${sessionKey}: one result goes to the model`);
  return results[0]!;
}

async function callsOf(sessionKey: string): Promise<Json[]> {
  const { body } = await rig.gateway.api("GET", `/v1/sessions/${sessionKey}`);
  return body.messages.flatMap((it: Json) => it.toolCalls ?? []);
}

test("there is a case for every tool that the model is told of", async () => {
  await rig.socket.end((await rig.run({ message: "hello" })).runId);
  const names = rig.lastRequest().tools.map((it: Json) => it.function.name);
  assert.deepEqual(
    toolCases.map((it) => it.tool),
    names.filter((it: string) => !it.startsWith("browser")).sort(),
  );
});

describe("called by the model", () => {
  for (const it of toolCases) {
    test(`${it.tool} is seen on both kinds of streams, in the transcript and in the model's next request`, async () => {
      const place = placeOf(it, "usual");
      const sessionKey = place.tag;
      const message = await messageFor(it, place);
      const stream = streamed({ message, sessionKey });
      if (it.asked) await decide(rig, await askedIn(rig, sessionKey), "allow");
      const events = onStream(await stream);
      const { runId } = events[0]![1] as Json; // the data of `started`

      const { result: followed } = await rig.socket.call("chat.subscribe", { runId, afterSeq: 0 });
      assert.equal(followed.lastSeq, events.length);
      const seen = onSocket(await rig.socket.end(runId));
      const replayed = onStream(await allEvents(await rig.gateway.fetch(`/v1/runs/${runId}/events`)));
      assert.deepEqual(seen, events);
      assert.deepEqual(replayed, events);
      const asking = it.asked ? ["approval.requested", "approval.resolved"] : [];
      assert.deepEqual(
        events.map(([type]) => type),
        ["started", "tool.call", ...asking, "tool.result", "delta", "done"],
      );

      const data = new Map(events as [string, Json][]);
      const { tool, params, toolCallId } = data.get("tool.call")!;
      assert.deepEqual([tool, params], [it.tool, it.arguments(place)]);
      const { result, isError } = data.get("tool.result")!;
      assert.equal(isError, it.fails === true, JSON.stringify(result));
      assert.match(JSON.stringify(result), it.gives);
      assert.deepEqual(await callsOf(sessionKey), [{ toolCallId, tool, params, result, isError }]);
      const heard = toldToModel(sessionKey, message);
      assert.deepEqual([heard.tool_call_id, JSON.parse(heard.content)], [toolCallId, result]);
      assert.notEqual(await it.happened?.(place), false);
    });
  }
});

describe("under the policy ask", () => {
  for (const it of toolCases) {
    test(`${it.tool} does nothing before it is allowed`, async () => {
      const place = placeOf(it, "asks");
      const sessionKey = place.tag;
      const message = await messageFor(it, place);
      const { runId } = await rig.run({ message, sessionKey, agentId: "asks" });
      const requested = (await rig.socket.find(
        ({ type, data }) => type === "approval.requested" && data.runId === runId,
      ))!.data;
      assert.deepEqual([requested.tool, requested.agentId], [it.tool, "asks"]);
      assert.partialDeepStrictEqual(requested.params, it.arguments(place));
      assert.notEqual(await it.happened?.(place), true);
      const { approvalId } = requested;
      const { result } = await rig.socket.call("approval.resolve", { approvalId, decision: "allow" });
      assert.deepEqual(result, { approvalId, decision: "allow" });
      // A sub-agent asks for nothing more: its task holds no call.
      const [outcome] = resultsIn(await rig.socket.end(runId));
      assert.equal(outcome!.isError, it.fails === true);
      assert.match(JSON.stringify(outcome!.result), it.gives);
      assert.notEqual(await it.happened?.(place), false);
    });
  }

  test("no tool does anything once it is denied, and the model reads that it was", async () => {
    const denials = toolCases.map(async (it) => {
      const place = { ...placeOf(it, "asks"), tag: `${it.tool}-denied` };
      const sessionKey = place.tag;
      const message = await messageFor(it, place);
      const { runId } = await rig.run({ message, sessionKey, agentId: "asks" });
      await decide(rig, await askedIn(rig, sessionKey), "deny");
      const events = await rig.socket.end(runId);
      const resolved = events.find(({ type }) => type === "approval.resolved");
      assert.equal(resolved?.data.decision, "deny", it.tool);
      const [outcome] = resultsIn(events);
      assert.equal(outcome!.isError, true, it.tool);
      assert.match(toldToModel(sessionKey, message).content, /said no/, it.tool);
      assert.deepEqual((await callsOf(sessionKey))[0]?.result, outcome!.result, it.tool);
      assert.notEqual(await it.happened?.(place), true, it.tool);
    });
    await Promise.all(denials);
    const { decisions } = (await rig.gateway.api("GET", "/v1/approvals/log?limit=100")).body;
    for (const it of toolCases) {
      const logged = decisions.find((row: Json) => row.sessionKey === `${it.tool}-denied`);
      assert.deepEqual([logged?.tool, logged?.decision, logged?.decidedBy], [it.tool, "deny", "gateway"]);
    }
  });
});

describe("when nobody answers", () => {
  test("no tool does anything, the model reads why, and nothing waits any more", async (t) => {
    const quiet = await startAgentRig({
      agents: { defaults: { tools: { policy: { "*": "ask" } } } },
      approvals: { timeout: 300 },
    });
    t.after(() => quiet.close());
    quiet.fake.script(obedient);
    const silences = toolCases.map(async (it) => {
      const place = { rig: quiet, site, tag: `${it.tool}-silent`, workspace: quiet.workspace };
      const message = await messageFor(it, place);
      const { runId } = await quiet.run({ message, sessionKey: place.tag });
      const [outcome] = resultsIn(await quiet.socket.end(runId));
      assert.equal(outcome!.isError, true, it.tool);
      assert.match(outcome!.result.error, /nobody answered within 0\.3 s/, it.tool);
      assert.notEqual(await it.happened?.(place), true, it.tool);
    });
    await Promise.all(silences);
    assert.deepEqual((await quiet.gateway.api("GET", "/v1/approvals")).body, { approvals: [] });
    const { decisions } = (await quiet.gateway.api("GET", "/v1/approvals/log?limit=100")).body;
    assert.equal(decisions.length, toolCases.length);
    for (const it of decisions) assert.deepEqual([it.decision, it.decidedBy], ["deny", null], it.tool);
  });
});
