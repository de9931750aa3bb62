import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { harness, refusal } from "./harness.ts";

const statusBody = {
  status: "ok",
  version: "2026.1.2",
  uptime: 3700,
  gateway: { port: 18_789, bind: "127.0.0.1", auth: "token" },
  channels: { telegram: "not_configured" },
  model: "builtin/demo",
  runs: { active: 1, queued: 2 },
  storage: { engine: "sqlite", ok: true, sizeBytes: 2048 },
};

describe("the command line", () => {
  it("tells its version and its commands without a gateway", async (t) => {
    const { run } = await harness(t);
    assert.deepEqual(await run(["--version"]), { code: 0, stdout: "2026.1.2\n", stderr: "" });
    const help = await run(["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /gateway\|g/);
  });

  it("explains a command line that it does not understand, and exits 1", async (t) => {
    const { run } = await harness(t);
    const unknown = await run(["statsu"]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /unknown command 'statsu' \(Did you mean status\?\)\. See --help\./);
    assert.match((await run(["agent"])).stderr, /--message/);
    const document = JSON.parse((await run(["--json", "sessions", "show"])).stdout);
    assert.deepEqual([document.ok, document.error.code], [false, "usage"]);
  });

  it("shows the status as text, and as one JSON document with --json", async (t) => {
    const { run, gateway } = await harness(t);
    const env = {
      OPENCLAW_GATEWAY_URL: await gateway({ "GET /status": statusBody }),
      OPENCLAW_GATEWAY_TOKEN: "t",
    };
    const text = await run(["status"], { env });
    assert.equal(text.code, 0);
    assert.match(text.stdout, /up 1 h 1 min[\s\S]*builtin\/demo[\s\S]*1 active, 2 queued[\s\S]*2\.0 kB/);
    assert.deepEqual(JSON.parse((await run(["status", "--json"], { env })).stdout), statusBody);
  });

  it("finds address and token in the config and the state directory, as the gateway does", async (t) => {
    const { run, gateway, requests, home } = await harness(t);
    const url = await gateway({ "GET /v1/health": { status: "ok", version: "1" } });
    await mkdir(join(home, ".openclaw"));
    await writeFile(join(home, ".openclaw/openclaw.json"), `{ gateway: { port: ${new URL(url).port} } }`);
    await writeFile(join(home, ".openclaw/gateway-token"), "from-the-state-directory\n");
    assert.deepEqual(await run(["health"]), { code: 0, stdout: "ok\n", stderr: "" });
    await run(["health"], { env: { OPENCLAW_GATEWAY_TOKEN: "from-the-environment" } });
    await run(["health", "--token", "from-the-flag"], {
      env: { OPENCLAW_GATEWAY_TOKEN: "from-the-environment" },
    });
    await run(["health", "--url", url.replace("http", "ws")]);
    await run(["health"], { env: { OPENCLAW_GATEWAY_PASSWORD: "sesame" } });
    assert.deepEqual(
      requests.map(({ headers }) => headers.authorization ?? headers["x-openclaw-password"]),
      [
        "Bearer from-the-state-directory",
        "Bearer from-the-environment",
        "Bearer from-the-flag",
        "Bearer from-the-state-directory",
        "sesame",
      ],
    );
    assert.equal((await run(["token"])).stdout, "from-the-state-directory\n");
  });

  it("exits 2 on a broken config, 3 without a gateway, 4 where it is refused, 5 on a timeout", async (t) => {
    const { run, gateway, home } = await harness(t);
    const broken = join(home, "broken.json");
    await writeFile(broken, "{ gateway: { port: 'x' } }");
    const config = await run(["status", "--config", broken]);
    assert.equal(config.code, 2);
    assert.match(config.stderr, /gateway\.port must be a number/);

    const none = await run(["status", "--url", "http://127.0.0.1:1", "--token", "t"]);
    assert.equal(none.code, 3);
    assert.match(none.stderr, /Gateway is not running[\s\S]*openclaw gateway run/);

    const url = await gateway({
      "GET /status": refusal(401, "unauthorized", "Wrong token."),
      "GET /v1/channels": refusal(403, "forbidden", "Not yours."),
      "GET /v1/health": refusal(504, "timeout", "Too slow."),
      "GET /v1/sessions": refusal(500, "internal_error", "Broken."),
    });
    const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
    assert.deepEqual(await run(["status"], { env }), {
      code: 4,
      stdout: "",
      stderr: "Error: Wrong token.\n",
    });
    assert.equal((await run(["channels"], { env })).code, 4);
    assert.equal((await run(["health"], { env })).code, 5);
    assert.equal((await run(["sessions", "list"], { env })).code, 1);
    const json = await run(["status", "--json"], { env });
    assert.deepEqual(JSON.parse(json.stdout), {
      ok: false,
      error: { code: "unauthorized", message: "Wrong token.", requestId: "req-1" },
    });
    assert.equal(json.code, 4);
  });

  it("lists, switches and deletes by the documented requests", async (t) => {
    const { run, gateway, requests } = await harness(t);
    const channel = { id: "telegram", name: "Telegram", enabled: true, status: "connected", lastError: null };
    const url = await gateway({
      "GET /v1/sessions?limit=2&search=a+b": { sessions: [] },
      "DELETE /v1/sessions/a%2Fb": { deleted: true, sessionKey: "a/b" },
      "POST /v1/channels/telegram/enable": channel,
      "POST /v1/tokens": { token: "secret", tokenId: "tok-1", name: "ci" },
      "DELETE /v1/tokens/tok-1": { revoked: true, tokenId: "tok-1" },
    });
    const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
    assert.match(
      (await run(["sessions", "--limit", "2", "--search", "a b"], { env })).stdout,
      /No sessions yet/,
    );
    assert.equal((await run(["sessions", "delete", "a/b"], { env })).stdout, "Deleted a/b.\n");
    assert.match(
      (await run(["channels", "enable", "telegram"], { env })).stdout,
      /Telegram is on: connected/,
    );
    const made = await run(["tokens", "create", "ci", "--scopes", "read,chat", "--expires", "2030-01-01"], {
      env,
    });
    assert.match(made.stdout, /^secret\n/);
    assert.deepEqual(JSON.parse(requests.at(-1)?.body ?? ""), {
      name: "ci",
      scopes: ["read", "chat"],
      expiresAt: "2030-01-01T00:00:00.000Z",
    });
    assert.equal((await run(["tokens", "revoke", "tok-1"], { env })).stdout, "Revoked tok-1.\n");
    assert.match(
      (await run(["tokens", "create", "x", "--scopes", "root"], { env })).stderr,
      /"root" is no scope/,
    );
    assert.match((await run(["sessions", "--limit", "many"], { env })).stderr, /--limit must be a number/);
  });
});
