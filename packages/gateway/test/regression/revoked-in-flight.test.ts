import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "../support/gateway.ts";

/** A token is revoked while its requests are being answered: they end at once, and say why. */

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway.close());

const slow = "/slow 10000"; // at least 200 s

async function newToken(...scopes: string[]) {
  const { body } = await gateway.api("POST", "/v1/tokens", { name: "t", scopes });
  const headers = { authorization: `Bearer ${body.token}`, "content-type": "application/json" };
  return { id: String(body.tokenId), headers };
}

for (const model of ["builtin/demo", "openclaw"]) {
  test(`a streamed completion of ${model} ends with unauthorized when its token is revoked`, async () => {
    const token = await newToken("chat");
    const response = await gateway.fetch("/v1/chat/completions", {
      method: "POST",
      headers: token.headers,
      body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: slow }] }),
    });
    assert.equal(response.status, 200);
    const decoder = new TextDecoder();
    let text = "";
    let revoked: Promise<unknown> | undefined;
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      revoked ??= gateway.api("DELETE", `/v1/tokens/${token.id}`);
    }
    await revoked;
    const last = JSON.parse(
      text
        .trimEnd()
        .split("\n\n")
        .at(-1)!
        .replace(/^data: /, ""),
    );
    assert.equal(last.error.code, "unauthorized");
    assert.doesNotMatch(text, /\[DONE\]/);
  });
}

test("a request that waits for a run is answered 401 when its token is revoked, and the run goes on", async () => {
  const token = await newToken("chat");
  const body = JSON.stringify({ message: slow, sessionKey: "waits" });
  const watcher = await gateway.ws();
  const waiting = gateway.fetch("/v1/agent/run", { method: "POST", headers: token.headers, body });
  await watcher.find((it) => it.type === "session.updated" && it.data.sessionKey === "waits");
  await gateway.api("DELETE", `/v1/tokens/${token.id}`);
  assert.equal((await waiting).status, 401);
  const followed = await watcher.call("chat.subscribe", { sessionKey: "waits" });
  assert.equal(followed.result.status, "running");
  await watcher.call("chat.abort", { runId: followed.result.runId });
  watcher.close();
});

test("a token that rotates itself over HTTP gets its new secret", async () => {
  const token = await newToken("admin");
  const answer = await gateway.api("POST", `/v1/tokens/${token.id}/rotate`, undefined, token.headers);
  assert.equal(answer.status, 200);
  const fresh = { authorization: `Bearer ${answer.body.token}` };
  assert.equal((await gateway.api("GET", "/status", undefined, fresh)).status, 200);
});
