import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import type { TestSocket } from "../support/socket.ts";
import { until } from "../support/until.ts";

/** Kept conversations: pages, changes, and what happens to runs that are under way. */

let gateway: TestGateway;
let socket: TestSocket;

before(async () => {
  gateway = await startGateway({
    config: { agents: { list: [{ id: "home" }, { id: "work", instructions: "Be formal." }] } },
  });
  socket = await gateway.ws();
});

after(() => gateway.close());

const say = async (sessionKey: string, message: string, more: Json = {}): Promise<Json> => {
  const { status, body, text } = await gateway.api("POST", "/v1/agent/run", { message, sessionKey, ...more });
  assert.equal(status, 200, text);
  return body;
};
const get = async (path: string): Promise<Json> => (await gateway.api("GET", `/v1/sessions${path}`)).body;
const start = async (params: Json): Promise<Json> => (await socket.call("chat.run", params)).result;

describe("pages", () => {
  test("messages: newest page first, each page oldest first, all of them exactly once", async () => {
    for (let count = 0; count < 7; count++) await say("pages", `message ${count}`);
    const pages: string[][] = [];
    for (let before = ""; ; ) {
      const body = await get(`/pages?limit=4${before && `&before=${before}`}`);
      pages.unshift(
        body.messages.map((it: Json) => `${it.role} ${it.role === "user" ? it.content : ""}`.trim()),
      );
      assert.equal(body.messageCount, 14);
      if (!body.nextBefore) break;
      before = body.nextBefore;
    }
    assert.deepEqual(
      pages.map((it) => it.length),
      [2, 4, 4, 4],
    );
    const expected = Array.from({ length: 7 }, (_, index) => [`user message ${index}`, "assistant"]).flat();
    assert.deepEqual(pages.flat(), expected);
  });

  test("an export gives all messages in order, page by page", async () => {
    const exported: Json[] = [];
    for (let after = ""; ; ) {
      const body = await get(`/pages/export?limit=5${after && `&after=${after}`}`);
      exported.push(...body.messages);
      if (!body.nextAfter) break;
      after = body.nextAfter;
    }
    assert.deepEqual(exported, (await get("/pages")).messages);
  });

  test("sessions: newest first, all of them exactly once, also those of one millisecond", async () => {
    await Promise.all(Array.from({ length: 12 }, (_, index) => say(`list-${index}`, "x")));
    const keys: string[] = [];
    const times: string[] = [];
    for (let cursor = ""; ; ) {
      const body = await get(`?limit=5&search=list-${cursor && `&cursor=${cursor}`}`);
      keys.push(...body.sessions.map((it: Json) => it.sessionKey));
      times.push(...body.sessions.map((it: Json) => it.updatedAt));
      if (!body.nextCursor) break;
      cursor = body.nextCursor;
    }
    assert.equal(new Set(keys).size, 12);
    assert.equal(keys.length, 12);
    assert.deepEqual(times, times.toSorted().reverse());
  });

  test("a search takes % and _ for what they are, and finds titles", async () => {
    await say("percent", "100%_sure thing");
    assert.deepEqual(
      (await get(`?search=${encodeURIComponent("0%_s")}`)).sessions.map((it: Json) => it.sessionKey),
      ["percent"],
    );
    assert.deepEqual((await get(`?search=${encodeURIComponent("%%")}`)).sessions, []);
    assert.deepEqual((await get("?channel=telegram")).sessions, []);
  });
});

describe("changes", () => {
  test("title, model and thinking are kept, and null goes back to the agent's", async () => {
    await say("changed", "The first line\nand a second");
    assert.equal((await get("/changed")).title, "The first line");
    const patch = (body: Json) => gateway.api("PATCH", "/v1/sessions/changed", body);
    const { body } = await patch({ title: "Mine", model: "builtin/demo", thinking: "low" });
    assert.deepEqual([body.title, body.model, body.thinking], ["Mine", "builtin/demo", "low"]);
    const { runId } = await start({ message: "x", sessionKey: "changed" });
    assert.equal((await socket.end(runId))[0]!.data.thinking, "low");
    const back = (await patch({ title: null, model: null, thinking: null })).body;
    assert.deepEqual([back.title, back.model, back.thinking], [null, null, null]);
    const unknown = await patch({ model: "nobody/none" });
    assert.equal(unknown.status, 404);
    assert.equal(unknown.body.error.param, "model");
  });

  test("a session belongs to its agent: another agentId is 409, its own and none are fine", async () => {
    await say("of-work", "x", { agentId: "work" });
    assert.equal((await get("/of-work")).agentId, "work");
    await say("of-work", "y");
    await say("of-work", "z", { agentId: "work" });
    const other = { message: "x", sessionKey: "of-work", agentId: "home" };
    const refused = await gateway.api("POST", "/v1/agent/run", other);
    assert.equal(refused.status, 409);
    assert.equal(refused.body.error.param, "agentId");
    assert.equal((await get("/of-work")).messageCount, 6);
  });

  test("default and main name the default agent", async () => {
    await say("of-default", "x", { agentId: "default" });
    assert.equal((await get("/of-default")).agentId, "home");
    await say("of-default", "x", { agentId: "main" });
    await say("of-default", "x", { agentId: "home" });
  });

  test("a fork has the messages up to one, under new ids, and goes its own way", async () => {
    for (const message of ["one", "two"]) await say("origin", message);
    const { messages } = await get("/origin");
    const forked = await gateway.api("POST", "/v1/sessions/origin/fork", {
      newSessionKey: "branch",
      messageId: messages[1].id,
    });
    assert.equal(forked.status, 200, forked.text);
    assert.equal(forked.body.messageCount, 2);
    await say("branch", "other");
    const branch = await get("/branch");
    assert.deepEqual(branch.messages.map((it: Json) => it.content).slice(0, 3), [
      "one",
      messages[1].content,
      "other",
    ]);
    assert.ok(branch.messages.every((it: Json) => !messages.some((its: Json) => its.id === it.id)));
    assert.equal((await get("/origin")).messageCount, 4);
    const again = { newSessionKey: "branch" };
    assert.equal((await gateway.api("POST", "/v1/sessions/origin/fork", again)).status, 409);
    const nowhere = { messageId: "none" };
    assert.equal((await gateway.api("POST", "/v1/sessions/origin/fork", nowhere)).status, 404);
  });

  test("a reset empties the session and keeps its name, title and settings", async () => {
    await say("reset", "x");
    await gateway.api("PATCH", "/v1/sessions/reset", { title: "Kept", thinking: "high" });
    const { body } = await gateway.api("POST", "/v1/sessions/reset/reset");
    assert.deepEqual([body.messageCount, body.title, body.thinking], [0, "Kept", "high"]);
    assert.deepEqual((await get("/reset")).messages, []);
    await say("reset", "anew");
    assert.equal((await get("/reset")).messageCount, 2);
  });

  test("usage and count add up over runs", async () => {
    const first = await say("sums", "x");
    const second = await say("sums", "call clock {}");
    const body = await get("/sums");
    assert.equal(body.usage.promptTokens, first.usage.promptTokens + second.usage.promptTokens);
    assert.equal(body.usage.totalTokens, first.usage.totalTokens + second.usage.totalTokens);
    assert.equal(body.messageCount, body.messages.length);
    const [call] = body.messages.find((it: Json) => it.toolCalls).toolCalls;
    assert.equal(call.tool, "clock");
    assert.ok(call.result.iso);
    assert.equal(call.isError, false);
  });

  test("attachments come back with their message", async () => {
    const attachments = [
      { type: "image", mimeType: "image/png", data: "aGVsbG8=", name: "a.png" },
      { type: "audio", mimeType: "audio/wav", data: "aGVsbG8=" },
      { type: "file", url: "https://example.com/b.pdf" }, // told to the model by its address
    ];
    const { response } = await say("files", "look", { attachments });
    assert.match(response, /2 files/);
    assert.deepEqual((await get("/files")).messages[0].attachments, attachments);
  });
});

describe("under a run", () => {
  test("a delete aborts the running run and the queued ones, and the key is free at once", async () => {
    const first = await start({ message: "/slow 5000", sessionKey: "doomed" });
    const second = await start({ message: "queued", sessionKey: "doomed" });
    await socket.find((it) => it.data?.runId === first.runId && it.type === "chat.delta");
    const waiting = gateway.api("POST", "/v1/agent/run", { message: "waits", sessionKey: "doomed" });
    await until(async () => (await get("/doomed")).messageCount === 3, "the third message is there");
    const gone = await gateway.api("DELETE", "/v1/sessions/doomed");
    assert.deepEqual(gone.body, { deleted: true, sessionKey: "doomed" });
    for (const { runId } of [first, second])
      assert.equal((await socket.end(runId)).at(-1)!.type, "chat.aborted");
    assert.equal((await waiting).status, 499);
    assert.equal((await gateway.api("GET", "/v1/sessions/doomed")).status, 404);
    assert.equal((await gateway.api("GET", `/v1/runs/${first.runId}`)).status, 404);
    await say("doomed", "again");
    assert.equal((await get("/doomed")).messageCount, 2);
    const { body } = await gateway.api("GET", "/status");
    assert.deepEqual(body.runs, { active: 0, queued: 0 });
  });

  test("deletes, resets and runs of one session at once leave it whole", async () => {
    const key = "storm";
    await say(key, "begin");
    const all = Array.from({ length: 24 }, async (_, index) => {
      const verb = index % 4;
      if (verb === 0) return gateway.api("DELETE", `/v1/sessions/${key}`);
      if (verb === 1) return gateway.api("POST", `/v1/sessions/${key}/reset`);
      return gateway.api("POST", "/v1/agent/run", { message: "/slow 2", sessionKey: key });
    });
    for (const { status, text } of await Promise.all(all))
      assert.ok([200, 404, 499].includes(status), `${status} ${text}`);
    await say(key, "end");
    const body = await get(`/${key}`);
    assert.equal(body.messages.length, body.messageCount);
    assert.equal(body.messages.at(-2).content, "end");
    assert.deepEqual((await gateway.api("GET", "/status")).body.runs, { active: 0, queued: 0 });
  });

  test("a fork made in the middle of a tool call or an answer is whole", async () => {
    await start({ message: "/slow 5000", sessionKey: "busy" });
    await until(async () => (await get("/busy")).messageCount === 1, "it runs");
    await start({ message: "queued", sessionKey: "busy" });
    const { body } = await gateway.api("POST", "/v1/sessions/busy/fork", { newSessionKey: "calm" });
    assert.equal(body.messageCount, 1, "the queued message is not copied");
    await say("calm", "hello");
    await gateway.api("DELETE", "/v1/sessions/busy");
  });

  test("session.updated tells readers, and only them, of each change", async () => {
    const reader = await gateway.ws();
    const made = await gateway.api("POST", "/v1/tokens", { name: "chat", scopes: ["chat"] });
    const chatter = await gateway.ws("/", { authorization: `Bearer ${made.body.token}` });
    await say("told", "x");
    await gateway.api("PATCH", "/v1/sessions/told", { title: "T" });
    await gateway.api("POST", "/v1/sessions/told/reset");
    await gateway.api("DELETE", "/v1/sessions/told");
    const mine = () =>
      reader.messages.filter((it) => it.type === "session.updated" && it.data.sessionKey === "told");
    await reader.find((it) => it.type === "session.updated" && it.data.reason === "deleted");
    assert.deepEqual(
      mine().map((it) => it.data.reason),
      ["created", "message", "updated", "reset", "deleted"],
    );
    assert.equal(mine().at(-1)!.data.session, null);
    assert.equal(mine()[2]!.data.session.title, "T");
    await chatter.call("model.list");
    assert.deepEqual(
      chatter.messages.filter((it) => it.type === "session.updated"),
      [],
    );
    reader.close();
    chatter.close();
  });
});
