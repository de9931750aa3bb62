import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import tls from "node:tls";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { createOutbound, type OutboundLimits } from "../../src/lib/net.ts";
import { type Answer, rawStandIn, type StandIn, standIn } from "../support/stand-in.ts";
import { until } from "../support/until.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((it) => it.close())));

async function site(answer: Answer): Promise<StandIn> {
  const made = await standIn(answer);
  open.push(made);
  return made;
}

async function says(bytes: string): Promise<string> {
  const made = await rawStandIn((socket) => void socket.write(bytes));
  open.push(made);
  return made.url;
}

const signal = AbortSignal.timeout(60_000);

function outboundWith(limits: Partial<OutboundLimits> = {}) {
  return createOutbound({ allowPrivate: ["127.0.0.1"], limits });
}

function get(url: string, limits: Partial<OutboundLimits> = {}) {
  return outboundWith(limits).request(url, { signal, maxBytes: 750_000, redirects: 3 });
}

test("a body without end is read up to the limit and left", async () => {
  const endless = await site((response) => {
    const more = () => response.destroyed || response.write(Buffer.alloc(65_536, "x"), more);
    more();
  });
  const answer = await get(endless.url);
  assert.deepEqual([answer.body.length, answer.truncated], [750_000, true]);
  await until(() => endless.open() === 0, "the connection was closed");
});

test("the body of a redirect is not read", async () => {
  const endless = await site((response, { path }) => {
    if (path === "/end") return response.end("there");
    response.writeHead(302, { location: "/end" });
    const more = () => response.destroyed || response.write(Buffer.alloc(65_536, "x"), more);
    more();
  });
  assert.equal(String((await get(endless.url)).body), "there");
  await until(() => endless.open() === 0, "the connections were closed", 5_000);
});

test("a body of exactly the limit is whole", async () => {
  const exact = await site((response) => response.end(Buffer.alloc(750_000, "x")));
  const answer = await get(exact.url);
  assert.deepEqual([answer.body.length, answer.truncated], [750_000, false]);
});

test("a small body that decodes to a large one is decoded up to the limit only", async () => {
  const large = Buffer.alloc(60_000_000);
  const bombs = { gzip: gzipSync(large), br: brotliCompressSync(large) };
  for (const [encoding, bomb] of Object.entries(bombs)) {
    assert.ok(bomb.length < 750_000);
    const trap = await site((response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(bomb),
    );
    const before = process.memoryUsage().arrayBuffers;
    const answer = await get(trap.url);
    assert.deepEqual([answer.body.length, answer.truncated], [750_000, true], encoding);
    assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000, "it was not decoded whole");
  }
});

test("an answer that is compressed twice, or in a way not asked for, or broken, is an error", async () => {
  for (const [encoding, body] of [
    ["gzip, gzip", gzipSync(gzipSync("x"))],
    ["zstd", Buffer.from("x")],
    ["gzip", Buffer.from("this is no gzip")],
    ["gzip", gzipSync("x".repeat(10_000)).subarray(0, 30)],
  ] as const) {
    const odd = await site((response) => response.writeHead(200, { "content-encoding": encoding }).end(body));
    await assert.rejects(get(odd.url), { code: "upstream_error" }, encoding);
  }
});

test("headers are bounded in size, whichever way they grow", async () => {
  const long = `x: ${"a".repeat(200_000)}\r\n`;
  const many = "a: b\r\n".repeat(50_000);
  for (const headers of [long, many]) {
    const url = await says(`HTTP/1.1 200 OK\r\n${headers}\r\n`);
    await assert.rejects(get(url), { code: "upstream_error", message: /headers are too large/ });
  }
  const trailers = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n${long}\r\n`;
  await assert.rejects(get(await says(trailers)), { code: "upstream_error" });
});

test("what is no HTTP, or ends early, is an error that says so without addresses", async () => {
  for (const bytes of [
    "SSH-2.0-OpenSSH_9.9\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
  ]) {
    await assert.rejects(get(await says(bytes)), { code: "upstream_error" }, bytes);
  }
  const slammed = await rawStandIn((socket) => socket.destroy());
  open.push(slammed);
  await assert.rejects(get(slammed.url), { code: "upstream_error" });
  const short = await site((response) => {
    response.writeHead(200, { "content-length": 100 }).write("abc");
    setImmediate(() => response.destroy());
  });
  await assert.rejects(get(short.url), { code: "upstream_error" });
  const gone = await standIn((response) => response.end());
  await gone.close();
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const outbound = createOutbound({ allowPrivate: ["127.0.0.1"], lookup });
  const request = { signal, maxBytes: 1, redirects: 0 };
  await assert.rejects(outbound.request(`http://a.example.com:${gone.port}/`, request), (error: Error) => {
    assert.match(error.message, /^a\.example\.com could not be read \(ECONNREFUSED\)/);
    assert.doesNotMatch(error.message, /127\.0/);
    return true;
  });
});

test("a page that drips, never begins, or is never found is given up in time", async () => {
  const drips = await site((response) => {
    const timer = setInterval(() => response.write("x"), 5);
    response.once("close", () => clearInterval(timer));
  });
  const silent = await site(() => {});
  for (const { url } of [drips, silent]) {
    await assert.rejects(get(url, { totalMs: 150 }), { code: "timeout", message: /longer than 0\.15 s/ });
  }
  await until(() => drips.open() + silent.open() === 0, "the connections were closed");
  const lost = createOutbound({
    allowPrivate: [],
    lookup: () => new Promise(() => {}),
    limits: { connectMs: 50 },
  });
  const request = { signal, maxBytes: 1, redirects: 0 };
  await assert.rejects(lost.request("http://a.example.com/", request), { code: "timeout" });
  const mute = await rawStandIn(() => {}); // TLS without an answer
  open.push(mute);
  await assert.rejects(get(mute.url.replace("http:", "https:"), { connectMs: 50 }), { code: "timeout" });
});

test("endless redirects between hosts end at the time limit of the whole", async () => {
  const slow = await site((response) => {
    setTimeout(() => response.writeHead(302, { location: "/again" }).end(), 60);
  });
  const outbound = outboundWith({ totalMs: 150 });
  const request = { signal, maxBytes: 1, redirects: 1_000 };
  await assert.rejects(outbound.request(slow.url, request), { code: "timeout" });
});

test("an abort closes the socket and comes out as it is, and so does the end of the gateway", async () => {
  const silent = await site((response, { path }) => void (path === "/body" && response.write("x")));
  for (const path of ["/", "/body"]) {
    const stop = new AbortController();
    const reason = new Error("enough");
    const pending = outboundWith().request(silent.url + path, {
      signal: stop.signal,
      maxBytes: 9,
      redirects: 0,
    });
    await until(() => silent.hits.at(-1)?.path === path, "it was asked");
    stop.abort(reason);
    await assert.rejects(pending, reason);
    await until(() => silent.open() === 0, "the connection was closed");
  }
  const outbound = outboundWith();
  const pending = outbound.request(silent.url, { signal, maxBytes: 1, redirects: 0 });
  await until(() => silent.open() === 1, "it was asked");
  outbound.close();
  await assert.rejects(pending, { code: "service_unavailable" });
  await until(() => silent.open() === 0, "the connection was closed");
});

test("so many requests at a time, and no more", async () => {
  const silent = await site(() => {});
  const outbound = outboundWith({ atOnce: 2 });
  const request = { signal, maxBytes: 1, redirects: 0 };
  const pending = [outbound.request(silent.url, request), outbound.request(silent.url, request)];
  await assert.rejects(outbound.request(silent.url, request), { code: "rate_limited" });
  outbound.close();
  for (const it of pending) await assert.rejects(it);
});

test("a certificate that nobody trusts is refused, even where the environment would let it pass", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "web-"));
  context.after(() => rm(folder, { recursive: true }));
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const named = ["-subj", "/CN=a.example.com", "-addext", "subjectAltName=DNS:a.example.com"];
  try {
    execFileSync("openssl", ["req", "-x509", ...options, ...named, "-keyout", keyFile, "-out", certFile], {
      stdio: "ignore",
    });
  } catch {
    context.skip("no openssl here");
    return;
  }
  const cert = await readFile(certFile, "utf8");
  const server = createServer({ key: await readFile(keyFile), cert }, (_request, response) =>
    response.end("safe"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const outbound = createOutbound({ allowPrivate: ["127.0.0.1"], lookup });
  const request = { signal, maxBytes: 10, redirects: 0 };

  const before = tls.getCACertificates();
  const unsafe = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  try {
    await assert.rejects(outbound.request(`https://a.example.com:${port}/`, request), {
      code: "upstream_error",
      message: /DEPTH_ZERO_SELF_SIGNED_CERT/,
    });
    tls.setDefaultCACertificates([cert]);
    const answer = await outbound.request(`https://a.example.com:${port}/`, request);
    assert.equal(String(answer.body), "safe");
    await assert.rejects(outbound.request(`https://b.example.com:${port}/`, request), {
      message: /ERR_TLS_CERT_ALTNAME_INVALID/,
    });
  } finally {
    tls.setDefaultCACertificates(before);
    if (unsafe === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = unsafe;
  }
});
