import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { channel } from "../../src/channels/whatsapp/index.ts";
import { begin, join, setupOf } from "../support/adapter-rig.ts";
import { cloudAdapter as adapterOf, cloud } from "../support/whatsapp-cloud.ts";
import { type Crabline, startCrabline } from "../support/whatsapp-crabline.ts";
import { posted } from "../support/whatsapp-webhook.ts";

const { token, appSecret, phoneNumberId } = cloud;
const { signal } = new AbortController();
const options = { signal, idempotencyKey: "key-1" };

describe("WhatsApp's Cloud API, against crabline", () => {
  let crabline: Crabline;
  before(async () => {
    crabline = await startCrabline();
  });
  after(() => crabline.close());

  it("joins, hears a person, shows that it writes, and answers with a quote", async () => {
    const { manifest } = crabline;
    const adapter = adapterOf(manifest.endpoints.apiRoot, {
      accessToken: manifest.accessToken,
      phoneNumberId: manifest.phoneNumberId,
    });
    const life = await join(adapter);
    assert.deepEqual(life.inbox.identities, [
      { account: "15550000000", botUsername: "Crabline Test Bot", id: "15550000000" },
    ]);
    const jid = "16505551234@s.whatsapp.net";
    const { webhook } = await crabline.write({ chatJid: jid, senderJid: jid, text: "ping", pushName: "Ann" });
    assert.equal((await adapter.webhook!(posted(webhook, appSecret), life.inbox)).status, 200);
    const [heard] = life.inbox.messages;
    assert.partialDeepStrictEqual(heard, { text: "ping", sender: { id: "16505551234", name: "Ann" } });
    const to = { chatId: heard!.chat.id, replyTo: heard!.id };
    await adapter.typing!(to, options);
    const { messageId } = await adapter.send(to, { text: "**pong**" }, options);
    assert.match(messageId!, /^wamid\./);
    const bodies = crabline.events
      .filter((it) => it.type === "api" && it.accepted === true)
      .map((it) => it.body);
    assert.partialDeepStrictEqual(bodies.at(-2), {
      status: "read",
      message_id: heard!.id,
      typing_indicator: { type: "text" },
    });
    assert.partialDeepStrictEqual(bodies.at(-1), {
      to: "16505551234",
      recipient_type: "individual",
      type: "text",
      text: { body: "*pong*", preview_url: false },
      context: { message_id: heard!.id },
    });
    await life.stop();
  });

  it("says what is wrong with the token and never shows it", async () => {
    const life = begin(adapterOf(crabline.manifest.endpoints.apiRoot));
    const error = (await life.ended) as Error & { reason: string };
    assert.deepEqual([error.name, error.reason], ["JoinError", "settings"]);
    assert.match(error.message, /accessToken/);
    assert.ok(!JSON.stringify([error.message, error.stack]).includes(token));
  });
});

describe("WhatsApp's Cloud API, addresses", () => {
  const adapter = adapterOf("http://127.0.0.1:1");

  it("knows a number however it is written", async () => {
    for (const written of [
      "+49 170 1234567",
      "0049-170-1234567",
      "whatsapp:+491701234567",
      "491701234567@s.whatsapp.net",
    ]) {
      assert.deepEqual(await adapter.destination(written, { signal }), { chatId: "491701234567" });
      assert.equal(adapter.canonicalId!(written), "491701234567");
    }
    for (const written of ["Ann", "@ann", "12", "+0 1234567"]) {
      await assert.rejects(adapter.destination(written, { signal }), {
        code: "invalid_request",
        param: "to",
      });
    }
  });

  it("is taken where its keys are set, and says which are missing where it is asked for", () => {
    assert.equal(adapter.traits.silenceMs, 0);
    const incomplete = { mode: "cloud", phoneNumberId };
    assert.throws(() => channel.create(setupOf("whatsapp", channel.settings.parse(incomplete))), {
      code: "invalid_request",
      param: "channels.whatsapp.accessToken",
    });
    assert.throws(() => adapterOf("ws://127.0.0.1:1"), { param: "channels.whatsapp.apiRoot" });
  });
});
