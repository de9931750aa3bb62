import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { stopped } from "../../src/cli/lifetime.ts";
import { gatewayEntry } from "../support/gateway.ts";

interface Running {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
  exited: Promise<number | null>;
  /** The first line of stdout; fails when the process ends without one. */
  line: Promise<string>;
}

async function home(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "openclaw-run-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** The command line as a process of its own, ended with the test. */
function start(t: TestContext, homeDir: string, args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, ["--conditions=openclaw-source", gatewayEntry, ...args], {
    env: { PATH: process.env.PATH, HOME: homeDir, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  const exited = once(child, "close").then(([code]) => code);
  t.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output.stdout += text;
      if (output.stdout.includes("\n")) resolve(output.stdout.slice(0, output.stdout.indexOf("\n")));
    });
    exited.then((code) => reject(new Error(`ended with ${code}: ${output.stderr}`)));
  });
  line.catch(() => undefined); // who does not wait for it does not mind
  return { child, output, exited, line };
}

describe("openclaw gateway run", () => {
  it("serves without any config, keeps a token, talks to the other commands and ends on SIGTERM", async (t) => {
    const dir = await home(t);
    const gateway = start(t, dir, ["gateway", "run", "--port", "0", "--json"]);
    const ready = JSON.parse(await gateway.line);
    assert.deepEqual([ready.model, ready.auth], ["builtin/demo", "token"]);
    assert.equal((await stat(join(dir, ".openclaw/gateway-token"))).mode & 0o777, 0o600);

    const env = { OPENCLAW_GATEWAY_URL: ready.url };
    const status = start(t, dir, ["status", "--json"], env);
    assert.equal(await status.exited, 0, status.output.stderr);
    assert.equal(JSON.parse(status.output.stdout).status, "ok");
    const agent = start(t, dir, ["agent", "-m", "Hello"], env);
    assert.equal(await agent.exited, 0, agent.output.stderr);
    assert.match(agent.output.stdout, /demo/i);
    assert.match(agent.output.stderr, /session \S+ · builtin\/demo/);
    const test = start(t, dir, ["models", "test", "--json"], env);
    assert.equal(await test.exited, 0, test.output.stderr);
    assert.equal(JSON.parse(test.output.stdout).model, "builtin/demo");
    const sessions = start(t, dir, ["sessions", "--json"], env);
    assert.equal(await sessions.exited, 0);
    assert.equal(JSON.parse(sessions.output.stdout).sessions.length, 1);

    gateway.child.kill("SIGTERM");
    assert.equal(await gateway.exited, 0);
  });

  it("names the owner of a busy port and the remedy", async (t) => {
    const first = start(t, await home(t), ["gateway", "--port", "0", "--json"]);
    const port = new URL(JSON.parse(await first.line).url).port;
    const second = start(t, await home(t), ["gateway", "run", "--port", port]);
    assert.equal(await second.exited, 1);
    assert.match(second.output.stderr, new RegExp(`Port ${port} is in use by process ${first.child.pid} `));
    assert.match(second.output.stderr, /--port \d+/);
  });

  it("exits 2 where the config is at fault, before anything is made", async (t) => {
    const dir = await home(t);
    const open = start(t, dir, ["gateway", "--bind", "lan", "--auth.mode", "off"]);
    assert.equal(await open.exited, 2);
    assert.match(open.output.stderr, /would open the gateway to the network/);
    const missing = start(t, dir, ["gateway", "--config", join(dir, "nowhere.json"), "--json"]);
    assert.equal(await missing.exited, 2);
    assert.equal(JSON.parse(missing.output.stdout).error.code, "invalid_config");
    await assert.rejects(stat(join(dir, ".openclaw")));
  });

  it("takes its flags over the environment", async (t) => {
    const args = [
      "gateway",
      "run",
      "-p",
      "0",
      "--auth.mode",
      "password",
      "--auth.password",
      "sesame",
      "--json",
    ];
    const gateway = start(t, await home(t), args, {
      OPENCLAW_GATEWAY_PORT: "1",
      OPENCLAW_GATEWAY_TOKEN: "t",
    });
    const { url, auth } = JSON.parse(await gateway.line);
    assert.equal(auth, "password");
    const headers = { "x-openclaw-password": "sesame" };
    assert.equal((await fetch(`${url}/v1/health`, { headers })).status, 200);
    assert.equal((await fetch(`${url}/v1/health`, { headers: { "x-openclaw-password": "t" } })).status, 401);
  });
});

describe("stopped", () => {
  it("takes the echo of a signal for the same one, and ends at once on a real second one", async () => {
    const signals = new EventEmitter();
    const exits: number[] = [];
    let time = 1000;
    let closed = () => {};
    const closing = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const ended = stopped(
      { signals, exit: (code) => exits.push(code) },
      () => closing,
      () => time,
    );
    signals.emit("SIGINT");
    signals.emit("SIGINT");
    time += 100;
    signals.emit("SIGTERM");
    assert.deepEqual(exits, []);
    time += 1000;
    signals.emit("SIGINT");
    assert.deepEqual(exits, [1]);
    closed();
    await ended;
    assert.deepEqual(signals.eventNames(), []);
  });
});
