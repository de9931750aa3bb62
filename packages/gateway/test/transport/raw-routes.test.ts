import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HttpCall, RawRoute } from "../../src/api/http-call.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import { gatewayToken, type Rig, startRig, until } from "./gateway-rig.ts";
import { head, rawConnection } from "./raw-http.ts";

async function withRoute(route: Partial<RawRoute>, test: (rig: Rig) => Promise<void>): Promise<void> {
  const whole: RawRoute = {
    method: "POST",
    path: "/v1/raw/{name}",
    scopes: ["chat"],
    handle: () => {},
    ...route,
  };
  const rig = await startRig({ routes: [whole], limits: { perMinute: 0 } });
  try {
    await test(rig);
  } finally {
    await rig.close();
  }
}

const post = (rig: Rig, body = "{}", init: RequestInit = {}) =>
  rig.fetch("/v1/raw/x", { method: "POST", body, ...init });

describe("routes that exist over HTTP alone", () => {
  it("get caller, path, query, headers and the parsed body, which may be any JSON", () =>
    withRoute(
      {
        async handle(http) {
          const { call, params, query, headers } = http;
          const body = await http.json();
          http.sendJson(
            201,
            { id: call.caller.id, params, q: query.get("q"), x: headers["x-own"], body },
            { "X-Own": "1" },
          );
        },
      },
      async (rig) => {
        const response = await rig.fetch("/v1/raw/a%2Fb?q=1", {
          method: "POST",
          body: "[1]",
          headers: { "x-own": "2" },
        });
        assert.equal(response.status, 201);
        assert.equal(response.headers.get("x-own"), "1");
        assert.deepEqual(await response.json(), {
          id: "gateway",
          params: { name: "a/b" },
          q: "1",
          x: "2",
          body: [1],
        });
      },
    ));

  it("answer every error in their own envelope, those of the checks included", () =>
    withRoute(
      {
        errorBody: (detail, status) => ({ type: "error", status, code: detail.code }),
        handle: (http) => http.sendError(new GatewayError("upstream_error", "The provider failed.")),
      },
      async (rig) => {
        const failed = await post(rig);
        assert.deepEqual(await failed.json(), { type: "error", status: 502, code: "upstream_error" });
        const refused = await fetch(`${rig.url}/v1/raw/x`, { method: "POST" });
        assert.deepEqual(await refused.json(), { type: "error", status: 401, code: "unauthorized" });
      },
    ));

  it("turn what they throw, at once or later, into an error answer", async () => {
    const thrown = () => {
      throw new GatewayError("budget_exceeded", "The budget is used up.");
    };
    for (const handle of [thrown, async () => thrown()]) {
      await withRoute({ handle }, async (rig) => assert.equal((await post(rig)).status, 402));
    }
  });

  it("send text and bytes with the type that they name", () =>
    withRoute(
      {
        async handle(http) {
          const { kind } = (await http.json()) as { kind: string };
          if (kind === "text") http.sendText(200, "grüße", { "content-type": "text/html; charset=utf-8" });
          else
            http.sendBytes(200, new Uint8Array([1, 2, 3]), {
              "Content-Type": "image/png",
              "Cache-Control": "max-age=9",
            });
        },
      },
      async (rig) => {
        const text = await post(rig, '{"kind":"text"}');
        assert.equal(text.headers.get("content-type"), "text/html; charset=utf-8");
        assert.equal(await text.text(), "grüße");
        const bytes = await post(rig, '{"kind":"bytes"}');
        assert.equal(bytes.headers.get("cache-control"), "max-age=9");
        assert.deepEqual(new Uint8Array(await bytes.arrayBuffer()), new Uint8Array([1, 2, 3]));
      },
    ));

  it("cut a stream off that fails in its middle, so that nobody takes it for whole", () =>
    withRoute(
      {
        handle(http) {
          http.openStream({ contentType: "text/event-stream" }).write("data: 1\n\n");
          throw new Error("broken");
        },
      },
      async (rig) => {
        await assert.rejects(async () => (await post(rig)).text());
      },
    ));

  it("learn that the client went away, also when they ask only afterwards", async () => {
    let late: HttpCall | undefined;
    const handle = (http: HttpCall) => {
      late = http;
    };
    await withRoute({ handle }, async (rig) => {
      const leaving = new AbortController();
      const left = post(rig, "{}", { signal: leaving.signal });
      await until(() => late !== undefined, "the request");
      leaving.abort();
      await assert.rejects(left);
      await until(() => rig.transport.stats().inFlight === 0, "the place is free");
      assert.equal(late?.call.signal.aborted, true);
      late?.sendJson(200, {});
    });
  });

  it("are not told so when the answer ended in the usual way", async () => {
    let signal: AbortSignal | undefined;
    const handle = (http: HttpCall) => {
      signal = http.call.signal;
      http.sendJson(200, {});
    };
    await withRoute({ handle }, async (rig) => {
      await (await post(rig)).text();
      await until(() => rig.requests.length === 1, "the end");
      assert.equal(signal?.aborted, false);
    });
  });

  it("wait for a slow reader, who then gets everything", async () => {
    let written = 0;
    const piece = "x".repeat(64 * 1024);
    const handle = async (http: HttpCall) => {
      const stream = http.openStream({ contentType: "text/plain" });
      for (; written < 500; written++) {
        if (!stream.write(piece)) await stream.drained({ signal: http.call.signal });
      }
      stream.end("the end");
    };
    await withRoute({ handle }, async (rig) => {
      const connection = await rawConnection(rig.port);
      connection.pause();
      connection.write(
        head("POST /v1/raw/x", { Host: "localhost", Authorization: `Bearer ${gatewayToken}` }),
      );
      let before = -1;
      await until(() => written > 10, "the stream has begun");
      while (before !== written) {
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.ok(written < 250, `${written} of 500 pieces were written to a reader that takes none`);
      let size = 0;
      for await (const chunk of connection) size += (chunk as Buffer).length;
      assert.ok(size > 500 * piece.length);
    });
  });

  it("stop waiting for a reader that goes away", async () => {
    let outcome: unknown;
    const handle = async (http: HttpCall) => {
      const stream = http.openStream({ contentType: "text/plain" });
      stream.write("x".repeat(40_000_000));
      await stream.drained({ signal: http.call.signal }).catch((reason: unknown) => (outcome = reason));
      stream.write("to nobody");
      stream.end();
    };
    await withRoute({ handle }, async (rig) => {
      const connection = await rawConnection(rig.port);
      connection.pause();
      connection.write(
        head("POST /v1/raw/x", { Host: "localhost", Authorization: `Bearer ${gatewayToken}` }),
      );
      await until(() => rig.transport.stats().inFlight === 1, "the stream");
      connection.destroy();
      await until(() => outcome !== undefined, "the wait ended");
      assert.ok(outcome instanceof GatewayError && outcome.code === "aborted");
    });
  });
});
