import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import JSON5 from "json5";
import { type Json, startGateway } from "../support/gateway.ts";
import { harness, type RunOptions } from "./harness.ts";

const secret = "0123456789abcdef";

/** A receiver of the webhook channel's messages that answers as told; 200 unless told. */
async function receiver(t: TestContext) {
  const got: Json[] = [];
  const answers = { status: 200 };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    got.push(JSON.parse(body));
    response.writeHead(answers.status).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}/`, got, answers };
}

/** The command line at a real gateway. */
async function at(t: TestContext, channels: Json = {}) {
  const gateway = await startGateway({ config: { channels } });
  t.after(() => gateway.close());
  const { run, home } = await harness(t);
  const env = { OPENCLAW_GATEWAY_URL: gateway.url, OPENCLAW_GATEWAY_TOKEN: gateway.token };
  const file = async () =>
    JSON5.parse(await readFile(join(gateway.stateDir, "openclaw.json"), "utf8")).channels;
  const openclaw = (args: string[], options: RunOptions = {}) => run(args, { ...options, env });
  const json = async (args: string[]) => JSON.parse((await openclaw([...args, "--json"])).stdout);
  return { openclaw, json, file, home };
}

describe("openclaw channels, at a gateway", () => {
  it("adds a channel, shows it, switches it and removes it", async (t) => {
    const { openclaw, json, file } = await at(t);
    const added = await openclaw([
      ...["channels", "add", "webhook", "--set", `secret=${secret}`, "--set", 'allowFrom=["ann"]'],
      ...["--set", "timeoutMs=5000"],
    ]);
    assert.deepEqual([added.code, added.stderr], [0, ""]);
    assert.match(added.stdout, /^Webhook is on: conn/);
    const section = { enabled: true, secret, allowFrom: ["ann"], timeoutMs: 5000 };
    assert.deepEqual((await file()).webhook, section);
    assert.match((await openclaw(["channels"])).stdout, /^webhook +on +conn[\s\S]*^webchat +on +connected/m);

    const shown = await openclaw(["channels", "status", "webhook"]);
    assert.match(shown.stdout, /^Waiting +0 to be answered$/m);
    assert.match(shown.stdout, /^Unknown +0 of which/m);
    assert.match(shown.stdout, /^Webhook path +\/webhooks\/webhook$/m);
    assert.doesNotMatch(shown.stdout, new RegExp(secret));

    assert.equal((await openclaw(["channels", "disable", "webhook"])).stdout, "Webhook is off: disabled.\n");
    assert.match((await openclaw(["channels", "enable", "webhook"])).stdout, /^Webhook is on: /);
    assert.deepEqual(
      (await json(["channels", "disable-all"])).channels.map((it: Json) => [it.id, it.enabled]),
      [["webhook", false]],
    );
    assert.equal((await openclaw(["channels", "disable-all"])).stdout, "No channel was on.\n");

    const removed = await openclaw(["channels", "remove", "webhook"]);
    assert.equal(removed.stdout, "Removed Webhook from the configuration.\n");
    assert.equal((await file()).webhook, undefined);
  });

  it("asks for what is needed where somebody sits at the terminal, and for no more", async (t) => {
    const { openclaw, file } = await at(t);
    const questions: string[] = [];
    const answer = (question: string) => {
      questions.push(question);
      return ` ${secret} `;
    };
    assert.equal((await openclaw(["channels", "add", "webhook"], { answer })).code, 0);
    assert.deepEqual((await file()).webhook, { enabled: true, secret });
    assert.match(questions.join(), /^Secret .*WEBHOOK_SECRET/);
    assert.equal(
      (await openclaw(["channels", "add", "webhook", "--set", "timeoutMs=900"], { answer })).code,
      0,
    );
    assert.equal(questions.length, 1);
    assert.deepEqual((await file()).webhook, { enabled: true, secret, timeoutMs: 900 });
  });

  it("says what is missing where nobody does, and exits 1", async (t) => {
    const { openclaw } = await at(t);
    const { code, stdout } = await openclaw(["channels", "add", "webhook", "--set", "timeoutMs=900"]);
    assert.deepEqual(
      [code, stdout],
      [1, "Webhook is on: not configured. Set channels.webhook.secret in openclaw.json.\n"],
    );
    const url = await openclaw(["channels", "add", "webhook", "--set", "url=http://127.0.0.1:9/"]);
    assert.equal(url.code, 1);
    assert.match(url.stderr, /"url" can only be set in openclaw\.json/);
    const bare = await openclaw(["channels", "add", "webhook", "--set", secret]);
    assert.match(bare.stderr, /--set must be like key=value/);
    assert.doesNotMatch(bare.stderr, new RegExp(secret));
    assert.match((await openclaw(["channels", "add", "none"])).stderr, /There is no channel "none"/);
  });

  it("sends text and files, and tells how it went", async (t) => {
    const { url, got } = await receiver(t);
    const { openclaw, json, home } = await at(t, { webhook: { secret, url } });
    const sent = await openclaw([
      ...["channels", "send", "webhook", "--to", "ann", "--text", "**Hi**"],
      ...["--reply-to", "m1", "--thread", "t1"],
    ]);
    assert.deepEqual([sent.code, sent.stderr], [0, ""]);
    assert.match(sent.stdout, /^Sent \S+\.\n$/);
    assert.deepEqual(got[0]?.to, { chatId: "ann", threadId: "t1", replyTo: "m1" });
    assert.equal(got[0]?.text, "**Hi**");

    const paths = ["a.txt", "b.bin"].map((name) => join(home, name));
    for (const path of paths) await writeFile(path, `bytes of ${path.slice(-5)}`);
    const files = paths.flatMap((path) => ["--file", path]);
    const result = await json(["message", "send", "--channel", "webhook", "--to", "ann", ...files]);
    assert.equal(result.status, "sent");
    assert.deepEqual(
      got
        .slice(1)
        .map(({ attachment }) => [attachment.name, Buffer.from(attachment.data, "base64").toString()]),
      [
        ["a.txt", "bytes of a.txt"],
        ["b.bin", "bytes of b.bin"],
      ],
    );
    assert.equal(
      (await json(["channels", "deliveries", "webhook", "--status", "sent"])).deliveries.length,
      3,
    );

    const wrong = [
      await openclaw(["channels", "send", "webhook", "--to", "ann"]),
      await openclaw(["channels", "send", "webhook", "--to", "ann", "--file", join(home, "none")]),
      await openclaw(["message", "send", "--to", "ann", "--text", "x"]),
    ];
    assert.deepEqual(
      wrong.map((it) => it.code),
      [1, 1, 1],
    );
    assert.match(wrong[1]!.stderr, /none cannot be read \(ENOENT\)/);
  });

  it("sends nothing with --dry-run, and finds a wrong channel all the same", async (t) => {
    const { url, got } = await receiver(t);
    const { openclaw, json } = await at(t, { webhook: { secret, url } });
    const args = ["message", "send", "--to", "ann", "--message", "Hi", "--dry-run", "--channel"];
    assert.match((await openclaw([...args, "webhook"])).stdout, /^Would send +Hi$/m);
    const { dryRun, to, text } = await json([...args, "webhook"]);
    assert.deepEqual([dryRun, to, text], [true, "ann", "Hi"]);
    assert.equal((await openclaw([...args, "none"])).code, 1);
    assert.deepEqual(got, []);
  });

  it("lists what failed and sends it again", async (t) => {
    const { url, got, answers } = await receiver(t);
    const { openclaw, json } = await at(t, { webhook: { secret, url } });
    answers.status = 400;
    const sent = await openclaw(["channels", "send", "webhook", "--to", "ann", "--text", "Hi"]);
    assert.equal(sent.code, 1);
    const { deliveries } = await json(["channels", "deliveries", "webhook", "--status", "failed"]);
    const [{ deliveryId }] = deliveries;
    const listed = await openclaw(["channels", "deliveries", "webhook"]);
    assert.match(listed.stdout, new RegExp(`^${deliveryId} .* ann +failed +1 +Hi +\\S`, "m"));
    assert.match((await openclaw(["channels", "status", "webhook"])).stdout, /^Failed +1$/m);

    answers.status = 200;
    const again = await openclaw(["channels", "retry", "webhook", deliveryId]);
    assert.equal(again.stdout, `${deliveryId} is queued again.\n`);
    await openclaw(["channels", "send", "webhook", "--to", "ann", "--text", "And"]);
    assert.deepEqual(
      got.map((it) => it.text),
      ["Hi", "Hi", "And"],
    );
    assert.equal((await openclaw(["channels", "retry", "webhook", "none"])).code, 1);
    const wrong = await openclaw(["channels", "deliveries", "webhook", "--status", "lost"]);
    assert.match(wrong.stderr, /--status must be one of queued/);
  });
});
