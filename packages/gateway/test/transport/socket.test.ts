import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import { Secret } from "../../src/lib/secrets.ts";
import { gatewayToken, type Rig, type RigOptions, refused, startRig, until } from "./gateway-rig.ts";
import { createFeed, delta, done, type Feed } from "./run-feed.ts";

async function withRig(options: RigOptions, test: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await startRig({ ...options, limits: { perMinute: 0, ...options.limits } });
  try {
    await test(rig);
  } finally {
    await rig.close();
  }
}

const watching =
  (...feeds: Feed[]): NonNullable<RigOptions["answer"]> =>
  ({ method, params, call }) => {
    if (!method.startsWith("chat") || method === "chat.abort") return { aborted: true };
    const feed = feeds.shift()!;
    call.connection!.watch(String(params.key ?? feed.subscription.runId), feed.subscription);
    return { runId: feed.subscription.runId, sessionKey: "s", status: "started" };
  };

const isEvent = (type: string) => (message: { type?: string }) => message.type === type;

describe("opening a WebSocket", () => {
  it("says who is connected to what, on / and on /ws", () =>
    withRig({}, async (rig) => {
      for (const path of ["/", "/ws", "/ws/", `/?token=${gatewayToken}`]) {
        const { data } = await (await rig.socket(path)).next(isEvent("connected"));
        assert.match(data.clientId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        const { clientId: _, ...rest } = data;
        assert.deepEqual(rest, {
          gatewayVersion: "2026.11.0",
          capabilities: ["chat", "channels", "browser"],
          protocol: 1,
          scopes: ["read", "chat", "operate", "approve", "admin"],
          heartbeatMs: 15_000,
        });
      }
    }));

  it("takes the credential from a header or the query, and answers 401 without one", () =>
    withRig({}, async (rig) => {
      await rig.socket(`/?token=${gatewayToken}`, { headers: {} });
      await rig.socket(`/?password=${gatewayToken}`, { headers: {} });
      await rig.socket("/", { headers: { "x-api-key": gatewayToken } });
      await assert.rejects(rig.socket("/", { headers: {} }), /401/);
      await assert.rejects(rig.socket("/?token=wrong", { headers: {} }), /401/);
      await assert.rejects(rig.socket("/elsewhere"), /404/);
      const refusal = await fetch(rig.url, {
        headers: {
          connection: "upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "x",
        },
      }).catch(() => undefined);
      assert.notEqual(refusal?.status, 101);
    }));

  it("takes a ticket once, and selects the subprotocol", () =>
    withRig({}, async (rig) => {
      await rig.fetch("/status");
      const { caller } = rig.asked[0]!.call;
      const { ticket, expiresAt } = rig.tickets.issue(caller);
      assert.equal(expiresAt, rig.clock.ms + 30_000);
      const protocols = ["openclaw", `openclaw.ticket.${ticket}`];
      const socket = await rig.socket("/", { headers: {}, protocols });
      assert.equal(socket.ws.protocol, "openclaw");
      assert.equal((await socket.request(1, "status")).id, 1);
      assert.equal(rig.asked.at(-1)?.call.caller, caller);
      await assert.rejects(rig.socket("/", { headers: {}, protocols }), /401/);
      const late = rig.tickets.issue(caller);
      rig.clock.ms += 30_000;
      await assert.rejects(
        rig.socket("/", { headers: {}, protocols: ["openclaw", `openclaw.ticket.${late.ticket}`] }),
        /401/,
      );
    }));

  it("answers a broken handshake with JSON and gives its place back", () =>
    withRig({ limits: { connections: 1 } }, async (rig) => {
      for (let i = 0; i < 3; i++) {
        const { request } = await import("node:http");
        const status = await new Promise((resolve, reject) => {
          const headers = {
            authorization: `Bearer ${gatewayToken}`,
            connection: "Upgrade",
            upgrade: "websocket",
          };
          const sent = request(rig.url, { headers }, (response) => {
            response.resume();
            resolve([response.statusCode, response.headers["content-type"]]);
          });
          sent.on("error", reject).end();
        });
        assert.deepEqual(status, [400, "application/json; charset=utf-8"]);
      }
      await rig.socket();
    }));
});

describe("requests over a WebSocket", () => {
  it("get exactly one reply with their id, text or number", () =>
    withRig({ answer: ({ params }) => params }, async (rig) => {
      const socket = await rig.socket();
      for (const id of [1, 0, -1.5, "a", ""]) {
        socket.send({ id, method: "session.get", params: { sessionKey: "k" } });
        assert.deepEqual(await socket.next((message) => message.id === id), {
          id,
          result: { sessionKey: "k" },
        });
      }
      assert.equal(socket.messages.length, 6);
    }));

  it("get errors with their id and the request's id, and the socket lives", () =>
    withRig(
      {
        answer: ({ method }) => {
          throw refused("not_found", `There is no method "${method}".`);
        },
      },
      async (rig) => {
        const socket = await rig.socket();
        const { error } = await socket.request(1, "no.such");
        assert.deepEqual([error.code, error.type], ["not_found", "client_error"]);
        assert.equal(error.requestId, rig.asked[0]?.call.requestId);
      },
    ));

  it("without an id get no reply, not even an error", () =>
    withRig(
      {
        answer: ({ method }) => {
          if (method === "bad") throw refused("not_found", "no");
          return {};
        },
      },
      async (rig) => {
        const socket = await rig.socket();
        for (const frame of [{ method: "status" }, { method: "bad" }, { id: null, method: "bad" }])
          socket.send(frame);
        await socket.request(9, "status");
        assert.equal(rig.asked.length, 4);
        assert.deepEqual(
          socket.messages.map((it) => it.type ?? it.id),
          ["connected", 9],
        );
      },
    ));

  it("answer a bad frame with id null, or its id where it names a method", () =>
    withRig({}, async (rig) => {
      const socket = await rig.socket();
      const frames: [frame: unknown, id: unknown][] = [
        ["no json", null],
        ["[]", null],
        ["null", null],
        ["7", null],
        [{}, null],
        [{ id: 5 }, null],
        [{ id: 6, method: 7 }, null],
        [{ id: {}, method: "status" }, null],
        [{ id: "x".repeat(257), method: "status" }, null],
        [{ id: 8, method: "status", params: [] }, 8],
        [{ method: "status", params: "text" }, null],
      ];
      for (const [frame, id] of frames) {
        socket.send(frame);
        const { error } = await socket.next((message) => message.id === id);
        assert.equal(error.code, "invalid_request", JSON.stringify(frame));
      }
      socket.ws.send(Buffer.from('{"id":1,"method":"status"}'), { binary: true });
      assert.equal((await socket.next((message) => message.id === null)).error.code, "invalid_request");
      assert.equal(rig.asked.length, 0);
      assert.ok((await socket.request(1, "status")).result);
    }));

  it("run side by side", () => {
    let release = () => {};
    const answer: RigOptions["answer"] = ({ params }) =>
      params.slow ? new Promise((resolve) => (release = () => resolve({}))) : {};
    return withRig({ answer }, async (rig) => {
      const socket = await rig.socket();
      socket.send({ id: 1, method: "status", params: { slow: true } });
      await socket.request(2, "status");
      release();
      await socket.next((message) => message.id === 1);
    });
  });

  it("are told when the socket closes", () => {
    const answer = () => new Promise(() => {});
    return withRig({ answer }, async (rig) => {
      const socket = await rig.socket();
      socket.send({ id: 1, method: "agent.run", params: { message: "hi" } });
      await until(() => rig.asked.length === 1, "the request");
      const { signal } = rig.asked[0]!.call;
      assert.equal(signal.aborted, false);
      socket.ws.terminate();
      await until(() => signal.aborted, "the abort");
    });
  });
});

describe("events of runs over a WebSocket", () => {
  it("come only after the reply, in order, as they are", async () => {
    const feed = createFeed("r1");
    feed.push(delta("r1", 1));
    feed.push(delta("r1", 2));
    const answer: RigOptions["answer"] = async (asked) => {
      const result = watching(feed)(asked);
      await new Promise((resolve) => setTimeout(resolve, 20)); // time in which events could overtake the reply
      return result;
    };
    await withRig({ answer }, async (rig) => {
      const socket = await rig.socket();
      await socket.request(1, "chat.run", { message: "hi" });
      feed.push(done("r1", 3));
      await socket.next(isEvent("chat.done"));
      assert.deepEqual(
        socket.messages.map((it) => it.type ?? it.id),
        ["connected", 1, "chat.delta", "chat.delta", "chat.done"],
      );
      assert.deepEqual(socket.messages.at(-1), done("r1", 3));
    });
  });

  it("come once per socket, however many watches bring them", async () => {
    const [started, replay, live] = [createFeed("r1"), createFeed("r1"), createFeed("r1")];
    await withRig({ answer: watching(live, replay, started) }, async (rig) => {
      const socket = await rig.socket();
      await socket.request(1, "chat.subscribe", { key: "session" });
      live.push(delta("r1", 5));
      live.push(delta("r1", 6));
      await socket.next((message) => message.data?.seq === 6);
      await socket.request(2, "chat.subscribe", { key: "run" });
      for (let seq = 1; seq <= 7; seq++) replay.push(delta("r1", seq));
      await socket.next((message) => message.data?.seq === 7);
      live.push(delta("r1", 7));
      live.push(done("r1", 8));
      replay.push(done("r1", 8));
      await socket.next(isEvent("chat.done"));
      await until(() => replay.taken() === 8 && live.taken() === 4, "both have told all");
      await socket.request(3, "status");
      const seqs = socket.messages.filter((it) => it.data?.runId).map((it) => it.data.seq);
      assert.deepEqual(seqs, [5, 6, 1, 2, 3, 4, 7, 8]);
    });
  });

  it("stop when the client unsubscribes, when the watch is replaced and when the socket closes", async () => {
    const [first, second] = [createFeed("r1"), createFeed("r1")];
    const answer: RigOptions["answer"] = (asked) =>
      asked.method === "chat.unsubscribe"
        ? { unsubscribed: asked.call.connection!.unwatch(String(asked.params.key)) }
        : watching(asked.params.first ? first : second)(asked);
    await withRig({ answer }, async (rig) => {
      const socket = await rig.socket();
      await socket.request(1, "chat.subscribe", { key: "k", first: true });
      await socket.request(2, "chat.subscribe", { key: "k" });
      await until(() => first.closed(), "the first is replaced");
      assert.deepEqual((await socket.request(3, "chat.unsubscribe", { key: "k" })).result, {
        unsubscribed: true,
      });
      await until(() => second.closed(), "the second is stopped");
      assert.deepEqual((await socket.request(4, "chat.unsubscribe", { key: "k" })).result, {
        unsubscribed: false,
      });
    });
    const third = createFeed("r1");
    await withRig({ answer: watching(third) }, async (rig) => {
      const socket = await rig.socket();
      await socket.request(1, "chat.subscribe");
      socket.ws.terminate();
      await until(() => third.closed(), "the third is stopped");
    });
  });

  it("let a run die with its socket only where the client asked for that and the run has not ended", async () => {
    const [kept, dies, over] = [createFeed("kept"), createFeed("dies"), createFeed("over")];
    await withRig({ answer: watching(kept, dies, over) }, async (rig) => {
      const socket = await rig.socket();
      const options = { onDisconnect: "abort" };
      await socket.request(1, "chat.run", { message: "hi" });
      await socket.request(2, "chats.run", { message: "hi", options });
      await socket.request(3, "chat.run", { message: "hi", options });
      over.push(done("over", 1));
      await socket.next(isEvent("chat.done"));
      socket.ws.close();
      await until(() => rig.asked.length === 4, "the abort");
      assert.deepEqual([rig.asked[3]?.method, rig.asked[3]?.params], ["chat.abort", { runId: "dies" }]);
    });
  });

  it("are not pulled for a reader that takes none, and all arrive when it reads again", async () => {
    const feed = createFeed("r1");
    await withRig({ answer: watching(feed) }, async (rig) => {
      const socket = await rig.socket();
      await socket.request(1, "chat.run", { message: "hi" });
      socket.ws.pause();
      const large = "x".repeat(100_000);
      for (let seq = 1; seq <= 300; seq++) feed.push(delta("r1", seq, large));
      let before = -1;
      while (before !== feed.taken()) {
        before = feed.taken();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.ok(before < 150, `${before} of 300 events, 100 kB each, were pulled`);
      feed.push(done("r1", 301));
      socket.ws.resume();
      await socket.next(isEvent("chat.done"));
      assert.equal(socket.messages.filter(isEvent("chat.delta")).length, 300);
    });
  });

  it("end with 1013 for a reader that fell too far behind", async () => {
    const feed = createFeed("r1");
    await withRig({ answer: watching(feed) }, async (rig) => {
      const socket = await rig.socket();
      await socket.request(1, "chat.run", { message: "hi" });
      feed.fail(new GatewayError("service_unavailable", "too slow"));
      assert.equal(await socket.closed, 1013);
    });
  });

  it("are dropped, with their subscription, when the socket of a stuck reader breaks", async () => {
    const feed = createFeed("r1");
    await withRig({ answer: watching(feed) }, async (rig) => {
      const socket = await rig.socket();
      await socket.request(1, "chat.run", { message: "hi" });
      socket.ws.pause();
      for (let seq = 1; seq <= 300; seq++) feed.push(delta("r1", seq, "x".repeat(100_000)));
      await until(() => feed.taken() > 20, "the reader is behind");
      socket.ws.terminate();
      await until(() => feed.closed() && rig.transport.stats().sockets === 0, "all is let go");
    });
  });
});

describe("closing WebSockets", () => {
  it("gives gateway events to sockets that may read, and to no others", () => {
    const chatter = { id: "t1", scopes: ["chat" as const], limits: {}, expiresAt: null };
    return withRig({ tokens: new Map([[hash("sha256", "oc-1"), chatter]]) }, async (rig) => {
      const other = await rig.socket("/?token=oc-1", { headers: {} });
      const reader = await rig.socket();
      rig.publish({ type: "config.changed", data: { paths: ["gateway"] } });
      assert.deepEqual((await reader.next(isEvent("config.changed"))).data, { paths: ["gateway"] });
      await other.request(1, "chat.abort", { runId: "r" });
      assert.deepEqual(
        other.messages.map((it) => it.type ?? it.id),
        ["connected", 1],
      );
    });
  });

  it("closes 1008 at once when the credential is replaced", () =>
    withRig({}, async (rig) => {
      const socket = await rig.socket();
      rig.credentials.replace({ mode: "token", token: new Secret("new") });
      assert.equal(await socket.closed, 1008);
    }));

  it("still gives the reply of the very request that replaced the credential", async () => {
    let replace = () => {};
    await withRig({ answer: () => replace() ?? { token: "new" } }, async (rig) => {
      replace = () => rig.credentials.replace({ mode: "token", token: new Secret("new") });
      const socket = await rig.socket();
      assert.deepEqual((await socket.request(1, "token.rotate", { tokenId: "t1" })).result, { token: "new" });
      assert.equal(await socket.closed, 1008);
    });
  });

  it("closes 1009 for a frame over the limit and 1007 for text that is not UTF-8, and others live on", () =>
    withRig({ limits: { bodyBytes: 1000 } }, async (rig) => {
      const [large, broken, other] = [await rig.socket(), await rig.socket(), await rig.socket()];
      large.send("x".repeat(1001));
      assert.equal(await large.closed, 1009);
      broken.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
      assert.equal(await broken.closed, 1007);
      assert.ok((await other.request(1, "status")).result);
    }));

  it("refuses new work while it drains, and closes 1012 at the end", () =>
    withRig(
      {
        routes: [
          {
            method: "GET",
            path: "/healthz",
            scopes: [],
            open: true,
            handle: (http) => http.sendJson(200, {}),
          },
        ],
      },
      async (rig) => {
        const socket = await rig.socket();
        rig.transport.drain();
        const refusal = await rig.fetch("/status");
        assert.equal(refusal.status, 503);
        assert.ok(Number(refusal.headers.get("retry-after")) >= 1);
        assert.equal((await socket.request(1, "status")).error.code, "service_unavailable");
        await assert.rejects(rig.socket(), /503/);
        assert.equal((await fetch(`${rig.url}/healthz`)).status, 200);
        const closing = rig.transport.close();
        assert.equal(await socket.closed, 1012);
        await closing;
      },
    ));

  it("lets answers under way end before it closes, and no longer than it was told to", async () => {
    let release = () => {};
    const answer = () => new Promise((resolve) => (release = () => resolve({ late: true })));
    await withRig({ answer }, async (rig) => {
      const response = rig.fetch("/status");
      await until(() => rig.asked.length === 1, "the request");
      const closing = rig.transport.close({ graceMs: 60_000 });
      release();
      assert.deepEqual(await (await response).json(), { late: true });
      await closing;
    });
    await withRig({ answer: () => new Promise(() => {}) }, async (rig) => {
      const response = rig.fetch("/status");
      await until(() => rig.asked.length === 1, "the request");
      await rig.transport.close({ graceMs: 10 });
      await assert.rejects(response);
    });
  });
});
