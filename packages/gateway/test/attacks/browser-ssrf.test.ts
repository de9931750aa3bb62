import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { findChromium } from "../../../client/test/support/chromium.ts";
import type { Guard } from "../../src/services/browser/engine/base/parts.ts";
import { launch } from "../../src/services/browser/engine/chromium/launch.ts";
import { createGuard } from "../../src/services/browser/engine/guard/guard.ts";
import { answering, ask, startGuard, tunnel } from "../browser/guard-rig.ts";
import { type Door, echoSocket, insideDoors } from "../browser/guarded-site.ts";
import { type StandIn, standIn } from "../support/stand-in.ts";
import { until } from "../support/until.ts";

// 127.0.0.1 stands for what may be opened, 127.0.0.2 for what is inside: nothing leaves this machine.

/** Every way of a page to make a request; what it does with a host that is inside. */
const markup = {
  img: (host) => `<img src="http://${host}/">`,
  script: (host) => `<script src="http://${host}/"></script>`,
  style: (host) => `<link rel="stylesheet" href="http://${host}/">`,
  imported: (host) => `<style>@import "http://${host}/";</style>`,
  background: (host) => `<div style="width:9px;height:9px;background:url(http://${host}/)"></div>`,
  font: (host) =>
    `<style>@font-face{font-family:f;src:url(http://${host}/)}</style><p style="font-family:f">x`,
  video: (host) => `<video src="http://${host}/" preload="auto"></video>`,
  object: (host) => `<object data="http://${host}/"></object>`,
  icon: (host) => `<link rel="preload" as="image" href="http://${host}/">`,
  frame: (host) => `<iframe src="http://${host}/"></iframe>`,
  secure: (host) => `<img src="https://${host}/">`,
  spelled: (host) => `<img src="http://${host.replace("127.0.0.2", "0x7f.2")}/">`,
  redirected: (host) => `<img src="/to?http://${host}/">`,
  twice: (host) => `<img src="/to?/to%3Fhttp://${host}/">`,
  refreshed: (host) =>
    `<iframe src="/html?<meta http-equiv=refresh content='0;url=http://${host}/'>"></iframe>`,
  located: (host) => `<iframe src="/html?<script>location='http://${host}/'</script>"></iframe>`,
  dataFrame: (host) => `<iframe src="data:text/html,<img src=http://${host}/>"></iframe>`,
  posted: (host) =>
    `<iframe name="posted"></iframe><form id="posting" method="post" target="posted" action="http://${host}/"><input name="a" value="b"></form><script>posting.submit()</script>`,
  prefetch: (host) => `<link rel="prefetch" href="http://${host}/">`,
  fetch: (host) => `<script>fetch("http://${host}/", {mode: "no-cors"}).catch(() => 0)</script>`,
  fetchRedirected: (host) => `<script>fetch("/to?http://${host}/").catch(() => 0)</script>`,
  xhr: (host) =>
    `<script>var x = new XMLHttpRequest(); x.open("POST", "http://${host}/"); x.send("a")</script>`,
  beacon: (host) => `<script>navigator.sendBeacon("http://${host}/", "a")</script>`,
  events: (host) => `<script>new EventSource("http://${host}/")</script>`,
  socket: (host) => `<script>new WebSocket("ws://${host}/")</script>`,
  secureSocket: (host) => `<script>new WebSocket("wss://${host}/")</script>`,
  worker: (host) => `<script>new Worker("/js?fetch('http://${host}/',{mode:'no-cors'})")</script>`,
  workerSocket: (host) => `<script>new Worker("/js?new WebSocket('ws://${host}/')")</script>`,
  imports: (host) => `<script>new Worker("/js?importScripts('http://${host}/')")</script>`,
  shared: (host) => `<script>new SharedWorker("/js?fetch('http://${host}/',{mode:'no-cors'})")</script>`,
  service: (host) =>
    `<script>navigator.serviceWorker.register("/js?fetch('http://${host}/',{mode:'no-cors'})")</script>`,
  // Chromium opens no window that nobody has clicked for.
  popup: (host) => `<button id="popup" onclick="window.open('http://${host}/')">Open</button>`,
} satisfies Record<string, (host: string) => string>;

type Way = keyof typeof markup | "document" | "chain" | "twin" | "turn" | "transport";

let found: Exclude<Awaited<ReturnType<typeof findChromium>>, string> | string;
let guard: Guard;
let context: BrowserContext;
let outside: StandIn;
let inside: { doors: Record<Way, Door>; close(): void };
let folder: string;
const addresses = new Map<string, string[][]>();
const asked: string[] = [];

before(async () => {
  found = await findChromium();
  if (typeof found === "string") return;
  folder = await mkdtemp(join(tmpdir(), "openclaw-guard-"));
  const ways = Object.keys(markup) as (keyof typeof markup)[]; // it has no others
  inside = await insideDoors<Way>([...ways, "document", "chain", "turn", "transport", "twin"]);
  outside = await standIn((response, { path }) => {
    const [, kind = "", rest = ""] = /^\/(\w*)\??(.*)$/s.exec(path) ?? [];
    const said = decodeURIComponent(rest);
    if (kind === "to") return void response.writeHead(302, { location: said }).end();
    const type = kind === "js" ? "text/javascript" : "text/html";
    response.writeHead(200, { "content-type": `${type}; charset=utf-8`, "service-worker-allowed": "/" });
    if (kind !== "all") return void response.end(kind === "" ? "outside" : said);
    response.end(ways.map((way) => markup[way](inside.doors[way].host)).join("\n"));
  });
  guard = await createGuard({
    ...{ allowPrivate: ["127.0.0.1"], allowHosts: [], denyHosts: ["denied.example.com"] },
    async lookup(name) {
      asked.push(name);
      const answers = addresses.get(name) ?? [["127.0.0.1"]];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return (answer ?? []).map((address) => ({ address, family: 4 }));
    },
  });
  // As the product starts it, and with a log of what it does on the network.
  context = await launch(join(folder, "profile"), {
    config: { headless: true, folder, env: process.env as Record<string, string> }, // all that are there are set
    found: {
      ...found,
      origin: "the tests",
      args: [...found.args, `--log-net-log=${join(folder, "net.json")}`],
    },
    guard,
  });
});

after(async () => {
  await context?.close();
  await guard?.close();
  await outside?.close();
  inside?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A test with a page of its own, left out where there is no Chromium. */
function pageTest(name: string, run: (page: Page) => Promise<void>): void {
  test(name, async (t) => {
    if (typeof found === "string") return t.skip(found);
    const page = await context.newPage();
    try {
      await run(page);
      for (const [way, door] of Object.entries(inside.doors)) assert.equal(door.hits, 0, way);
    } finally {
      await page.close();
    }
  });
}

function wasRefused(door: Door): boolean {
  return guard.refusal(`http://${door.host}/`) !== undefined;
}

pageTest("nothing that a page can ask for gets inside, by whatever way", async (page) => {
  await page.goto(`${outside.url}/all`);
  await page.click("#popup");
  const left = () => Object.keys(markup).filter((way) => !wasRefused(inside.doors[way as Way])); // keys of both
  await until(() => left().length === 0, "each was tried and refused").catch((error: Error) => {
    throw new Error(`${error.message}; not: ${left().join(" ")}`);
  });
});

pageTest(
  "a document is refused, first or at the end of redirects, with a page that is known as the guard's",
  async (page) => {
    for (const [door, url] of [
      [inside.doors.document, `http://${inside.doors.document.host}/`],
      [inside.doors.chain, `${outside.url}/to?/to%3F/to%253Fhttp://${inside.doors.chain.host}/`],
    ] as const) {
      const response = await page.goto(url);
      assert.deepEqual([response?.status(), guard.isRefusal(response?.headers() ?? {})], [403, true]);
      assert.ok(wasRefused(door));
      assert.match(await page.innerText("body"), /127\.0\.0\.2 is a private address/);
    }
    await assert.rejects(page.goto("https://denied.example.com/"), /ERR_TUNNEL_CONNECTION_FAILED/);
    assert.match(guard.refusal("https://denied.example.com/") ?? "", /browser\.denyHosts/);
  },
);

pageTest("a name that is answered differently the second time does not get a page inside", async (page) => {
  const twin = await standIn((response) => response.end("inside"), "127.0.0.2", outside.port);
  try {
    addresses.set("rebind.example.com", [["127.0.0.1"], ["127.0.0.2"]]);
    const url = `http://rebind.example.com:${outside.port}/`;
    await page.goto(url);
    const answers = await page.evaluate(async () => {
      const told: (string | number)[] = [];
      for (const method of ["GET", "POST", "PUT"]) {
        const answer = await fetch("/", { method });
        told.push(answer.status, answer.status === 200 ? await answer.text() : "");
      }
      return told;
    });
    assert.deepEqual(answers, [200, "outside", 403, "", 403, ""]);
    assert.match(guard.refusal(url) ?? "", /leads to a private address/);
    assert.equal(twin.hits.length, 0);
  } finally {
    await twin.close();
  }
});

pageTest("a WebSocket through the guard says what is said, and one that is refused fails", async (page) => {
  const echo = await echoSocket();
  try {
    await page.goto(outside.url);
    const talk = (url: string) =>
      page.evaluate(
        (address) =>
          new Promise<string>((resolve) => {
            const socket = new WebSocket(address);
            socket.onopen = () => socket.send("x".repeat(100_000));
            socket.onmessage = ({ data }) => resolve(`heard ${data.length}`);
            socket.onerror = () => resolve("failed");
          }),
        url,
      );
    assert.equal(await talk(echo.url), "heard 100000");
    assert.equal(await talk(`ws://${inside.doors.socket.host}/`), "failed");
  } finally {
    echo.close();
  }
});

pageTest("a page gets to no other scheme", async (page) => {
  await page.goto(outside.url);
  for (const url of [
    "file:///etc/passwd",
    "view-source:file:///etc/passwd",
    "chrome://version",
    "ftp://127.0.0.1/",
    "data:text/html,x",
  ]) {
    assert.throws(() => guard.judge(url), { code: "invalid_request", param: "url" });
    await page.evaluate((address) => {
      const frame = document.createElement("iframe");
      frame.src = address;
      document.body.append(frame);
      const link = document.createElement("a");
      link.href = address;
      document.body.append(link);
      link.click();
    }, url);
  }
  const read = await page.evaluate(() =>
    fetch("file:///etc/passwd").then(
      () => "read",
      () => "refused",
    ),
  );
  assert.equal(read, "refused");
  assert.equal(new URL(page.url()).origin, outside.url);
  for (const frame of page.frames()) assert.doesNotMatch(frame.url(), /^(file|view-source|chrome|ftp):/);
});

pageTest("WebRTC and WebTransport tell no address and reach nobody", async (page) => {
  let packets = 0;
  const udp = createSocket("udp4", () => packets++).bind(0, "127.0.0.2");
  try {
    await once(udp, "listening");
    await page.goto(outside.url);
    const candidates = await page.evaluate(
      async ([stun, turn, transport]) => {
        const peer = new RTCPeerConnection({
          iceServers: [
            { urls: `stun:${stun}` },
            { urls: [`turn:${stun}`, `turn:${turn}?transport=tcp`], username: "a", credential: "b" },
          ],
        });
        const told: string[] = [];
        const done = new Promise<void>((resolve) => {
          peer.onicecandidate = ({ candidate }) => (candidate ? told.push(candidate.candidate) : resolve());
        });
        peer.createDataChannel("x");
        await peer.setLocalDescription(await peer.createOffer());
        const web = new WebTransport(`https://${transport}/`);
        const failed = await web.ready.then(
          () => "opened",
          () => "failed",
        );
        await done;
        return [...told, failed];
      },
      [`127.0.0.2:${udp.address().port}`, inside.doors.turn.host, `127.0.0.2:${udp.address().port}`] as const,
    );
    assert.deepEqual(candidates, ["failed"]);
    assert.equal(packets, 0);
  } finally {
    udp.close();
  }
});

test("Chromium looks no name up by itself and connects to the guard alone", async (t) => {
  if (typeof found === "string") return t.skip(found);
  const page = await context.newPage();
  await page.goto(`http://named.example.com:${outside.port}/`);
  await page.setContent(
    '<link rel="dns-prefetch" href="//ahead.example.com"><link rel="preconnect" href="//before.example.com">',
  );
  await page.goto(`http://last.example.com:${outside.port}/`);
  assert.ok(asked.includes("named.example.com") && asked.includes("last.example.com"));
  await context.close(); // which completes the log
  const log = JSON.parse(await readFile(join(folder, "net.json"), "utf8")) as {
    constants: { logEventTypes: Record<string, number> };
    events: { type: number; params?: Record<string, unknown> }[];
  };
  const named = new Map(Object.entries(log.constants.logEventTypes).map(([name, type]) => [type, name]));
  const told = (pattern: RegExp) =>
    log.events
      .filter(({ type }) => pattern.test(named.get(type) ?? ""))
      .map(({ params }) => JSON.stringify(params ?? {}));
  const connects = told(/^TCP_CONNECT_ATTEMPT$/).filter((params) => params.includes("address"));
  assert.ok(connects.length > 0, "the log has connections");
  const proxy = new URL(guard.server).host;
  assert.deepEqual(
    connects.filter((params) => !params.includes(`"${proxy}"`)),
    [],
  );
  const lookups = told(/^HOST_RESOLVER_(SYSTEM_TASK|DNS_TASK|MANAGER_JOB)$/); // others ask the cache alone
  assert.deepEqual(
    lookups.filter((params) => params.includes("example.com")),
    [],
  );
});

test("a private host is refused in every spelling, as a request and as a tunnel, before anything is looked up", async (t) => {
  const { asked: names, lookup } = answering(["127.0.0.2"]);
  const { doors, close } = await insideDoors(["only"]);
  t.after(close);
  const own = await startGuard(t, { lookup });
  const hosts = `
    127.0.0.2 127.0.0.2. 127.2 2130706434 0x7f000002 0x7f.2 0177.0.0.2 0177.0.0.0x2 127.0.2 %31%32%37.0.0.2
    0 0.0.0.0 [::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.2] [::ffff:7f00:2] [::127.0.0.2] [::7f00:2]
    [64:ff9b::127.0.0.2] [64:ff9b:1::7f00:2] [2002:7f00:2::] [::ffff:0:127.0.0.2] [2001:0:7f00:2::] [fe80::1] [fec0::1]
    [fc00::1] [fd00:ec2::254] [ff02::1] [2001:db8::1] localhost LOCALHOST localhost. localhost.. a.localhost
    localhost.localdomain metadata metadata.google.internal metadata.google.internal. a.internal printer.local
    nas.home.arpa router.lan 169.254.169.254 0xa9fea9fe 2852039166 0251.0376.0251.0376 [::ffff:169.254.169.254]
    168.63.129.16 100.100.100.200 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 192.0.0.192 100.64.0.1 198.18.0.1
    224.0.0.1 255.255.255.255
  `;
  for (const host of hosts.trim().split(/\s+/)) {
    const there = `${host}:${doors.only.port}`;
    assert.equal((await ask(own, `http://${there}/`)).status, 403, host);
    assert.match(String(await tunnel(own, there)), /^HTTP\/1\.1 403 /, host);
    await assert.rejects(
      own.admit(`ws://${there}/`, { signal: t.signal }),
      { code: "invalid_request", param: "url" },
      host,
    );
  }
  for (const port of [22, 25, 6379, 0]) {
    assert.equal((await ask(own, `http://127.0.0.1:${port}/`)).status, 403, String(port));
    assert.match(String(await tunnel(own, `127.0.0.1:${port}`)), /^HTTP\/1\.1 403 /, String(port));
  }
  assert.equal((await ask(own, "http://user:word@127.0.0.1/")).status, 403);
  for (const target of [
    ...[
      "127.0.0.2",
      "127.0.0.2:",
      ":80",
      "127.0.0.1:99999",
      "a@127.0.0.2:80",
      "127.0.0.2:80/",
      "127.0.0.2:80?",
      "/",
      "*",
    ],
    ...[
      "http://127.0.0.2:80",
      "[::1:80",
      "::1:80",
      "127.0.0.2:80:80",
      "127.0.0.2\\:80",
      "127.0.0.2#:80",
      "x:-1",
      "x:1e2",
    ],
  ]) {
    assert.match(String(await tunnel(own, target)), /^HTTP\/1\.1 400 /, target);
  }
  assert.deepEqual(names, []);
  assert.equal(doors.only.hits, 0);
});
