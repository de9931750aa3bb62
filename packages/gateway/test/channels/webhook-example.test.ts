import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { channel } from "../../src/channels/webhook/index.ts";
import { recordingInbox, setupOf } from "../support/adapter-rig.ts";
import { until } from "../support/until.ts";

const secret = "a secret of the tests";

/** The program of the page, word for word. */
function program(): string {
  const page = readFileSync(new URL("../../../../docs/channels/webhook.md", import.meta.url), "utf8");
  const [, code] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  assert.ok(code);
  return code;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("the program of the documentation sends a message and takes the answer, once", async () => {
  const inbox = recordingInbox();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const adapter = channel.create(setupOf("webhook", channel.settings.parse({ secret, url })));
  const gateway = createServer(async (request, response) => {
    const answer = await adapter.webhook!(
      {
        method: request.method === "POST" ? "POST" : "GET",
        headers: request.headers,
        query: new URLSearchParams(),
        body: () => buffer(request),
      },
      inbox,
    );
    response.writeHead(answer.status).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(gateway, "listening");
  const { port: gatewayPort } = gateway.address() as AddressInfo; // it listens on TCP
  const env = {
    GATEWAY: `http://127.0.0.1:${gatewayPort}/webhooks/webhook`,
    SECRET: secret,
    PORT: String(port),
  };
  const child = spawn(process.execPath, ["--input-type=module", "-e", program()], { env });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  child.stderr.on("data", (chunk) => {
    printed += chunk;
  });
  try {
    await until(() => printed.includes("stored"), "the message is stored");
    assert.equal(inbox.messages[0]?.text, "Hello!");
    const options = { signal: new AbortController().signal, idempotencyKey: "d1" };
    for (let time = 0; time < 2; time++) {
      const sent = await adapter.send({ chatId: "ann" }, { text: "Hello, Ann" }, options);
      assert.equal(sent.messageId, "d1");
    }
    await until(() => printed.includes("ann Hello, Ann"), "the answer is shown");
    assert.equal(printed.split("ann Hello, Ann").length, 2, printed);
  } finally {
    const exited = once(child, "exit");
    child.kill();
    await exited;
    gateway.closeAllConnections();
    await new Promise((resolve) => gateway.close(resolve));
  }
});
