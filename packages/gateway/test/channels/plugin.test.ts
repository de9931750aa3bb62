import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const example = fileURLToPath(new URL("../../../../examples/channel-plugin.js", import.meta.url));

/** A port that was free a moment ago: the example needs a number. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  server.close();
  await once(server, "close");
  return port;
}

test("the example's channel is loaded from its path and answers", async () => {
  const port = await freePort();
  const gateway = await startGateway({
    config: {
      plugins: { load: { paths: [example, "/nowhere/broken.js"] } },
      channels: { room: { port, dmPolicy: "open", allowFrom: ["*"] } },
    },
  });
  try {
    await until(
      async () => (await gateway.api("GET", "/v1/channels/room/status")).body.status === "connected",
      "the plugin is loaded",
    );
    const socket = connect(port, "127.0.0.1").setEncoding("utf8");
    let seen = "";
    socket.on("data", (text) => {
      seen += text;
    });
    await once(socket, "connect");
    socket.write("anna\nHello from the room\n");
    await until(() => seen.includes('You said: "Hello from the room"'), "an answer");
    socket.destroy();
    await until(
      () => gateway.output().includes("a plugin could not be loaded"),
      "the broken one is in the log",
    );
    const { body } = await gateway.api("GET", "/v1/sessions?channel=room");
    assert.equal(body.sessions[0].sessionKey, "agent:default:room:dm:anna");
  } finally {
    await gateway.close();
  }
});
