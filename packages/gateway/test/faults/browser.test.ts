import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { descendantsOf, isRunning } from "../support/processes.ts";
import { type StandIn, standIn } from "../support/stand-in.ts";
import { until } from "../support/until.ts";

/** Chromium killed, the gateway killed: nothing hangs, nothing is left. */

const chromium = await findChromium();
const skip = typeof chromium === "string" ? chromium : undefined;

let site: StandIn;
let gateway: TestGateway;

before(async () => {
  site = await standIn((response) => {
    response.writeHead(200, { "content-type": "text/html", "set-cookie": "who=ann" });
    response.end("<title>Here</title><p>Nothing comes.</p>");
  });
  gateway = await startGateway({ config: { browser: { allowPrivate: ["127.0.0.1"] } } });
});

after(async () => {
  await gateway.close();
  await site.close();
});

const open = () => gateway.api("POST", "/v1/browser/navigate", { url: site.url });
const chromiums = async () =>
  (await descendantsOf(gateway.pid)).filter((it) => /chrom|headless/i.test(it.command)).map((it) => it.pid);
const noneRuns = async (pids: readonly number[]) =>
  (await Promise.all(pids.map(isRunning))).every((it) => !it);

describe("browser", { skip }, () => {
  test("a gateway that nobody asks for a page starts none", async () => {
    const { body } = await gateway.api("GET", "/v1/browser/status");
    assert.equal(body.running, false);
    assert.ok(body.profiles.includes("default"));
    assert.deepEqual(await descendantsOf(gateway.pid), []);
  });

  test("kill -9 of Chromium in the middle of an action is one clear error, and the next action works", async () => {
    assert.equal((await open()).status, 200);
    const noted = join(gateway.stateDir, "browser/profiles/default/openclaw-cookies.json");
    await until(
      async () => (await readFile(noted, "utf8").catch(() => "")).includes("ann"),
      "its cookies are noted",
    );
    const waiting = gateway.api("POST", "/v1/browser/act", {
      action: { kind: "wait", text: "never" },
      timeoutMs: 20_000,
    });
    const pids = await chromiums();
    assert.ok(pids.length > 0);
    process.kill(pids[0]!, "SIGKILL");
    const { status, body, text } = await waiting;
    assert.ok(status >= 500, text);
    assert.match(body.error.message, /browser/i);
    const cookies = site.hits.length;
    const again = await open();
    assert.equal(again.status, 200, again.text);
    assert.equal(site.hits[cookies]?.headers.cookie, "who=ann", "it has lost its cookies");
  });

  test("a gateway that is stopped leaves no Chromium behind", async () => {
    assert.equal((await open()).status, 200);
    const pids = await chromiums();
    assert.ok(pids.length > 1);
    assert.deepEqual(await gateway.kill("SIGTERM"), { code: 0, signal: null });
    assert.ok(await noneRuns(pids));
    await gateway.restart();
  });

  test("neither does one that is killed, after its next start, be Chromium stuck or not", async () => {
    assert.equal((await open()).status, 200);
    const pids = await chromiums();
    assert.ok(pids.length > 1);
    process.kill(pids[0]!, "SIGSTOP"); // it cannot see that its gateway is gone
    await gateway.kill("SIGKILL");
    await gateway.restart();
    await until(() => noneRuns(pids), "every Chromium of the killed gateway has ended");
    assert.equal((await open()).status, 200);
  });
});
