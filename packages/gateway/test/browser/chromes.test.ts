import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { BrowserContext } from "playwright-core";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { isRunning } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { type ChromesRig, startChromesRig } from "./chromes-rig.ts";

const found = await findChromium();

describe("browsers", { skip: typeof found === "string" ? found : false }, () => {
  let rig: ChromesRig;
  before(async () => {
    rig = await startChromesRig({ maxBrowsers: 2 });
  });
  after(() => rig?.close());

  const pids = async () => (await readdir(join(rig.folder, "running"))).map((it) => Number.parseInt(it, 10));
  const notes = async () =>
    Promise.all(
      (await pids()).map(async (pid) =>
        JSON.parse(await readFile(join(rig.folder, `running/${pid}.json`), "utf8")),
      ),
    );
  const pidOf = async (profile: string): Promise<number> =>
    (await notes()).find((it) => it.profile === profile)?.pid;
  const cookiesOf = async (context: BrowserContext) =>
    (await context.cookies(rig.url)).map((it) => it.name).sort();

  it("are started once for all who ask, announced before anybody has them, and noted", async () => {
    const leases = await Promise.all(
      ["api", "session:1", "session:2"].map((owner) => rig.lease("default", owner)),
    );
    assert.equal(new Set(leases.map((it) => it.context)).size, 1);
    assert.deepEqual(rig.announced, ["default api"]);
    assert.equal((await pids()).length, 1);
    assert.equal(rig.chromes.isRunning("default"), true);
    assert.equal((await stat(join(rig.folder, "profiles/default"))).mode & 0o777, 0o700);
    const { processes, version, executable, waiting } = await rig.chromes.running();
    assert.match(version ?? "", /^\d+\./);
    assert.ok(executable);
    assert.equal(waiting, 0);
    assert.equal(processes.length, 1);
    if (process.platform === "linux") assert.ok((processes[0]?.memoryBytes ?? 0) > 50_000_000);
  });

  it("send everything through the guard, loopback included, and no UDP past it", async (t) => {
    const { context } = await rig.lease("default");
    const page = await context.newPage();
    t.after(() => page.close());
    await page.goto(`${rig.url}/through`);
    assert.ok(rig.requested.includes(`${rig.url}/through`));
    const socket = createSocket("udp4");
    t.after(() => socket.close());
    let packets = 0;
    socket.on("message", () => packets++);
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const stun = `stun:127.0.0.1:${(socket.address() as AddressInfo).port}`;
    const candidates = await page.evaluate(async (urls) => {
      const connection = new RTCPeerConnection({ iceServers: [{ urls }] });
      connection.createDataChannel("x");
      const all: string[] = [];
      const gathered = new Promise((resolve) => {
        connection.onicecandidate = ({ candidate }) =>
          candidate ? all.push(candidate.candidate) : resolve(null);
      });
      await connection.setLocalDescription();
      await gathered;
      return all.filter((it) => / udp /i.test(it));
    }, stun);
    assert.deepEqual([candidates, packets], [[], 0]);
    const states = await page.evaluate(() =>
      Promise.all(
        (["geolocation", "notifications"] as const).map(
          async (name) => (await navigator.permissions.query({ name })).state,
        ),
      ),
    );
    assert.deepEqual(states, ["denied", "denied"]);
  });

  it("that are killed say so, and the next one has the cookies of before", async () => {
    const lease = await rig.lease("default");
    const page = await lease.context.newPage();
    await page.goto(rig.url);
    await lease.context.addCookies([
      { name: "old", value: "1", url: rig.url, expires: Date.now() / 1_000 + 2 },
      { name: "__Host-safe", value: "1", url: rig.url.replace("http:", "https:"), secure: true },
    ]);
    await until(async () => {
      await rig.chromes.remember("default");
      const kept = await readFile(join(rig.folder, "profiles/default/openclaw-cookies.json"), "utf8").catch(
        () => "",
      );
      return kept.includes("__Host-safe");
    }, "the cookies were noted");
    const file = await stat(join(rig.folder, "profiles/default/openclaw-cookies.json"));
    assert.equal(file.mode & 0o777, 0o600);
    rig.ended.length = 0;
    const pid = await pidOf("default");
    process.kill(pid, "SIGKILL");
    assert.equal(await lease.gone, "The browser has crashed or was killed.");
    rig.ahead += 3_000; // by now, one cookie has expired
    const lock = join(rig.folder, "profiles/default/SingletonLock");
    await rm(lock, { force: true });
    await symlink("another-host-1", lock);
    const next = await rig.lease("default");
    assert.notEqual(next.context, lease.context);
    assert.deepEqual(rig.ended, ["default: The browser has crashed or was killed."]);
    assert.deepEqual(await cookiesOf(next.context), ["__Host-safe", "seen"]);
    assert.deepEqual(await pids(), [await pidOf("default")]);
    assert.equal(await isRunning(pid), false);
  });

  it("in incognito are one, with a context for each owner that ends with it and leaves nothing", async () => {
    const [one, two] = await Promise.all([rig.lease("incognito", "a"), rig.lease("incognito", "b")]);
    assert.notEqual(one.context, two.context);
    assert.equal((await rig.lease("incognito", "a")).context, one.context);
    const page = await one.context.newPage();
    await page.goto(`${rig.url}/incognito`);
    assert.ok(rig.requested.includes(`${rig.url}/incognito`));
    assert.deepEqual([await cookiesOf(one.context), await cookiesOf(two.context)], [["seen"], []]);
    await rig.chromes.endOwner("a");
    assert.equal(await one.gone, "Its browser context was closed.");
    assert.deepEqual(await cookiesOf((await rig.lease("incognito", "a")).context), []);
    assert.equal(await rig.chromes.stop("incognito"), 1);
    assert.equal(await two.gone, "The browser was stopped.");
    assert.deepEqual((await readdir(rig.folder)).includes("incognito"), false);
  });

  it("beyond the most wait in line, as long as their callers do", async () => {
    await rig.lease("default");
    // The lock of a killed Chromium, whose pid a process of another kind has got.
    await mkdir(join(rig.folder, "profiles/second"));
    await symlink(`${hostname()}-${process.pid}`, join(rig.folder, "profiles/second/SingletonLock"));
    await rig.lease("second");
    const aborting = new AbortController();
    await assert.rejects(rig.lease("third", "api", 50), {
      ...{ code: "rate_limited", message: /All 2 browsers are in use/ },
    });
    const failed = assert.rejects(rig.lease("fourth", "api", 60_000, aborting.signal), /nobody waits/);
    await until(async () => (await rig.chromes.running()).waiting === 1, "one waits");
    aborting.abort(new Error("nobody waits"));
    await failed;
    assert.equal((await rig.chromes.running()).waiting, 0);
    const patient = rig.lease("third");
    await until(async () => (await rig.chromes.running()).waiting === 1, "one waits");
    await rig.chromes.stop("second");
    assert.equal((await patient).profile, "third");
  });

  it("that nobody has used for a while make room for others, those in use do not", async () => {
    const done = rig.chromes.using("default");
    rig.ended.length = 0;
    rig.ahead += 31_000;
    await rig.lease("second");
    assert.deepEqual(rig.ended, ["third: The browser was stopped to make room for that of another profile."]);
    rig.ahead += 1_000;
    const waits = rig.lease("third", "api", 100);
    await assert.rejects(waits, { code: "rate_limited" });
    done();
  });

  it("are stopped when idle, not while they are used, and the last one says so", async () => {
    const done = rig.chromes.using("default");
    const idle = rig.idle;
    rig.ahead += 600_001;
    rig.chromes.touch("second");
    await until(() => rig.chromes.isRunning("second"), "it was used just now");
    rig.ahead += 600_001;
    await until(() => !rig.chromes.isRunning("second"), "the second is idle");
    assert.equal(rig.chromes.isRunning("default"), true);
    assert.equal(rig.idle, idle);
    done();
    rig.ahead += 600_001;
    await until(() => rig.idle === idle + 1, "no browser runs");
    assert.deepEqual(await pids(), []);
  });

  it("are not opened on a profile that another process has open, and the error says so", async (t) => {
    const userData = join(rig.folder, "profiles/taken");
    await mkdir(userData);
    const other = spawn(process.execPath, [
      "-e",
      "setInterval(() => {}, 1e3)",
      "--",
      `--user-data-dir=${userData}`,
    ]);
    t.after(() => other.kill("SIGKILL"));
    await once(other, "spawn");
    await symlink(`${hostname()}-${other.pid}`, join(userData, "SingletonLock"));
    await assert.rejects(rig.lease("taken"), {
      code: "conflict",
      message: /open in another browser already/,
    });
  });

  it("are not started again while what they keep is deleted", async () => {
    const { context } = await rig.lease("default");
    const page = await context.newPage();
    await page.goto(rig.url);
    assert.ok((await cookiesOf(context)).includes("seen"));
    let next: Promise<{ context: BrowserContext }> | undefined;
    await rig.chromes.whileStopped("default", async () => {
      next = rig.lease("default");
      await assert.rejects(rig.lease("default", "api", 20), { code: "timeout", message: /still ending/ });
      await rig.profiles.reset("default");
      assert.equal(await pidOf("default"), undefined);
    });
    assert.deepEqual(await cookiesOf((await next!).context), []);
  });

  it("leave nothing behind when all is closed, and are not started again", async () => {
    await rig.lease("default");
    const before = await pids();
    await rig.chromes.close();
    assert.deepEqual(await pids(), []);
    for (const pid of before) assert.equal(await isRunning(pid), false);
    await assert.rejects(rig.lease("default"), { code: "service_unavailable" });
  });
});

describe("a Chromium that does not start", () => {
  let rig: ChromesRig;
  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), "openclaw-broken-"));
    const executablePath = join(folder, "chromium");
    const words = `case "$*" in *--version*) echo 1.2.3;; *) echo "[1:2:ERROR:a.cc] No ${folder}/lib" >&2; exit 1;; esac`;
    await writeFile(executablePath, `#!/bin/sh\n${words}\n`, { mode: 0o755 });
    rig = await startChromesRig({ executablePath, noSandbox: false });
  });
  after(async () => {
    await rig.close();
    await rm(join(rig.config.executablePath ?? "", ".."), { recursive: true });
  });

  it("is an error that says what it said and what to do, without a path of ours", async () => {
    await assert.rejects(rig.lease("default"), {
      code: "service_unavailable",
      message:
        /^Chromium \(browser\.executablePath\) does not start: "No …"\. If its sandbox .* browser\.noSandbox/,
    });
    await writeFile(join(rig.folder, "profiles/broken"), "a file, where a folder should be");
    await assert.rejects(rig.lease("broken"), { code: "service_unavailable", message: /\(EEXIST\)/ });
    assert.equal(rig.idle, 2);
  });

  it("is told apart from a window that has nowhere to open", {
    skip: process.platform !== "linux",
  }, async () => {
    const windowed = await startChromesRig({ executablePath: rig.config.executablePath, headless: false });
    await assert.rejects(windowed.lease("default"), {
      code: "service_unavailable",
      param: "browser.headless",
    });
    await windowed.close();
  });
});
