import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import type { SessionPort } from "../../src/runtime/tools/ports.ts";
import type { RunScope } from "../../src/services/run-scope.ts";
import { createSessionPorts } from "../../src/services/sessions/tool-port.ts";
import { insertMessage } from "../../src/storage/messages.ts";
import { findSession } from "../../src/storage/sessions.ts";
import { type PaperRuns, startPaperRuns } from "../support/paper-runs.ts";
import { until } from "../support/until.ts";

let paper: PaperRuns;
let bind: (scope: RunScope) => SessionPort;
const { signal } = new AbortController();
const guest = { trust: "guest", caller: { id: "token:g", scopes: ["chat"] } } as const;

beforeEach(async () => {
  paper = await startPaperRuns();
  bind = createSessionPorts(paper);
});

afterEach(() => paper.close());

/** Whether a port sees a session, in each of the three ways. */
async function sees(port: SessionPort, key: string): Promise<boolean[]> {
  const { sessions } = (await port.list({ limit: 50 })) as { sessions: { sessionKey: string }[] };
  const can = (work: Promise<unknown>) =>
    work.then(
      () => true,
      () => false,
    );
  return [
    sessions.some((it) => it.sessionKey === key),
    await can(port.history(key, { limit: 5 })),
    await can(port.send(key, "hi", { waitMs: 0, signal })),
  ];
}

describe("the sessions that a run sees", () => {
  it("are all where the owner speaks, and its own where its credential may not read", async () => {
    await paper.scope({ ...guest, sessionKey: "of-guest" });
    await paper.scope({ sessionKey: "of-owner" });
    assert.deepEqual(await sees(bind(await paper.scope()), "of-guest"), [true, true, true]);
    const chatOnly = await paper.scope({ caller: { id: "gateway", scopes: ["chat"] } });
    assert.deepEqual(await sees(bind(chatOnly), "of-guest"), [false, false, false]);
    assert.deepEqual(await sees(bind(chatOnly), "of-owner"), [true, true, true]);
  });

  it("are those of its own credential for a guest, even one that may read", async () => {
    await paper.scope({ sessionKey: "of-owner" });
    await paper.scope({ ...guest, sessionKey: "of-guest" });
    const reads = { trust: "guest", caller: { id: "token:g", scopes: ["read", "chat"] } } as const;
    const port = bind(await paper.scope(reads));
    assert.deepEqual(await sees(port, "of-owner"), [false, false, false]);
    assert.deepEqual(await sees(port, "of-guest"), [true, true, true]);
  });

  it("are none of the owner's where he answers in a stranger's session", async () => {
    await paper.scope({ sessionKey: "of-owner" });
    const scope = await paper.scope({
      trust: "guest",
      owner: "token:stranger",
      sessionKey: "of-stranger",
      caller: { id: "gateway", scopes: ["admin"] },
    });
    assert.deepEqual(await sees(bind(scope), "of-owner"), [false, false, false]);
  });

  it("are not the throw-away ones", async () => {
    const { sessionKey } = await paper.scope({ listed: false });
    assert.deepEqual(await sees(bind(await paper.scope()), sessionKey), [false, false, false]);
  });
});

describe("a session's history", () => {
  it("is the newest messages, each cut, and bounded as a whole", async () => {
    const scope = await paper.scope({ sessionKey: "long" });
    const session = (await findSession(paper.db.read, "long"))!;
    for (let i = 0; i < 30; i++) {
      const content = `${i} ${"x".repeat(5_000)}`;
      await paper.db.write((tx) =>
        insertMessage(tx, { sessionId: session.id, id: `m${i}`, runId: "r", role: "user", content, now: 1 }),
      );
    }
    const { messages, older } = (await bind(scope).history("long", { limit: 50 })) as {
      messages: { text: string }[];
      older: boolean;
    };
    assert.equal(older, true);
    assert.match(messages.at(-1)!.text, /^29 x+\[… cut\]$/);
    assert.ok(JSON.stringify(messages).length < 20_000);
  });

  it("names the tools that were called and leaves out what waits to be said", async () => {
    const scope = await paper.scope({ sessionKey: "tools" });
    const session = (await findSession(paper.db.read, "tools"))!;
    const said = { sessionId: session.id, runId: "r", now: 1 };
    const toolCalls = [{ toolCallId: "c", tool: "exec", params: { secret: 1 }, result: "large" }];
    await paper.db.write(async (tx) => {
      await insertMessage(tx, { ...said, id: "a", role: "assistant", content: "", toolCalls });
      await insertMessage(tx, { ...said, id: "b", role: "user", content: "later" }, "queued");
    });
    const { messages } = (await bind(scope).history("tools", { limit: 9 })) as {
      messages: { tools?: string[] }[];
    };
    assert.deepEqual(
      messages.map((it) => it.tools),
      [undefined, ["exec"]],
    );
  });
});

describe("a message to another session", () => {
  it("is answered where the answer comes in time, and goes on where it does not", async () => {
    const port = bind(await paper.scope({ tokenLimit: 2 }));
    await paper.scope({ sessionKey: "other" });
    const answer = port.send("other", "hi", { waitMs: 60_000, signal });
    await until(() => paper.started.length === 1, "it runs");
    const { runId, caller, inherited } = paper.started[0]!;
    assert.deepEqual(caller.limits, { maxCostPerDay: 2 });
    assert.deepEqual([inherited?.depth, inherited?.trust], [1, "owner"]);
    await paper.end(runId, "done", "hello");
    assert.deepEqual(await answer, { sessionKey: "other", runId, status: "done", response: "hello" });
    const late = (await port.send("other", "again", { waitMs: 5, signal })) as { status: string };
    assert.equal(late.status, "running");
    const failed = port.send("other", "third", { waitMs: 60_000, signal });
    await until(() => paper.started.length === 3, "it runs");
    await paper.end(paper.started[2]!.runId, "failed");
    assert.equal(((await failed) as { status: string }).status, "failed");
  });

  it("carries its sender's limits, and is not passed on for ever", async () => {
    await paper.scope({ ...guest, sessionKey: "mine" });
    const scope = await paper.scope({ ...guest, sandboxed: true, tools: ["clock"], depth: 1, tainted: true });
    await bind(scope).send("mine", "hi", { waitMs: 0, signal });
    const { depth, trust, sandboxed, tools, scopes, tainted } = paper.started[0]!.inherited!;
    assert.deepEqual(
      { depth, trust, sandboxed, tools, scopes, tainted },
      { depth: 2, trust: "guest", sandboxed: true, tools: ["clock"], scopes: ["chat"], tainted: true },
    );
    const deep = bind({ ...scope, depth: 2 });
    await assert.rejects(deep.send("mine", "hi", { waitMs: 0, signal }), /Answer it instead/);
  });

  it("does not go to the session itself", async () => {
    const scope = await paper.scope();
    await assert.rejects(bind(scope).send(scope.sessionKey, "me", { waitMs: 0, signal }), /your own session/);
  });

  it("is waited for no longer than its sender runs, and leaves nothing behind", async () => {
    const sender = new AbortController();
    await paper.scope({ sessionKey: "other" });
    const port = bind(await paper.scope());
    const waiting = port.send("other", "hi", { waitMs: 60_000, signal: sender.signal });
    await until(() => paper.started.length === 1, "it runs");
    sender.abort(new GatewayError("aborted", "The run was aborted."));
    await assert.rejects(waiting, { code: "aborted" });
    assert.equal((await paper.run(paper.started[0]!.runId))?.status, "running");
  });
});
