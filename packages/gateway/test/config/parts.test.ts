import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { resolveBind } from "../../src/config/bind.ts";
import { environmentKey, providerOverrides } from "../../src/config/environment.ts";
import { gatewayToken, readGatewayToken, tokenPath } from "../../src/config/gateway-token.ts";
import { normaliseModelChoice } from "../../src/config/model-choice.ts";
import { portOwner } from "../../src/lib/port-owner.ts";

async function scratch(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "openclaw-parts-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

describe("the gateway token", () => {
  it("is made once, of 64 hex digits, readable by its owner alone", async (t) => {
    const dir = join(await scratch(t), "state");
    assert.equal(await readGatewayToken(dir), undefined);
    const made = (await gatewayToken(dir)).reveal();
    assert.match(made, /^[0-9a-f]{64}$/);
    assert.equal((await gatewayToken(dir)).reveal(), made);
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
    assert.equal((await stat(tokenPath(dir))).mode & 0o777, 0o600);
  });

  it("is one and the same for gateways that start together", async (t) => {
    const dir = await scratch(t);
    const tokens = await Promise.all(Array.from({ length: 8 }, () => gatewayToken(dir)));
    assert.equal(new Set(tokens.map((it) => it.reveal())).size, 1);
    assert.deepEqual(await readdir(dir), ["gateway-token"]);
  });

  it("replaces an empty file and closes one that stands open", async (t) => {
    const dir = await scratch(t);
    await writeFile(tokenPath(dir), "");
    await chmod(dir, 0o755);
    const made = (await gatewayToken(dir)).reveal();
    assert.match(made, /^[0-9a-f]{64}$/);
    await chmod(tokenPath(dir), 0o644);
    assert.equal((await readGatewayToken(dir))?.reveal(), made);
    assert.equal((await stat(tokenPath(dir))).mode & 0o777, 0o600);
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
  });
});

describe("resolveBind", () => {
  const entry = (address: string) => ({
    address,
    family: "IPv4" as const,
    netmask: "",
    mac: "",
    internal: false,
    cidr: null,
  });

  it("knows the documented names and addresses", () => {
    assert.equal(resolveBind("loopback"), "127.0.0.1");
    assert.equal(resolveBind("auto"), "127.0.0.1");
    assert.equal(resolveBind("lan"), "0.0.0.0");
    assert.equal(resolveBind("custom", "10.1.2.3"), "10.1.2.3");
    assert.equal(resolveBind("[::1]"), "::1");
  });

  it("takes the Tailscale address, and no other, for tailnet", () => {
    const tailnet = { eth0: [entry("100.128.0.1"), entry("10.0.0.1")], tailscale0: [entry("100.101.1.2")] };
    assert.equal(
      resolveBind("tailnet", undefined, () => tailnet),
      "100.101.1.2",
    );
    assert.throws(
      () => resolveBind("tailnet", undefined, () => ({ eth0: [entry("100.128.0.1")] })),
      /Tailscale/,
    );
  });

  it("refuses what is no address", () => {
    assert.throws(() => resolveBind("lann"), /gateway\.bind must be .*"lann"/);
    assert.throws(() => resolveBind("custom"), /customBindHost/);
    assert.throws(() => resolveBind("127.evil.com"), /IP address/);
  });
});

describe("the environment", () => {
  it("gives the first key that is set, as a secret", () => {
    const key = environmentKey({ A: "", B: "b", C: "c" }, ["A", "B", "C"]);
    assert.equal(key?.reveal(), "b");
    assert.equal(`${key}`, "***");
    assert.equal(environmentKey({}, ["A"]), undefined);
  });

  it("writes base URLs of the environment as the config writes them", () => {
    assert.deepEqual(providerOverrides({ OPENAI_BASE_URL: "http://a/v1/", ANTHROPIC_BASE_URL: "http://b" }), {
      openai: { baseUrl: "http://a/v1" },
      anthropic: { baseUrl: "http://b/v1" },
    });
    assert.deepEqual(providerOverrides({ ANTHROPIC_BASE_URL: "http://b/v1" }).anthropic, {
      baseUrl: "http://b/v1",
    });
    assert.deepEqual(providerOverrides({}), {});
  });
});

describe("normaliseModelChoice", () => {
  it("brings the three shapes to one", () => {
    assert.deepEqual(normaliseModelChoice("p/m"), { primary: "p/m", fallbacks: [] });
    assert.deepEqual(normaliseModelChoice({ primary: "p/m", fallbacks: ["q/n"] }), {
      primary: "p/m",
      fallbacks: ["q/n"],
    });
    assert.deepEqual(normaliseModelChoice({ provider: "p", id: "m/x" }), { primary: "p/m/x", fallbacks: [] });
    assert.equal(normaliseModelChoice(undefined), undefined);
  });
});

describe("portOwner", () => {
  it("finds the process that listens, and nobody on a free port", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    try {
      await new Promise((resolve) => server.once("listening", resolve));
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      assert.equal((await portOwner(address.port))?.pid, process.pid);
      await new Promise((resolve) => server.close(resolve));
      assert.equal(await portOwner(address.port), undefined);
    } finally {
      server.close();
    }
  });
});
