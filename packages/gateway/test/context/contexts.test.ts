import assert from "node:assert/strict";
import { test } from "node:test";
import type { PromptMessage } from "../../src/runtime/models/types.ts";
import type { Contexts } from "../../src/services/runs/context.ts";
import { findContext } from "../../src/storage/session-contexts.ts";
import { seeded } from "../support/random.ts";
import {
  asked,
  bytesOf,
  charactersOf,
  forever,
  noSummary,
  run,
  type Session,
  startDatabase,
  startSession,
  step,
  textOf,
  usual,
} from "./sessions-on-disk.ts";

const signal = forever;

test("a session's requests begin with the bytes of the request before, from memory and from disk", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  const kept = contexts();
  let before: string[] = [];
  for (let turn = 0; turn < 12; turn++) {
    const from = turn % 4 === 3 ? contexts() : kept; // a fresh process reads it all again
    for (const request of await run(from, session, `r${turn}`)) {
      const now = bytesOf(request);
      assert.deepEqual(now.slice(0, before.length), before, `turn ${turn}`);
      before = now;
    }
  }
  assert.equal(before.length, 1 + 12 * 4 - 1);
});

test("what a run is told from memory is what it would be told from disk", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  const kept = contexts();
  const random = seeded(7);
  for (let turn = 0; turn < 60; turn++) {
    const result = "r".repeat(random() * 4_000);
    const summarise = async () => `summary ${turn}`;
    await run(kept, session, `r${turn}`, { result, summarise, question: "q".repeat(2_000) });
    await session.store({ runId: `n${turn}`, role: "user", content: "and?", note: "It is Monday." });
    const open = (it: Contexts) =>
      it.open({ ...usual, sessionId: session.sessionId, runId: `n${turn}` }, noSummary);
    const [fromMemory, fromDisk] = [await open(kept), await open(contexts())];
    assert.deepEqual(bytesOf(fromMemory.messages), bytesOf(fromDisk.messages), `turn ${turn}`);
    const said: PromptMessage[] = [{ role: "assistant", content: "well" }];
    await (await startAgain(kept, session, `n${turn}`)).append(said);
  }
  assert.ok((await findContext(db.read, session.sessionId))!.summary, "it was summed up on the way");

  async function startAgain(it: Contexts, { sessionId, append }: Session, runId: string) {
    const conversation = await it.open({ ...usual, sessionId, runId }, noSummary);
    return {
      async append(messages: PromptMessage[]) {
        await append(conversation, runId, messages);
        conversation.keep();
      },
    };
  }
});

test("what the gateway has to say stands in a message of its own before the user's", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  await session.store({ runId: "a", role: "user", content: "hello", note: "Today is Monday." });
  await session.store({ runId: "b", role: "user", content: "of another run", place: "queued" });
  const conversation = await contexts().open(
    { ...usual, sessionId: session.sessionId, runId: "a" },
    noSummary,
  );
  const request = await conversation.request({ signal });
  assert.deepEqual(request.map(textOf), ["Be kind.", "<context>Today is Monday.</context>", "hello"]);
});

test("a call whose run broke off gets a result that says that nothing is known", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  await session.store({ runId: "a", role: "user", content: "go" });
  const toolCalls = [
    { toolCallId: "c1", tool: "look", params: {}, result: { ok: true } },
    { toolCallId: "c2", tool: "look", params: {} },
  ];
  await session.store({ runId: "a", role: "assistant", content: "", toolCalls });
  await session.store({ runId: "b", role: "user", content: "and?" });
  const conversation = await contexts().open(
    { ...usual, sessionId: session.sessionId, runId: "b" },
    noSummary,
  );
  const request = await conversation.request({ signal });
  assert.deepEqual(
    request.map((it) => it.role),
    ["system", "user", "assistant", "tool", "tool", "user"],
  );
  assert.equal(textOf(request[3]!), '{"ok":true}');
  assert.match(textOf(request[4]!), /not known/);
});

test("real usage is learned from: a language with short tokens is made smaller earlier", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  for (let turn = 0; turn < 20; turn++)
    await session.store({ runId: "old", role: turn % 2 ? "assistant" : "user", content: "字".repeat(2_000) });
  await session.store({ runId: "r", role: "user", content: "hm" });
  const conversation = await contexts().open(
    { ...usual, sessionId: session.sessionId, runId: "r" },
    async () => "in short",
  );
  const before = await conversation.request({ signal });
  assert.equal(before.length, 22);
  conversation.learned(40_000 / 1.6);
  const after = await conversation.request({ signal });
  assert.match(textOf(after[1]!), /in short/);
  assert.ok(JSON.stringify(after).length / 1.6 < usual.limitTokens);
});

test("within one long run old steps are left out, and the next run goes on from there", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  const it = contexts();
  await session.store({ runId: "r", role: "user", content: "do it all" });
  const conversation = await it.open({ ...usual, sessionId: session.sessionId, runId: "r" }, noSummary);
  for (let count = 0; count < 200; count++) {
    await session.append(conversation, "r", step(`s${count}`, `result ${count} ${"r".repeat(3_000)}`));
    const request = await conversation.request({ signal });
    assert.ok(charactersOf(request!) < 20_000 * 4);
    assert.match(textOf(request[1]!), /^do it all/);
    assert.match(textOf(request.at(-1)!), new RegExp(`^result ${count} r+$`));
  }
  conversation.keep();
  await session.append(conversation, "r", [{ role: "assistant", content: "all done" }]);
  const [request] = await run(it, session, "next");
  assert.deepEqual(request!.slice(-2).map(textOf), ["all done", "ask next"]);
});

test("a steered run that drops turns of its own keeps count of its places on disk", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  await session.store({ runId: "r", role: "user", content: "begin" });
  const it = contexts();
  const conversation = await it.open(
    { ...usual, sessionId: session.sessionId, runId: "r" },
    async () => "so far so good",
  );
  for (let count = 0; count < 60; count++) {
    await session.append(conversation, "r", [
      ...step(`s${count}`, "r".repeat(2_000)),
      asked(`more ${count} ${"m".repeat(1_500)}`),
    ]);
    await conversation.request({ signal });
  }
  const { droppedThrough } = (await findContext(db.read, session.sessionId))!;
  assert.ok(droppedThrough > 0);
  conversation.keep();
  await session.append(conversation, "r", [{ role: "assistant", content: "done" }]);
  await session.store({ runId: "n", role: "user", content: "next" });
  const open = (of: Contexts) => of.open({ ...usual, sessionId: session.sessionId, runId: "n" }, noSummary);
  const [fromMemory, fromDisk] = [await open(it), await open(contexts())];
  assert.deepEqual(bytesOf(fromMemory.messages), bytesOf(fromDisk.messages));
});

test("what changed otherwise is read again: after forget, and where the disk holds something else", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  const it = contexts();
  await run(it, session, "a");
  await session.store({ runId: "elsewhere", role: "assistant", content: "a word in between" });
  const [request] = await run(it, session, "b");
  assert.deepEqual(request!.slice(-4).map(textOf), [
    "done a",
    "(The user sent nothing here.)",
    "a word in between",
    "ask b",
  ]);
  const { sessionId } = session;
  await session.store({ runId: "c", role: "user", content: "ask c" });
  const conversation = await it.open({ ...usual, sessionId, runId: "c" }, noSummary);
  conversation.keep();
  conversation.messages.push({ role: "assistant", content: "never on disk" });
  await session.store({ runId: "elsewhere", role: "assistant", content: "said by another" });
  const [again] = await run(it, session, "d");
  assert.doesNotMatch(JSON.stringify(again), /never on disk/);
  assert.match(JSON.stringify(again), /said by another/);
});

test("what was forgotten while a run went on is not kept when it ends", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  const it = contexts();
  const { sessionId } = session;
  await run(it, session, "a");
  const conversation = await it.open({ ...usual, sessionId, runId: "b" }, noSummary);
  it.forget(sessionId);
  await db.write((tx) => tx.deleteFrom("messages").where("session_id", "=", sessionId).execute());
  conversation.keep();
  const [request] = await run(it, session, "c");
  assert.deepEqual(request!.map(textOf), ["Be kind.", "ask c"]);
});

test("messages of runs that wait are not told before their turn, from memory or from disk", async (t) => {
  const { db, contexts } = await startDatabase(t);
  const session = await startSession(db);
  const it = contexts();
  await run(it, session, "a");
  await session.store({ runId: "later", role: "user", content: "not yet", place: "queued" });
  for (const [index, from] of [it, contexts()].entries()) {
    const [request] = await run(from, session, `b${index}`);
    assert.doesNotMatch(JSON.stringify(request), /not yet/);
  }
});
