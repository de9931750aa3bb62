import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** What has gone wrong in assistants like this one: it must not here. */

test("every route wants a credential, on loopback too, but for those that say nothing", async () => {
  const gateway = await startGateway();
  try {
    const { body: document } = await gateway.api("GET", "/openapi.json");
    const open: string[] = [];
    for (const [template, item] of Object.entries<Json>(document.paths)) {
      const path = template.replaceAll(/\{\w+\}/g, "x");
      for (const verb of Object.keys(item)) {
        const response = await fetch(gateway.url + path, { method: verb.toUpperCase() });
        await response.text();
        if (response.status !== 401) open.push(path);
        else assert.ok(response.headers.has("www-authenticate"), path);
      }
    }
    assert.deepEqual(open.sort(), ["/", "/healthz", "/readyz"]);
  } finally {
    await gateway.close();
  }
});

test("no credential, key, query string or user's text reaches the log, at its most talkative", async () => {
  const secrets = {
    key: "sk-provider-key-1",
    header: "provider-header-1",
    wrong: "wrong-credential-1",
    said: "what-the-user-said-1",
    ofToken: "",
    ticket: "",
    own: "",
  };
  const provider = {
    baseUrl: "http://127.0.0.1:9/v1", // the discard port: nobody answers
    apiKey: secrets.key,
    headers: { "x-extra": secrets.header },
    models: [{ id: "m" }],
  };
  const gateway = await startGateway({
    config: { models: { providers: { unreachable: provider } } },
    env: { OPENCLAW_LOG_LEVEL: "trace" },
  });
  try {
    secrets.own = gateway.token;
    const made = await gateway.api("POST", "/v1/tokens", { name: "t", scopes: ["chat", "read"] });
    secrets.ofToken = made.body.token;
    secrets.ticket = (await gateway.api("POST", "/v1/tickets")).body.ticket;
    const plain = (path: string, headers: Record<string, string> = {}) =>
      fetch(gateway.url + path, { headers });
    await plain(`/status?token=${secrets.own}`);
    await plain(`/nowhere?token=${secrets.own}`);
    await plain(`/status?password=${secrets.wrong}`);
    await plain("/status", { authorization: `Bearer ${secrets.wrong}` });
    await plain("/status", { "x-openclaw-password": secrets.wrong, "user-agent": secrets.said });
    await assert.rejects(gateway.ws(`/?token=${secrets.wrong}`, {}));
    const socket = await gateway.ws("/", {}, ["openclaw", `openclaw.ticket.${secrets.ticket}`]);
    socket.send(`{"method":"${secrets.said}`);
    await socket.call("chat.run", { message: secrets.said, surprise: secrets.said });
    socket.close();

    const messages = [{ role: "user", content: secrets.said }];
    const failed = await gateway.api("POST", "/v1/chat/completions", { model: "unreachable/m", messages });
    assert.equal(failed.status, 502);
    const run = { message: secrets.said, options: { model: "unreachable/m" } };
    assert.equal((await gateway.api("POST", "/v1/agent/run", run)).status, 502);
    const { requestId } = failed.body.error;
    await until(() => gateway.output().includes(requestId), "the failure is logged");
    await gateway.kill("SIGTERM");
    for (const [name, secret] of Object.entries(secrets)) {
      assert.ok(secret !== "", name);
      assert.ok(!gateway.output().includes(secret), `${name} is in the log:\n${gateway.output()}`);
    }
  } finally {
    await gateway.close();
  }
});
