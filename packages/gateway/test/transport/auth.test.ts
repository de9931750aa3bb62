import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { scopes } from "openclaw-protocol";
import { Secret } from "../../src/lib/secrets.ts";
import type { NamedToken } from "../../src/services/credentials.ts";
import { gatewayToken, type Rig, type RigOptions, startRig } from "./gateway-rig.ts";

function withRig(options: RigOptions, test: (rig: Rig) => Promise<void>): () => Promise<void> {
  return async () => {
    const rig = await startRig(options);
    try {
      await test(rig);
    } finally {
      await rig.close();
    }
  };
}

const token = (id: string, more: Partial<NamedToken> = {}): NamedToken => ({
  ...{ id, scopes: ["read"], limits: {}, expiresAt: null },
  ...more,
});
const named = (secret: string, row: NamedToken) => new Map([[hash("sha256", secret), row]]);
const statusWith = async (rig: Rig, headers: Record<string, string>, path = "/status") =>
  (await fetch(rig.url + path, { headers })).status;
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

describe("credentials over HTTP", () => {
  it(
    "accepts the gateway's token from every carrier",
    withRig({}, async (rig) => {
      const t = gatewayToken;
      assert.equal(await statusWith(rig, { authorization: `Bearer ${t}` }), 200);
      assert.equal(await statusWith(rig, { authorization: `bearer  ${t}` }), 200);
      assert.equal(await statusWith(rig, { authorization: basic(`anyone:${t}`) }), 200);
      assert.equal(await statusWith(rig, { "x-api-key": t }), 200);
      assert.equal(await statusWith(rig, { "x-openclaw-password": t }), 200);
      assert.equal(await statusWith(rig, {}, `/status?token=${t}`), 200);
      assert.equal(await statusWith(rig, {}, `/status?password=${t}`), 200);
      assert.equal(rig.asked[0]?.call.caller.id, "gateway");
      assert.deepEqual([...rig.asked[0]!.call.caller.scopes], [...scopes]);
    }),
  );

  it(
    "takes all that follows the first colon of Basic as the password",
    withRig({ secrets: { mode: "password", password: new Secret("pass:word:ü") } }, async (rig) => {
      assert.equal(await statusWith(rig, { authorization: basic("me:pass:word:ü") }), 200);
      assert.equal(await statusWith(rig, { authorization: basic("me:pass") }), 401);
    }),
  );

  it(
    "lets the first carrier that is not empty decide",
    withRig({}, async (rig) => {
      assert.equal(await statusWith(rig, { authorization: "Bearer wrong", "x-api-key": gatewayToken }), 401);
      assert.equal(await statusWith(rig, { authorization: "", "x-api-key": gatewayToken }), 200);
      assert.equal(await statusWith(rig, { authorization: "Bearer ", "x-api-key": gatewayToken }), 200);
      assert.equal(await statusWith(rig, { "x-api-key": "wrong" }, `/status?token=${gatewayToken}`), 401);
    }),
  );

  it(
    "answers 401 with both challenges to a missing and to a wrong credential, unknown paths included",
    withRig({}, async (rig) => {
      for (const path of ["/status", "/v1/nothing", "/"]) {
        for (const headers of [{}, { authorization: "Bearer wrong" }]) {
          const response = await fetch(rig.url + path, { headers });
          assert.equal(response.status, 401);
          assert.equal(
            response.headers.get("www-authenticate"),
            'Bearer realm="openclaw", Basic realm="openclaw"',
          );
          assert.match(await response.text(), /"unauthorized"/);
        }
      }
      assert.equal(rig.asked.length, 0);
    }),
  );

  it(
    "in mode password takes the password and not the token",
    withRig(
      { secrets: { mode: "password", token: new Secret("the-token"), password: new Secret("the-password") } },
      async (rig) => {
        assert.equal(await statusWith(rig, { authorization: "Bearer the-password" }), 200);
        assert.equal(await statusWith(rig, { authorization: "Bearer the-token" }), 401);
      },
    ),
  );

  it(
    "in mode off takes everyone, whatever they bring",
    withRig({ secrets: { mode: "off" } }, async (rig) => {
      assert.equal(await statusWith(rig, {}), 200);
      assert.equal(await statusWith(rig, { authorization: "Bearer nonsense" }), 200);
      assert.equal(rig.asked[0]?.call.caller.id, "local");
    }),
  );

  it(
    "accepts a named token with its own scopes, and answers 403 naming the scope that it lacks",
    withRig({ tokens: named("oc-reader", token("t1")) }, async (rig) => {
      const headers = { authorization: "Bearer oc-reader" };
      assert.equal(await statusWith(rig, headers), 200);
      assert.equal(rig.asked[0]?.call.caller.id, "token:t1");
      const response = await fetch(`${rig.url}/v1/tokens`, { headers });
      assert.equal(response.status, 403);
      const { error } = (await response.json()) as { error: { code: string; param: string } };
      assert.deepEqual([error.code, error.param], ["forbidden", "admin"]);
      const run = await fetch(`${rig.url}/v1/agent/run/stream`, { method: "POST", headers, body: "{" });
      assert.equal(run.status, 403, "the scope is checked before the body");
    }),
  );

  it("refuses a named token once it is revoked, rotated or expired", async () => {
    const tokens = named("oc-1", token("t1"));
    const rig = await startRig({ tokens });
    try {
      const headers = { authorization: "Bearer oc-1" };
      assert.equal(await statusWith(rig, headers), 200);
      const { revoked } = rig.asked[0]!.call.caller;
      tokens.delete(hash("sha256", "oc-1"));
      tokens.set(hash("sha256", "oc-2"), token("t1", { expiresAt: rig.clock.ms + 60_000 }));
      rig.credentials.revoked("t1");
      assert.equal(revoked.aborted, true);
      assert.equal(await statusWith(rig, headers), 401);
      assert.equal(await statusWith(rig, { authorization: "Bearer oc-2" }), 200);
      rig.clock.ms += 60_000;
      assert.equal(await statusWith(rig, { authorization: "Bearer oc-2" }), 401);
    } finally {
      await rig.close();
    }
  });

  it(
    "refuses the old gateway token at once when it is replaced",
    withRig({}, async (rig) => {
      assert.equal((await rig.fetch("/status")).status, 200);
      const { revoked } = rig.asked[0]!.call.caller;
      rig.credentials.replace({ mode: "token", token: new Secret(gatewayToken) });
      assert.equal(revoked.aborted, false, "the same token is no change");
      rig.credentials.replace({ mode: "token", token: new Secret("another") });
      assert.equal(revoked.aborted, true);
      assert.equal((await rig.fetch("/status")).status, 401);
      assert.equal(await statusWith(rig, { authorization: "Bearer another" }), 200);
    }),
  );

  it(
    "locks a page of the browser out after ten wrong credentials, right ones included, for five minutes",
    withRig({}, async (rig) => {
      const headers = { origin: rig.url, authorization: "Bearer wrong" };
      for (let i = 0; i < 10; i++) assert.equal(await statusWith(rig, headers), 401);
      const response = await fetch(`${rig.url}/status`, {
        headers: { ...headers, authorization: `Bearer ${gatewayToken}` },
      });
      assert.equal(response.status, 429);
      assert.equal(response.headers.get("retry-after"), "300");
      assert.equal((await rig.fetch("/status")).status, 200, "loopback without Origin is exempt");
      rig.clock.ms += 300_000;
      assert.equal(await statusWith(rig, { origin: rig.url, authorization: `Bearer ${gatewayToken}` }), 200);
    }),
  );

  it(
    "does not count a missing credential towards the lock-out, nor wrong ones spread over more than a minute",
    withRig({}, async (rig) => {
      for (let i = 0; i < 12; i++) assert.equal(await statusWith(rig, { origin: rig.url }), 401);
      for (let i = 0; i < 12; i++) {
        assert.equal(await statusWith(rig, { origin: rig.url, authorization: "Bearer wrong" }), 401);
        rig.clock.ms += 10_000;
      }
    }),
  );

  it(
    "never exempts wrong credentials without Origin from being refused",
    withRig({}, async (rig) => {
      for (let i = 0; i < 15; i++)
        assert.equal(await statusWith(rig, { authorization: "Bearer wrong" }), 401);
    }),
  );

  it(
    "logs neither credentials nor query strings",
    withRig({}, async (rig) => {
      await statusWith(rig, { authorization: "Bearer wrong-secret-1" });
      await statusWith(rig, {}, "/v1/nothing?token=wrong-secret-2");
      await statusWith(rig, { origin: rig.url }, `/v1/nothing?token=${gatewayToken}`);
      assert.doesNotMatch(rig.logged.join("\n"), /wrong-secret|gateway-token/);
    }),
  );
});
