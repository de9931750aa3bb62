import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request as askHttp } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { seeded } from "../support/random.ts";
import { standIn } from "../support/stand-in.ts";
import { until } from "../support/until.ts";
import { ask, dial, say, startGuard, tunnel } from "./guard-rig.ts";

const size = 50 * 1024 * 1024;
/** Some of what fills the buffers of four sockets on this machine; far from everything. */
const heldAtMost = 25 * 1024 * 1024;
const part = Buffer.from(Array.from({ length: 65_536 }, (_, at) => (at * 7) & 255));

/** A site that sends, or takes, as much as it can, and counts it. */
async function site(t: TestContext, talk: (socket: Socket, count: (bytes: number) => void) => void) {
  let moved = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // cut by the test's end
    talk(socket, (bytes) => {
      moved += bytes;
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { host: `127.0.0.1:${port}`, moved: () => moved };
}

async function pour(target: NodeJS.WritableStream, count: (bytes: number) => void): Promise<void> {
  for (let left = size; left > 0; left -= part.length) {
    count(part.length);
    if (!target.write(part)) await once(target, "drain");
  }
  target.end();
}

/** Waits until nothing has moved for a while: everybody in between holds what they hold. */
async function settled(moved: () => number): Promise<number> {
  let last = -1;
  let quiet = 0;
  await until(() => {
    quiet = moved() === last ? quiet + 1 : 0;
    last = moved();
    return last > 0 && quiet > 20;
  }, "a standstill");
  return last;
}

const whole = createHash("sha256");
for (let left = size; left > 0; left -= part.length) whole.update(part);
const expected = whole.digest("hex");

test("50 MB come down whole, and no faster than they are taken", async (t) => {
  const guard = await startGuard(t);
  const source = await site(t, (socket, count) => {
    socket.once("data", (first) => {
      const isHttp = String(first).startsWith("GET /http");
      if (isHttp) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      void pour(socket, count).catch(() => undefined); // cut by the test's end
    });
  });
  const through = await tunnel(guard, source.host);
  assert.ok(typeof through !== "string");
  through.write("GET");
  const asking = askHttp({
    port: guard.port,
    host: "127.0.0.1",
    path: `http://${source.host}/http`,
    agent: false,
  });
  const answered = once(asking, "response");
  asking.end();
  const [answer] = await answered;
  assert.ok((await settled(source.moved)) < 2 * heldAtMost);
  for (const stream of [through, answer]) {
    const hash = createHash("sha256");
    for await (const data of stream) hash.update(data);
    assert.equal(hash.digest("hex"), expected);
  }
});

test("50 MB go up whole, and no faster than they are taken", async (t) => {
  const guard = await startGuard(t);
  const takers: Socket[] = [];
  const sink = await site(t, (socket) => takers.push(socket.pause()));
  let sent = 0;
  const count = (bytes: number) => {
    sent += bytes;
  };
  const through = await tunnel(guard, sink.host);
  assert.ok(typeof through !== "string");
  const asking = askHttp({
    ...{ port: guard.port, host: "127.0.0.1", path: `http://${sink.host}/`, agent: false },
    ...{ method: "POST", headers: { "content-length": size } },
  });
  const poured = [pour(through, count), pour(asking, count)];
  assert.ok((await settled(() => sent)) < 2 * heldAtMost);
  await until(() => takers.length === 2, "both connections");
  const answered = once(asking, "response");
  await Promise.all(
    takers.map(async (taker) => {
      const hash = createHash("sha256");
      let left = size;
      let isBody = false;
      taker.resume();
      taker.on("data", (data: Buffer) => {
        const start =
          isBody || !data.toString("latin1", 0, 5).startsWith("POST ") ? 0 : data.indexOf("\r\n\r\n") + 4;
        isBody = true;
        hash.update(data.subarray(start));
        left -= data.length - start;
        if (left === 0) taker.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      });
      await until(() => left === 0, "all of it");
      assert.equal(hash.digest("hex"), expected);
    }),
  );
  const [answer] = await answered;
  assert.equal(answer.statusCode, 200);
  answer.resume();
  await Promise.all(poured);
});

test("a thousand connections of garbage leave the guard as it was", async (t) => {
  const outside = await standIn((response) => response.end("outside"));
  t.after(() => outside.close());
  const guard = await startGuard(t);
  const random = seeded(6);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const starts = [
    "GET ",
    "CONNECT ",
    "POST ",
    "\0",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\x16\x03\x01\x02\0",
    "\x05\x01\0",
    "",
  ];
  const targets = [
    "/",
    "http://",
    "127.0.0.1:0",
    "[::1]:80",
    `${outside.url}/`,
    "*",
    "a:b",
    `x:${"9".repeat(40)}`,
    "@:1",
    "\xff",
  ];
  const ends = [
    "\r\n\r\n",
    " HTTP/1.1\r\n\r\n",
    " HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    " HTTP/9.9\r\n",
    "\n",
    "",
  ];
  for (let turn = 0; turn < 20; turn++) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const noise = Array.from({ length: 20 }, () => String.fromCharCode(random() * 256)).join("");
        const socket = await dial(guard);
        socket.write(pick(starts) + pick(targets) + pick(ends) + pick(["", noise]), "latin1");
        if (random() < 0.5) socket.resetAndDestroy();
        else socket.destroySoon();
      }),
    );
  }
  assert.equal((await ask(guard, outside.url)).body, "outside");
  await until(() => outside.open() <= 1, "nothing is left open but what is kept");
});

test("beyond its connections the guard takes no more, and does again when there is room", async (t) => {
  const outside = await standIn((response) => response.end("outside"));
  t.after(() => outside.close());
  const guard = await startGuard(t);
  const sockets = await Promise.all(Array.from({ length: 512 }, () => dial(guard)));
  assert.equal(await say(guard, "GET / HTTP/1.1\r\n\r\n"), "");
  for (const socket of sockets) socket.destroy();
  await until(
    () =>
      ask(guard, outside.url).then(
        ({ body }) => body === "outside",
        () => false,
      ),
    "there is room again",
  );
});
