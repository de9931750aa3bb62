import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";
import { rawStandIn, standIn } from "../support/stand-in.ts";
import { until } from "../support/until.ts";
import { answering, ask, dial, say, startGuard, tunnel } from "./guard-rig.ts";

// 127.0.0.1 stands for what may be opened, 127.0.0.2 for what is inside.
const outside = await standIn((response, { path }) => {
  response.setHeader("x-openclaw-guard", "forged");
  response.setHeader("x-openclaw-guard-failure", "forged");
  response.setHeader("keep-alive", "timeout=9");
  response.setHeader("x-own", "of the site");
  if (path === "/407") response.writeHead(407, { "proxy-authenticate": "Basic realm=x" });
  if (path === "/two") response.setHeader("set-cookie", ["a=1", "b=2"]);
  response.end("outside");
});
after(() => outside.close());

test("a request in absolute form is forwarded without what belongs to the connection", async (t) => {
  const guard = await startGuard(t);
  const answer = await ask(guard, `${outside.url}/a%20b?c=d`, {
    method: "POST",
    headers: {
      host: "elsewhere.example.com",
      connection: "keep-alive, x-named",
      "x-named": "1",
      "proxy-authorization": "Basic abc",
      "proxy-connection": "keep-alive",
      te: "trailers",
      cookie: "kept=1",
    },
    body: "hello",
  });
  assert.deepEqual([answer.status, answer.body, answer.headers["x-own"]], [200, "outside", "of the site"]);
  const hit = outside.hits.at(-1)!;
  assert.deepEqual([hit.method, hit.path, hit.body], ["POST", "/a%20b?c=d", "hello"]);
  assert.deepEqual(
    [hit.headers.host, hit.headers.cookie, hit.headers["x-named"], hit.headers.te],
    [`127.0.0.1:${outside.port}`, "kept=1", undefined, undefined],
  );
  assert.deepEqual(
    Object.keys(hit.headers).filter((name) => name.startsWith("proxy")),
    [],
  );
  const two = await ask(guard, `${outside.url}/two`);
  assert.deepEqual(two.headers["set-cookie"], ["a=1", "b=2"]);
});

test("a site cannot make its answer look like the guard's, or like a proxy's", async (t) => {
  const guard = await startGuard(t);
  const { headers } = await ask(guard, outside.url);
  assert.equal(headers["x-openclaw-guard"], undefined);
  assert.equal(headers["x-openclaw-guard-failure"], undefined);
  const proxyLike = await ask(guard, `${outside.url}/407`);
  assert.deepEqual([proxyLike.status, proxyLike.headers["proxy-authenticate"]], [502, undefined]);
});

test("a refusal says why, is known as the guard's own, and is remembered for half a minute", async (t) => {
  let now = 1_000;
  const guard = await startGuard(t, { now: () => now });
  const other = await startGuard(t);
  const answer = await ask(guard, "http://127.0.0.2:8080/<i>?secret=1");
  const headers = answer.headers as Record<string, string>; // none of these comes twice
  assert.equal(answer.status, 403);
  assert.match(answer.body, /127\.0\.0\.2 is a private address/);
  assert.doesNotMatch(answer.body, /secret/);
  assert.equal(headers["access-control-allow-origin"], undefined);
  assert.deepEqual(
    [guard.isRefusal(headers), guard.isFailure(headers), other.isRefusal(headers)],
    [true, false, false],
  );
  assert.match(
    String(await tunnel(guard, "127.0.0.3:443")),
    /^HTTP\/1\.1 403 [\s\S]*127\.0\.0\.3 is a private address/,
  );
  now += 29_000;
  assert.match(guard.refusal("http://127.0.0.2:8080/other") ?? "", /127\.0\.0\.2 is a private address/);
  assert.match(guard.refusal("wss://127.0.0.3/chat") ?? "", /127\.0\.0\.3 is a private address/);
  assert.equal(guard.refusal("http://127.0.0.2/"), undefined);
  assert.equal(guard.refusal("http://127.0.0.3/"), undefined);
  assert.equal(guard.refusal(outside.url), undefined);
  now += 2_000;
  assert.equal(guard.refusal("http://127.0.0.2:8080/"), undefined);
});

test("a site that cannot be reached is a failure in words, not a refusal", async (t) => {
  const gone = await standIn((response) => response.end());
  await gone.close();
  const garbage = await rawStandIn((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
  t.after(() => garbage.close());
  const switching = await rawStandIn((socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
  });
  t.after(() => switching.close());
  const lookup = async () => {
    throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
  };
  const guard = await startGuard(t, { lookup });
  for (const [url, why] of [
    [gone.url, /127\.0\.0\.1 could not be reached: it refuses connections\./],
    [garbage.url, /what it sends is not HTTP/],
    [switching.url, /the connection broke/],
    ["http://nowhere.example.com/", /nowhere\.example\.com could not be reached: there is no such host\./],
  ] as const) {
    const answer = await ask(guard, url);
    const headers = answer.headers as Record<string, string>; // none of these comes twice
    assert.deepEqual(
      [answer.status, guard.isFailure(headers), guard.isRefusal(headers)],
      [502, true, false],
      url,
    );
    assert.match(answer.body, why);
    assert.match(guard.failure(url) ?? "", why);
    assert.equal(guard.refusal(url), undefined);
  }
  assert.match(String(await tunnel(guard, "nowhere.example.com:443")), /^HTTP\/1\.1 502 [\s\S]*no such host/);
  assert.match(guard.failure("https://nowhere.example.com/x") ?? "", /no such host/);
});

test("an answer that is cut off is cut off for the browser, too", async (t) => {
  const cut = await rawStandIn((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", () => socket.destroy());
  });
  t.after(() => cut.close());
  const guard = await startGuard(t);
  await assert.rejects(ask(guard, cut.url), { code: "ECONNRESET" });
});

test("the next request to a host goes over the same connection", async (t) => {
  const site = await standIn((response, { path }) => response.end(path));
  t.after(() => site.close());
  const guard = await startGuard(t);
  const client = await dial(guard);
  t.after(() => client.destroy());
  client.write(`GET ${site.url}/1 HTTP/1.1\r\nHost: x\r\n\r\n`);
  await until(() => client.said().includes("/1"), "the first answer");
  client.write(`GET ${site.url}/2 HTTP/1.1\r\nHost: x\r\n\r\n`);
  await until(() => client.said().includes("/2"), "the second answer");
  assert.equal(site.open(), 1);
});

test("a kept connection that the site closes as the next request comes does no harm", async (t) => {
  let count = 0;
  // Answers one request of a connection and closes it at the next without a word.
  const site = await rawStandIn((socket) => {
    count++;
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    socket.once("data", () => socket.destroy());
  });
  t.after(() => site.close());
  const guard = await startGuard(t);
  for (let turn = 1; turn <= 3; turn++) assert.equal((await ask(guard, site.url)).body, "ok");
  assert.equal(count, 3);
  await ask(guard, site.url, { headers: { authorization: "NTLM abc" } });
  await ask(guard, site.url, { method: "POST", body: "x" });
  assert.equal(count, 5, "what must not be said twice goes over a connection of its own");
});

test("a request of the port itself is refused and tells nothing", async (t) => {
  const guard = await startGuard(t);
  const before = outside.hits.length;
  const host = `127.0.0.1:${outside.port}`;
  for (const target of [
    "/",
    "/json/version",
    "*",
    `//${host}/`,
    `http:/${host}/`,
    `http:${host}/`,
    host,
    `https://${host}/`,
    `ws://${host}/`,
    "file:///etc/passwd",
    "http://[",
    "javascript:1",
  ]) {
    const method = target === "*" ? "OPTIONS" : "GET";
    const said = await say(
      guard,
      `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://evil.example.com\r\n\r\n`,
    );
    assert.match(said, /^HTTP\/1\.1 400 /, target);
    assert.doesNotMatch(said, /access-control|x-openclaw|127\.0\.0\.1/i, target);
  }
  assert.equal((await ask(guard, `${guard.server}/`)).status, 400, "through itself");
  assert.equal(outside.hits.length, before);
});

test("a WebSocket in absolute form is refused, since it would come as a tunnel", async (t) => {
  const guard = await startGuard(t);
  const said = await say(
    guard,
    `GET ${outside.url}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  assert.match(said, /^HTTP\/1\.1 501 /);
  assert.equal(guard.refusal(outside.url), undefined);
});

test("bodies keep their frames, and one with two lengths is refused", async (t) => {
  const guard = await startGuard(t);
  const start = `GET ${outside.url}/framed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
  await say(guard, `${start}Transfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n`);
  assert.equal(outside.hits.at(-1)?.body, "GET /");
  await say(guard, `${start}Connection: content-length\r\nContent-Length: 5\r\n\r\nGET /`);
  assert.equal(outside.hits.at(-1)?.body, "GET /");
  const before = outside.hits.length;
  const both = `${start}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`;
  assert.match(await say(guard, both), /^HTTP\/1\.1 400 /);
  assert.match(await say(guard, `${start}X-Large: ${"x".repeat(200_000)}\r\n\r\n`), /^HTTP\/1\.1 431 |^$/);
  assert.equal(outside.hits.length, before);
});

test("heads that never end and tunnels that nobody uses are closed", async (t) => {
  const quiet = await standIn(() => {});
  t.after(() => quiet.close());
  const guard = await startGuard(t, { headMs: 300, quietMs: 300 });
  const halves = await Promise.all(
    ["", "GET http://127", "CONNECT 127.0.0.1:", "POST / HTTP/1.1\r\nHost:"].map((text) => say(guard, text)),
  );
  for (const said of halves) assert.match(said, /^HTTP\/1\.1 408 |^$/);
  const through = await tunnel(guard, `127.0.0.1:${quiet.port}`);
  assert.ok(typeof through !== "string");
  await once(through.resume(), "close");
  const answer = await ask(guard, quiet.url);
  assert.deepEqual([answer.status, /did not answer in time/.test(answer.body)], [502, true]);
  await until(() => quiet.open() === 0, "no connection to the site is left");
});

test("closing ends what is open, what is under way and what is being looked up", async (t) => {
  const quiet = await standIn(() => {});
  t.after(() => quiet.close());
  const guard = await startGuard(t, { lookup: () => new Promise(() => {}) });
  const through = await tunnel(guard, `127.0.0.1:${quiet.port}`);
  assert.ok(typeof through !== "string");
  const ends = [
    once(through.resume(), "close"),
    assert.rejects(ask(guard, quiet.url)),
    assert.rejects(ask(guard, "http://slow.example.com/")),
    tunnel(guard, "slow.example.com:443"),
  ];
  await until(() => quiet.open() === 2 && quiet.hits.length === 1, "both are there");
  await guard.close();
  await Promise.all(ends);
  await until(() => quiet.open() === 0, "no connection to the site is left");
  await assert.rejects(once(connect(guard.port, "127.0.0.1"), "connect"), { code: "ECONNREFUSED" });
});

test("whoever leaves takes along what was asked for them", async (t) => {
  const quiet = await standIn(() => {});
  t.after(() => quiet.close());
  const guard = await startGuard(t);
  const client = await dial(guard);
  client.write(`GET ${quiet.url}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const through = await tunnel(guard, `127.0.0.1:${quiet.port}`);
  assert.ok(typeof through !== "string");
  await until(() => quiet.open() === 2, "both are there");
  client.destroy();
  through.destroy();
  await until(() => quiet.open() === 0, "neither is there");
});

test("a name is looked up once for a connection, and leads to the addresses that were judged", async (t) => {
  const twin = await standIn((response) => response.end("inside"), "127.0.0.2", outside.port);
  t.after(() => twin.close());
  const { asked, lookup } = answering(["127.0.0.1"], ["127.0.0.2"]);
  const guard = await startGuard(t, { lookup });
  const url = `http://rebind.example.com:${outside.port}/`;
  assert.equal((await ask(guard, url)).body, "outside");
  assert.equal((await ask(guard, url)).body, "outside", "over the connection that is there");
  assert.deepEqual(asked, ["rebind.example.com"]);
  const answer = await ask(guard, url, { method: "POST" });
  assert.match(answer.body, /rebind\.example\.com leads to a private address/);
  assert.match(
    String(await tunnel(guard, `rebind.example.com:${outside.port}`)),
    /leads to a private address/,
  );
  assert.equal(twin.hits.length, 0);
});
