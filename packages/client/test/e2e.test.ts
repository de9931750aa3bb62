import assert from "node:assert/strict";
import { test } from "node:test";
import { isCode, OpenClawClient, type RunEvent, type StreamEvent } from "../src/index.ts";
import { collect, until } from "./support/gateway.ts";
import { startRealGateway, startWire } from "./support/real-gateway.ts";

test("against the gateway itself, everything that the client offers works", async (t) => {
  await using gateway = await startRealGateway();
  const { url: baseUrl, token } = gateway;
  const client = new OpenClawClient({ baseUrl, token });

  await t.test("the documented snippet gets its answer", async () => {
    const answer = await client.agent.run({ message: "Hello!", sessionKey: "session-123" });
    assert.equal(answer.sessionKey, "session-123");
    assert.ok(answer.response.length > 0);
    assert.ok(answer.usage.totalTokens > 0);
  });

  await t.test("a stream's deltas joined are the answer", async () => {
    const got = await collect(client.agent.stream({ message: "Hello!" }));
    const done = got.at(-1)!;
    assert.ok(done.type === "done");
    assert.equal(streamed(got), done.data.response);
    assert.deepEqual(
      got.map(({ data }) => data.seq),
      got.map((_, index) => index + 1),
    );
    const again = await collect(client.runs.events(done.data.runId));
    assert.equal(streamed(again), done.data.response);
    assert.deepEqual(await collect(client.runs.events(done.data.runId, { afterSeq: done.data.seq })), []);
  });

  await t.test("a stream over a wire that is cut goes on without loss", async () => {
    await using wire = await startWire(baseUrl);
    const far = new OpenClawClient({ baseUrl: wire.url, token });
    const got: StreamEvent[] = [];
    for await (const event of far.agent.stream({ message: "Hello!" })) {
      got.push(event);
      if (got.length === 3 || got.length === 5) wire.cut();
    }
    const done = got.at(-1)!;
    assert.ok(done.type === "done");
    assert.equal(streamed(got), done.data.response);
  });

  await t.test(
    "a socket run over a wire that is cut goes on without loss, and a session's reader sees the same",
    async () => {
      await using wire = await startWire(baseUrl);
      const far = new OpenClawClient({ baseUrl: wire.url, token, reconnectDelay: () => 1 });
      const first = await far.chat.run({ message: "Hello!", sessionKey: "cut" });
      const subscription = await far.chat.subscribe({ sessionKey: "cut" });
      const seen: RunEvent[] = [];
      const reading = (async () => {
        for await (const event of subscription) seen.push(event);
      })();
      const second = await far.chat.run({ message: "Hello again!", sessionKey: "cut" });
      let count = 0;
      const got: RunEvent[] = [];
      for (const run of [first, second]) {
        for await (const event of run) {
          got.push(event);
          if (++count % 4 === 0 && count < 20) wire.cut();
        }
        const { response, runId } = await run.done;
        assert.equal(said(got, runId), response);
      }
      const { response } = await second.done;
      await until(() => seen.at(-1)?.type === "chat.done" && seen.at(-1)?.data.runId === second.runId);
      assert.equal(said(seen, second.runId), response);
      subscription.close();
      await reading;
      assert.equal((await far.sessions.get("cut")).messageCount, 4);
      assert.ok(wire.cuts() >= 2);
      far.chat.close();
    },
  );

  await t.test("an aborted run ends as aborted", async () => {
    const run = await client.chat.run({ message: "Hello!", sessionKey: "aborted" });
    await run.abort();
    assert.ok(["aborted", "stop"].includes((await run.done).finishReason));
    const over = await client.agent.run({ message: "Hello!" });
    assert.deepEqual(await client.runs.abort(over.runId), { aborted: false });
  });

  await t.test("sessions, models, channels, status and tokens can be called", async () => {
    assert.equal((await client.status()).status, "ok");
    assert.equal((await client.health()).status, "ok");
    const keys = (await collect(client.sessions.iterate({ limit: 1 }))).map(({ sessionKey }) => sessionKey);
    assert.ok(keys.includes("session-123") && keys.includes("cut"));
    assert.equal((await client.sessions.update("cut", { title: "Cut" })).title, "Cut");
    assert.equal((await client.sessions.fork("cut", { newSessionKey: "fork" })).messageCount, 4);
    assert.equal((await client.sessions.export("fork", { limit: 1 })).messages.length, 1);
    assert.equal((await client.sessions.reset("fork")).messageCount, 0);
    assert.deepEqual(await client.sessions.delete("fork"), { deleted: true, sessionKey: "fork" });
    await assert.rejects(client.sessions.get("fork"), (error) => isCode(error, "not_found"));
    const [model] = (await client.models.list()).data;
    assert.equal((await client.models.get(model!.id)).id, model!.id);
    assert.ok((await client.channels.list()).channels.some(({ id }) => id === "telegram"));
    assert.equal((await client.channels.status("telegram")).status, "not_configured");
    assert.equal(typeof (await client.browser.status()).enabled, "boolean");
  });

  await t.test("a revoked token's socket fails with unauthorized", async () => {
    const made = await client.tokens.create({ name: "short-lived", scopes: ["chat"] });
    const guest = new OpenClawClient({ baseUrl, token: made.token });
    const states: string[] = [];
    guest.chat.on("connection", ({ state }) => states.push(state));
    await guest.chat
      .call("run.get", { runId: "none" })
      .catch((error: unknown) => assert.ok(isCode(error, "not_found")));
    await client.tokens.revoke(made.tokenId);
    await until(() => states.at(-1) === "closed");
    await assert.rejects(guest.agent.run({ message: "Hi" }), (error) => isCode(error, "unauthorized"));
    await assert.rejects(guest.chat.run({ message: "Hi" }), (error) => isCode(error, "unauthorized"));
  });

  client.chat.close();
});

function streamed(events: StreamEvent[]): string {
  return events.map((event) => (event.type === "delta" ? event.data.delta : "")).join("");
}

function said(events: RunEvent[], runId: string): string {
  return events
    .map((event) => (event.type === "chat.delta" && event.data.runId === runId ? event.data.delta : ""))
    .join("");
}
