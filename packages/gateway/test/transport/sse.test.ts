import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import { type Asked, gatewayToken, type Rig, refused, startRig, until } from "./gateway-rig.ts";
import { head, rawConnection } from "./raw-http.ts";
import { createFeed, delta, done, type Feed } from "./run-feed.ts";

type Answer = (asked: Asked) => unknown;

async function withRig(answer: Answer, test: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await startRig({ answer });
  try {
    await test(rig);
  } finally {
    await rig.close();
  }
}

/** Answers `chat.run` and `chat.subscribe` by watching the feed. */
function watching(feed: Feed, status = "started"): Answer {
  return ({ method, call }) => {
    if (method !== "chat.run" && method !== "chat.subscribe") return { aborted: true };
    call.connection!.watch("r1", feed.subscription);
    return { runId: "r1", sessionKey: "s", status };
  };
}

const run = (rig: Rig, body: object, path = "/v1/agent/run/stream", init: RequestInit = {}) =>
  rig.fetch(path, { method: "POST", body: JSON.stringify(body), ...init });

/** The stream's text piece by piece. */
function reader(response: Response) {
  const pieces = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  return async () => (await pieces.read()).value;
}

describe("a run as server-sent events", () => {
  it("sends each event as it comes, named without chat., with its seq as id", async () => {
    const feed = createFeed("r1");
    await withRig(watching(feed), async (rig) => {
      const response = await run(rig, { message: "hi" });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "text/event-stream");
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.equal(response.headers.get("x-accel-buffering"), "no");
      assert.ok(response.headers.get("x-request-id"));
      assert.ok(response.headers.get("ratelimit"));
      const read = reader(response);
      feed.push(delta("r1", 1, "über\nline"));
      assert.equal(
        await read(),
        'event: delta\nid: 1\ndata: {"runId":"r1","sessionKey":"s","seq":1,"messageId":"m","delta":"über\\nline"}\n\n',
      );
      feed.push(done("r1", 2));
      feed.end();
      assert.match((await read())!, /^event: done\nid: 2\ndata: \{.*"finishReason":"stop".*\}\n\n$/);
      assert.equal(await read(), undefined);
      assert.ok(feed.closed());
      assert.deepEqual([rig.asked[0]?.method, rig.asked[0]?.params], ["chat.run", { message: "hi" }]);
    });
  });

  it("streams from /v1/agent/run, too, where the body says so, and waits otherwise", async () => {
    const feed = createFeed("r1");
    feed.push(done("r1", 1));
    feed.end();
    await withRig(watching(feed), async (rig) => {
      const streamed = await run(rig, { message: "hi", stream: true }, "/v1/agent/run");
      assert.match(await streamed.text(), /^event: done\n/);
      const waited = await run(rig, { message: "hi", stream: false }, "/v1/agent/run");
      assert.match(waited.headers.get("content-type")!, /json/);
      assert.deepEqual(
        rig.asked.map((it) => it.method),
        ["chat.run", "agent.run"],
      );
    });
  });

  it("refuses stream: false on the streaming path", () =>
    withRig(
      () => ({}),
      async (rig) => {
        const response = await run(rig, { message: "hi", stream: false });
        assert.equal(response.status, 400);
        assert.match(await response.text(), /"param":"stream"/);
        assert.equal(rig.asked.length, 0);
      },
    ));

  it("answers failures before the first event as JSON with their status", () =>
    withRig(
      () => {
        throw refused("conflict", "The session belongs to another agent.");
      },
      async (rig) => {
        const response = await run(rig, { message: "hi" });
        assert.equal(response.status, 409);
        assert.match(await response.text(), /"conflict"/);
      },
    ));

  it("reports failures after it as an error event and ends", async () => {
    const feed = createFeed("r1");
    await withRig(watching(feed), async (rig) => {
      const response = await run(rig, { message: "hi" });
      feed.fail(new GatewayError("service_unavailable", "The reader is too slow."));
      const text = await response.text();
      const data = /^event: error\ndata: (.*)\n\n$/.exec(text)?.[1];
      const { error } = JSON.parse(data!) as { error: { code: string; requestId: string } };
      assert.deepEqual(
        [error.code, error.requestId],
        ["service_unavailable", response.headers.get("x-request-id")],
      );
    });
  });

  it("resumes by Last-Event-ID, or by the query for the first time", async () => {
    const ended = () => {
      const feed = createFeed("r1");
      feed.end();
      return feed;
    };
    await withRig(
      (asked) => watching(ended())(asked),
      async (rig) => {
        await (await rig.fetch("/v1/runs/r1/events", { headers: { "last-event-id": "7" } })).text();
        assert.deepEqual(rig.asked.at(-1)?.params, { runId: "r1", afterSeq: 7 });
        await (await rig.fetch("/v1/runs/r1/events?lastEventId=3")).text();
        assert.deepEqual(rig.asked.at(-1)?.params, { runId: "r1", afterSeq: 3 });
        await (await rig.fetch("/v1/runs/r1/events?afterSeq=4")).text();
        assert.deepEqual(rig.asked.at(-1)?.params, { runId: "r1", afterSeq: 4 });
        await (await rig.fetch("/v1/runs/r1/events")).text();
        assert.deepEqual(rig.asked.at(-1)?.params, { runId: "r1" });
        const wrong = await rig.fetch("/v1/runs/r1/events", { headers: { "last-event-id": "x" } });
        assert.equal(wrong.status, 400);
      },
    );
  });

  it("stops watching, and nothing else, when the client goes away", async () => {
    const feed = createFeed("r1");
    await withRig(watching(feed), async (rig) => {
      const leaving = new AbortController();
      await run(rig, { message: "hi" }, undefined, { signal: leaving.signal });
      leaving.abort();
      await until(() => feed.closed() && rig.transport.stats().inFlight === 0, "the watch is closed");
      assert.equal(rig.asked.length, 1);
    });
  });

  it("aborts the run when the client goes away that asked for that, but never one that it joined", async () => {
    const body = { message: "hi", options: { onDisconnect: "abort" } };
    for (const [status, aborted] of [
      ["queued", true],
      ["merged", false],
    ] as const) {
      const feed = createFeed("r1");
      await withRig(watching(feed, status), async (rig) => {
        const leaving = new AbortController();
        await run(rig, body, undefined, { signal: leaving.signal });
        leaving.abort();
        await until(() => feed.closed(), "the watch is closed");
        if (aborted) await until(() => rig.asked.length === 2, "the abort");
        assert.deepEqual(
          rig.asked.slice(1).map((it) => [it.method, it.params]),
          aborted ? [["chat.abort", { runId: "r1" }]] : [],
        );
        if (aborted) assert.equal(rig.asked[1]?.call.signal.aborted, false);
      });
    }
  });

  it("does not abort a run that has ended", async () => {
    const feed = createFeed("r1");
    await withRig(watching(feed), async (rig) => {
      const response = await run(rig, { message: "hi", options: { onDisconnect: "abort" } });
      feed.push(done("r1", 1));
      feed.end();
      await response.text();
      assert.equal(rig.asked.length, 1);
    });
  });

  it("stops pulling events for a reader that takes none", async () => {
    const feed = createFeed("r1");
    await withRig(watching(feed), async (rig) => {
      const connection = await rawConnection(rig.port);
      connection.pause();
      const body = JSON.stringify({ message: "hi" });
      const headers = {
        Host: "localhost",
        Authorization: `Bearer ${gatewayToken}`,
        "Content-Length": String(body.length),
      };
      connection.write(head("POST /v1/agent/run/stream", headers) + body);
      const large = "x".repeat(100_000);
      for (let seq = 1; seq <= 300; seq++) feed.push(delta("r1", seq, large));
      await until(() => feed.taken() > 5, "some are taken");
      let before = -1;
      while (before !== feed.taken()) {
        before = feed.taken();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.ok(before < 150, `${before} of 300 events, 100 kB each, were pulled`);
      feed.push(done("r1", 301));
      feed.end();
      let text = "";
      for await (const chunk of connection) text += chunk;
      assert.match(text, /event: done\nid: 301\n/);
      assert.equal(text.match(/event: delta/g)?.length, 300);
    });
  });

  it("ends with an error event when the credential is revoked", async () => {
    const feed = createFeed("r1");
    await withRig(watching(feed), async (rig) => {
      const response = await run(rig, { message: "hi" });
      rig.credentials.replace({ mode: "off" });
      assert.match(await response.text(), /event: error\ndata: .*"unauthorized"/);
    });
  });
});
