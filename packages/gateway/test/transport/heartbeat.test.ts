import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Beating, createHeartbeat } from "../../src/transport/heartbeat.ts";
import { startRig, until } from "./gateway-rig.ts";
import { rawConnection } from "./raw-http.ts";

function member() {
  const beats: number[] = [];
  const checks: number[] = [];
  let at = 0;
  const it: Beating = { beat: () => beats.push(at), check: () => checks.push(at) };
  return { it, beats, checks, tellTime: (seconds: number) => (at = seconds) };
}

describe("the heartbeat", () => {
  it("visits each member every 15 s and checks it every 5 s", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const heartbeat = createHeartbeat();
    const one = member();
    heartbeat.add(one.it);
    for (let second = 1; second <= 60; second++) {
      one.tellTime(second);
      t.mock.timers.tick(1000);
    }
    assert.equal(one.beats.length, 4);
    assert.equal(one.checks.length, 12);
    const gaps = one.beats.slice(1).map((at, i) => at - one.beats[i]!);
    assert.deepEqual(gaps, [15, 15, 15]);
    heartbeat.remove(one.it);
    t.mock.timers.tick(60_000);
    assert.equal(one.beats.length, 4);
  });

  it("never visits more than a fifteenth of 3,000 members in one tick", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const heartbeat = createHeartbeat();
    const members = Array.from({ length: 3000 }, member);
    for (const each of members) heartbeat.add(each.it);
    for (let second = 1; second <= 15; second++) {
      for (const each of members) each.tellTime(second);
      t.mock.timers.tick(1000);
    }
    for (let second = 1; second <= 15; second++) {
      assert.equal(members.filter((each) => each.beats[0] === second).length, 200);
    }
  });

  it("reaches sockets as the documented event, pings the peer, and drops one that stays silent", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const rig = await startRig();
    try {
      const socket = await rig.socket();
      let pings = 0;
      socket.ws.on("ping", () => pings++);
      const silent = await rawConnection(rig.port);
      silent.write(
        "GET /?token=gateway-token-for-tests HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      );
      silent.resume();
      let dropped = false;
      silent.on("close", () => (dropped = true));
      await until(() => rig.transport.stats().sockets === 2, "both are open");
      for (let second = 1; second <= 44; second++) {
        t.mock.timers.tick(1000);
        await socket.request(second, "status"); // also lets the pong of the last tick arrive
      }
      const beats = socket.messages.filter((it) => it.type === "heartbeat");
      assert.ok(beats.length >= 2 && pings >= 2, `${beats.length} heartbeats, ${pings} pings in 44 s`);
      assert.deepEqual(beats[0], { type: "heartbeat", data: { timestamp: rig.clock.ms, status: "ok" } });
      assert.equal(dropped, false, "not before 45 s");
      for (let second = 45; second <= 50; second++) {
        t.mock.timers.tick(1000);
        await socket.request(second, "status");
      }
      await until(() => rig.transport.stats().sockets === 1, "the silent one is dropped");
      assert.ok((await socket.request(99, "status")).result, "the one that answers stays");
    } finally {
      t.mock.timers.reset();
      await rig.close();
    }
  });
});
