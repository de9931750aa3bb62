import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { isRunning } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { type ChromesRig, startChromesRig } from "./chromes-rig.ts";

const found = await findChromium();

describe("a browser that runs already", { skip: typeof found === "string" ? found : false }, () => {
  let folder: string;
  let browser: ChildProcess;
  let rig: ChromesRig;

  before(async () => {
    if (typeof found === "string") return;
    folder = await mkdtemp(join(tmpdir(), "openclaw-remote-"));
    const args = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${folder}`, "--no-first-run"];
    browser = spawn(found.executablePath, [...found.args, ...args, "about:blank"], {
      env: { ...process.env, ...found.env },
      stdio: "ignore",
    });
    let port = "";
    await until(async () => {
      port =
        (await readFile(join(folder, "DevToolsActivePort"), "utf8").catch(() => "")).split("\n")[0] ?? "";
      return port !== "";
    }, "it listens");
    rig = await startChromesRig({
      maxBrowsers: 1,
      profiles: {
        far: { cdpUrl: `http://127.0.0.1:${port}` },
        // Port 9 is one that nothing listens on.
        gone: { cdpUrl: "http://user:word@127.0.0.1:9/?token=s3cret" },
      },
    });
  });
  after(async () => {
    await rig?.close();
    if (browser && browser.exitCode === null && browser.signalCode === null) {
      const ended = once(browser, "exit");
      browser.kill("SIGKILL");
      await ended;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it("is used with its own context, every request asked about first, and left running", async () => {
    const lease = await rig.lease("far");
    assert.deepEqual(rig.announced, ["far api"]);
    assert.equal(rig.chromes.isRunning("far"), true);
    const page = await lease.context.newPage();
    await page.goto(`${rig.url}/far`);
    assert.deepEqual(rig.requested.includes(`${rig.url}/far`), true);
    await rig.chromes.remember("far");
    const { processes, version } = await rig.chromes.running();
    assert.deepEqual([processes.length, processes[0]?.memoryBytes], [1, null]);
    assert.match(version ?? "", /^\d+\./);
    assert.equal(await rig.chromes.stop("far"), 1);
    assert.equal(await lease.gone, "The browser was stopped.");
    assert.equal(await isRunning(browser.pid!), true);
    const again = await rig.lease("far");
    assert.ok(again.context.pages().some((it) => it.url() === `${rig.url}/far`));
  });

  it("that cannot be reached is an error naming the profile and what to do, without credentials", async () => {
    await assert.rejects(rig.lease("gone"), (error: Error & { code?: string }) => {
      assert.equal(error.code, "service_unavailable");
      assert.match(error.message, /profile "gone" at http:\/\/127\.0\.0\.1:9 .*cdpUrl/);
      assert.doesNotMatch(`${error.message} ${(error.cause as Error | undefined)?.message}`, /word|s3cret/);
      return true;
    });
  });

  it("that accepts connections and says nothing is given up in time", async (t) => {
    const silent = createServer(() => {});
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const cdpUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const impatient = await startChromesRig({ remoteCdpTimeoutMs: 100, profiles: { mute: { cdpUrl } } });
    t.after(async () => {
      silent.closeAllConnections();
      silent.close();
      await impatient.close();
    });
    await assert.rejects(impatient.lease("mute"), {
      code: "service_unavailable",
      message: /did not tell its DevTools address within 100 ms/,
    });
  });

  it("that ends is gone", async () => {
    const lease = await rig.lease("far");
    browser.kill("SIGKILL");
    assert.equal(await lease.gone, "The connection to the browser was lost.");
    await until(() => !rig.chromes.isRunning("far"), "it is not running");
  });
});
