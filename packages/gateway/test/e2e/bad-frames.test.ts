import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { firstBytes, raw, rawConnection } from "../support/raw-bytes.ts";
import { until } from "../support/until.ts";

/** Whatever comes in over a WebSocket is answered as documented, and the process serves the next request. */

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway.close());

afterEach(async () => {
  const { status, body } = await gateway.api("POST", "/v1/agent/run", { message: "still there?" });
  assert.equal(status, 200);
  assert.match(body.response, /still there\?/);
});

describe("WebSocket frames", () => {
  test("a frame that is no request is answered with id null, and the socket lives", async () => {
    const socket = await gateway.ws();
    const bad = [
      "nope",
      "[]",
      "null",
      "5",
      "{}",
      '{"id":{}}',
      '{"id":1,"method":5}',
      '{"method":""}',
      "{",
      "",
    ];
    for (const frame of bad) socket.send(frame);
    socket.ws.send(Buffer.from([1, 2, 3]));
    await until(
      () => socket.messages.filter((it) => it.error).length === bad.length + 1,
      "every frame is answered",
    );
    for (const { error } of socket.messages.filter((it) => it.error))
      assert.equal(error.code, "invalid_request");
    socket.send(`{"id":1,"method":"status","params":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    assert.equal((await socket.find((it) => it.id === 1)).error.code, "invalid_request");
    assert.equal((await socket.call("status", { x: 1 })).error.param, "x");
    assert.equal((await socket.call("status")).result.status, "ok");
    socket.close();
  });

  const frames: [what: string, bytes: Buffer, code: number][] = [
    ["an unmasked frame", Buffer.from([0x81, 0x02, 0x68, 0x69]), 1002],
    ["a reserved opcode", Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
    ["reserved bits", Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ["a fragmented ping", Buffer.from([0x09, 0x80, 0, 0, 0, 0]), 1002],
    ["a continuation of nothing", Buffer.from([0x80, 0x80, 0, 0, 0, 0]), 1002],
    ["text that is not UTF-8", Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]), 1007],
    [
      "a length beyond the limit",
      Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
      1009,
    ],
    [
      "a length beyond all numbers",
      Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      1009,
    ],
    ["a close frame of one byte", Buffer.from([0x88, 0x81, 0, 0, 0, 0, 0x03]), 1002],
  ];
  for (const [what, bytes, code] of frames) {
    test(`${what} closes the socket with ${code} and harms no other`, async () => {
      const other = await gateway.ws();
      const socket = await upgraded();
      socket.write(bytes);
      assert.equal(await closeCode(socket), code);
      assert.equal((await other.call("status")).result.status, "ok");
      other.close();
    });
  }

  test("a broken handshake is refused with 4xx", async () => {
    const lines = ["Upgrade: websocket", "Connection: Upgrade", `Authorization: Bearer ${gateway.token}`];
    for (const more of [
      [],
      ["Sec-WebSocket-Version: 13"],
      ["Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"],
    ])
      assert.match(
        await raw(gateway.port, "GET / HTTP/1.1", [...lines, ...more].join("\r\n")),
        /^HTTP\/1\.1 4\d\d /,
      );
  });

  test("a socket that is cut in the middle of a run harms nothing", async () => {
    for (let count = 0; count < 5; count++) {
      const socket = await gateway.ws();
      await socket.call("chat.run", { message: "/slow 10", sessionKey: `cut-${count}` });
      socket.ws.terminate();
    }
  });
});

/** A connection after the handshake, its connected event still unread. */
async function upgraded(): Promise<Socket> {
  const socket = await rawConnection(gateway.port);
  socket.write(
    [
      "GET / HTTP/1.1",
      `Host: 127.0.0.1:${gateway.port}`,
      `Authorization: Bearer ${gateway.token}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      "Sec-WebSocket-Version: 13",
      "",
      "",
    ].join("\r\n"),
  );
  assert.match(await firstBytes(socket), /^HTTP\/1\.1 101 /);
  return socket;
}

/** The code of the close frame that the server ends with. */
function closeCode(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const timer = setTimeout(() => reject(new Error(`no close frame; got ${bytes.toString("hex")}`)), 10_000);
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      const at = bytes.indexOf(0x88);
      if (at < 0 || bytes.length < at + 4) return;
      clearTimeout(timer);
      socket.destroy();
      resolve(bytes.readUInt16BE(at + 2));
    });
  });
}
