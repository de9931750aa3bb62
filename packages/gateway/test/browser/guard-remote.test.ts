import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "../../../client/test/support/chromium.ts";
import type { Guard } from "../../src/services/browser/engine/base/parts.ts";
import { createGuard } from "../../src/services/browser/engine/guard/guard.ts";
import { type StandIn, standIn } from "../support/stand-in.ts";
import { until } from "../support/until.ts";
import { startGuard } from "./guard-rig.ts";
import { type Door, echoSocket, insideDoors } from "./guarded-site.ts";

/** Ways of a page whose browser does not use the proxy. */
const markup = {
  img: (host) => `<img src="http://${host}/">`,
  redirected: (host) => `<img src="/to?http://${host}/">`,
  frame: (host) => `<iframe src="http://${host}/"></iframe>`,
  inFrame: (host) => `<iframe src="http://localhost:PORT/html?<img src='http://${host}/'>"></iframe>`,
  fetch: (host) => `<script>fetch("http://${host}/", {mode: "no-cors"}).catch(() => 0)</script>`,
  beacon: (host) => `<script>navigator.sendBeacon("http://${host}/", "a")</script>`,
  socket: (host) => `<script>new WebSocket("ws://${host}/")</script>`,
  worker: (host) => `<script>new Worker("/js?fetch('http://${host}/',{mode:'no-cors'})")</script>`,
  shared: (host) => `<script>new SharedWorker("/js?fetch('http://${host}/',{mode:'no-cors'})")</script>`,
  service: (host) =>
    `<script>navigator.serviceWorker.register("/js?fetch('http://${host}/',{mode:'no-cors'})")</script>`,
  popup: (host) => `<script>open("http://${host}/")</script>`,
} satisfies Record<string, (host: string) => string>;

type Way = keyof typeof markup | "document" | "chain" | "open";

let missing: string | undefined;
let chromiumProcess: ChildProcess | undefined;
let browser: Browser;
let context: BrowserContext;
/** Was open before we came. */
let opened: Page;
let guard: Guard;
let outside: StandIn;
let inside: { doors: Record<Way, Door>; close(): void };
let folder: string;

before(async () => {
  const found = await findChromium();
  if (typeof found === "string") {
    missing = found;
    return;
  }
  folder = await mkdtemp(join(tmpdir(), "openclaw-remote-"));
  const ways = Object.keys(markup) as (keyof typeof markup)[]; // it has no others
  inside = await insideDoors<Way>([...ways, "document", "chain", "open"]);
  outside = await standIn((response, { path }) => {
    const [, kind = "", rest = ""] = /^\/(\w*)\??(.*)$/s.exec(path) ?? [];
    const said = decodeURIComponent(rest);
    if (kind === "to") return void response.writeHead(302, { location: said }).end();
    response.writeHead(200, { "content-type": kind === "js" ? "text/javascript" : "text/html" });
    if (kind !== "all") return void response.end(kind === "" ? "outside" : said);
    const page = ways.map((way) => markup[way](inside.doors[way].host)).join("\n");
    response.end(page.replace("PORT", String(outside.port)));
  });
  const flags = [
    "--headless",
    "--remote-debugging-port=0",
    `--user-data-dir=${folder}`,
    "--no-first-run",
    "--disable-popup-blocking",
  ];
  const child = spawn(found.executablePath, [...found.args, ...flags, `${outside.url}/`], {
    env: { ...process.env, ...found.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  chromiumProcess = child;
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  await until(() => /DevTools listening on ws:/.test(said), "Chromium is up");
  browser = await chromium.connectOverCDP(/DevTools listening on (ws:\S+)/.exec(said)?.[1] ?? "");
  context = browser.contexts()[0]!; // a browser that is connected to has its own
  await until(
    () => context.pages().some((page) => page.url() === `${outside.url}/`),
    "the page that was open",
  );
  opened = context.pages()[0]!;
  // localhost is listed for the frame of another process.
  guard = await createGuard({ allowPrivate: ["127.0.0.1", "localhost"], allowHosts: [], denyHosts: [] });
  await guard.watchOver(context);
});

after(async () => {
  await browser?.close();
  if (chromiumProcess?.exitCode === null) {
    const ended = once(chromiumProcess, "exit");
    chromiumProcess.kill("SIGKILL");
    await ended;
  }
  await guard?.close();
  await outside?.close();
  inside?.close();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function remoteTest(name: string, run: () => Promise<void>): void {
  test(name, async (t) => {
    if (missing !== undefined) return t.skip(missing);
    await run();
    // Connections may be made ahead of a request that is refused then; nothing is said over them.
    for (const [way, door] of Object.entries(inside.doors)) assert.equal(door.asked, 0, way);
  });
}

remoteTest("a running browser's pages get inside by none of the ways that can be watched", async () => {
  const page = await context.newPage();
  await page.goto(`${outside.url}/all`);
  const ways = Object.keys(markup) as Way[]; // keys of it
  const left = () => ways.filter((way) => guard.refusal(`http://${inside.doors[way].host}/`) === undefined);
  await until(() => left().length === 0, "each was tried and refused").catch((error: Error) => {
    throw new Error(`${error.message}; not: ${left().join(" ")}`);
  });
  await page.close();
});

remoteTest(
  "a running browser opens what is outside, and nothing inside, at the end of redirects either",
  async () => {
    const page = await context.newPage();
    assert.equal((await page.goto(`${outside.url}/to?/html%3Fhello`))?.status(), 200);
    await assert.rejects(page.goto(`http://${inside.doors.document.host}/`), /ERR_BLOCKED_BY_CLIENT/);
    assert.match(
      guard.refusal(`http://${inside.doors.document.host}/`) ?? "",
      /127\.0\.0\.2 is a private address/,
    );
    await page.close();
    const other = await context.newPage();
    const chain = `${outside.url}/to?/to%3Fhttp://${inside.doors.chain.host}/`;
    await assert.rejects(other.goto(chain), /ERR_BLOCKED_BY_CLIENT/);
    await other.close();
  },
);

remoteTest("a page that was open before is watched over, too", async () => {
  const answer = await opened.evaluate(
    (url) =>
      fetch(url, { mode: "no-cors" }).then(
        () => "came",
        () => "refused",
      ),
    `http://${inside.doors.open.host}/`,
  );
  assert.equal(answer, "refused");
  assert.equal(await opened.evaluate(async () => (await fetch("/")).text()), "outside");
});

remoteTest("a WebSocket of a running browser says what is said", async () => {
  const echo = await echoSocket();
  const page = await context.newPage();
  try {
    await page.goto(outside.url);
    const heard = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => socket.send("hello");
          socket.onmessage = ({ data }) => resolve(data);
          socket.onclose = () => resolve("closed");
        }),
      echo.url,
    );
    assert.equal(heard, "hello");
  } finally {
    await page.close();
    echo.close();
  }
});

test("what is admitted has been looked up, and a look-up that fails or takes too long admits nothing", async (t) => {
  const answers: Record<string, () => Promise<{ address: string; family: number }[]>> = {
    "good.example.com": async () => [{ address: "127.0.0.1", family: 4 }],
    "bad.example.com": async () => [
      { address: "127.0.0.1", family: 4 },
      { address: "127.0.0.2", family: 4 },
    ],
    "slow.example.com": () => new Promise(() => {}),
  };
  const own = await startGuard(t, {
    connectMs: 50,
    lookup: (name) =>
      answers[name]?.() ?? Promise.reject(Object.assign(new Error("none"), { code: "ENOTFOUND" })),
  });
  const { signal } = t;
  for (const url of [
    "https://good.example.com/x",
    "wss://good.example.com/",
    "about:blank",
    "data:text/html,x",
    "blob:http://a/b",
  ]) {
    await own.admit(url, { signal });
  }
  const refused = { code: "invalid_request", param: "url" };
  await assert.rejects(own.admit("https://bad.example.com/", { signal }), refused);
  await assert.rejects(own.admit("wss://none.example.com/", { signal }), {
    ...refused,
    message: /no such host/,
  });
  await assert.rejects(own.admit("https://slow.example.com/", { signal }), { code: "timeout" });
  for (const url of [
    "file:///etc/passwd",
    "chrome://version",
    "ftp://good.example.com/",
    "http://[",
    "javascript:1",
  ]) {
    await assert.rejects(own.admit(url, { signal }), refused, url);
  }
  const left = new Error("nobody waits");
  await assert.rejects(own.admit("https://slow.example.com/", { signal: AbortSignal.abort(left) }), left);
  assert.match(own.refusal("wss://bad.example.com/") ?? "", /leads to a private address/);
});
