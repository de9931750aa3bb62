import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gatewayToken, type Rig, startRig } from "./gateway-rig.ts";
import { head, rawHttp, statusOf } from "./raw-http.ts";

const authorization = `Bearer ${gatewayToken}`;

async function withRig(test: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await startRig({
    origins: {
      allowedHosts: ["gw.example", "10.1.2.3"],
      allowedOrigins: ["https://console.example", "http://dev:5173/"],
    },
    limits: { perMinute: 0 },
    routes: [
      { method: "GET", path: "/healthz", scopes: [], open: true, handle: (http) => http.sendJson(200, {}) },
    ],
  });
  try {
    await test(rig);
  } finally {
    await rig.close();
  }
}

const statusFor = async (rig: Rig, host: string, path = "/status") =>
  statusOf(await rawHttp(rig.port, head(`GET ${path}`, { Host: host, Authorization: authorization })));

describe("the Host check", () => {
  it("answers for loopback names, the own name, allowed hosts and the hosts of allowed origins", () =>
    withRig(async (rig) => {
      const hosts = [
        "localhost",
        "LOCALHOST.",
        `127.0.0.1:${rig.port}`,
        "127.9.8.7",
        "[::1]:18789",
        "[0:0:0:0:0:0:0:1]",
      ];
      for (const host of [
        ...hosts,
        "test-machine",
        "gw.example:443",
        "10.1.2.3",
        "console.example",
        "dev:5173",
      ]) {
        assert.equal(await statusFor(rig, host), 200, host);
      }
    }));

  it("refuses what only looks like one of them", () =>
    withRig(async (rig) => {
      const hosts = [
        "127.evil.com",
        "127.0.0.1.evil.com",
        "localhost.evil.com",
        "evil.com",
        "[::2]",
        "2130706433",
        "",
      ];
      for (const host of [
        ...hosts,
        "127.1",
        "0x7f.0.0.1",
        "localhost:1:2",
        "localhost/x",
        "user@localhost",
        "[::1",
      ]) {
        const status = await statusFor(rig, host);
        assert.equal(status, 403, host);
      }
      assert.equal(rig.asked.length, 0);
    }));

  it("refuses a request without Host, HTTP/1.0 too, and checks open routes as well", () =>
    withRig(async (rig) => {
      assert.equal(
        statusOf(await rawHttp(rig.port, head("GET /status", { Authorization: authorization }))),
        403,
      );
      assert.equal(statusOf(await rawHttp(rig.port, "GET /status HTTP/1.0\r\n\r\n")), 403);
      assert.equal(await statusFor(rig, "evil.com", "/healthz"), 403);
      assert.equal(await statusFor(rig, "localhost", "/healthz"), 200);
    }));

  it("goes by the Host header where the request line names another host", () =>
    withRig(async (rig) => {
      assert.equal(await statusFor(rig, "localhost", "http://evil.com/status"), 200);
      assert.equal(await statusFor(rig, "evil.com", "http://localhost/status"), 403);
    }));
});

describe("the Origin check", () => {
  const from = (rig: Rig, origin: string, init: RequestInit = {}) =>
    rig.fetch("/status", { ...init, headers: { origin, ...init.headers } });

  it("lets the own origin through, without CORS headers", () =>
    withRig(async (rig) => {
      const response = await from(rig, rig.url);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("access-control-allow-origin"), null);
    }));

  it("lets listed origins through and tells the browser so, errors included", () =>
    withRig(async (rig) => {
      for (const origin of ["https://console.example", "http://dev:5173"]) {
        const response = await from(rig, origin);
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("access-control-allow-origin"), origin);
        assert.equal(response.headers.get("vary"), "Origin");
        const refused = await fetch(`${rig.url}/status`, { headers: { origin } });
        assert.equal(refused.status, 401);
        assert.equal(refused.headers.get("access-control-allow-origin"), origin);
      }
    }));

  it("refuses all others, null and another port of this machine included", () =>
    withRig(async (rig) => {
      for (const origin of [
        "https://evil.com",
        "null",
        "http://127.0.0.1:1",
        "https://console.example.evil.com",
        "file://",
      ]) {
        const response = await from(rig, origin);
        assert.equal(response.status, 403, origin);
        assert.equal(response.headers.get("access-control-allow-origin"), null);
      }
      assert.equal(rig.asked.length, 0);
    }));

  it("answers a preflight of a listed origin without a credential, and none of others", () =>
    withRig(async (rig) => {
      const preflight = (origin: string) =>
        fetch(`${rig.url}/v1/runs`, {
          method: "OPTIONS",
          headers: {
            origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
          },
        });
      const listed = await preflight("https://console.example");
      assert.equal(listed.status, 204);
      assert.match(listed.headers.get("access-control-allow-methods")!, /POST/);
      assert.equal(listed.headers.get("access-control-allow-headers"), "authorization,content-type");
      assert.equal((await preflight("https://evil.com")).status, 403);
      assert.equal((await preflight(rig.url)).status, 401);
    }));

  it("refuses a WebSocket of a foreign page", () =>
    withRig(async (rig) => {
      const headers = { authorization, origin: "https://evil.com" };
      await assert.rejects(rig.socket("/", { headers }), /403/);
    }));
});
