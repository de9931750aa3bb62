import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inboundOf } from "../../src/channels/whatsapp/cloud/inbound.ts";
import { messagesValue } from "../../src/channels/whatsapp/cloud/payload.ts";
import { recordingInbox } from "../support/adapter-rig.ts";
import { cloudAdapter as adapterOf, cloud } from "../support/whatsapp-cloud.ts";
import { asked, posted } from "../support/whatsapp-webhook.ts";
import fixture from "./fixtures/whatsapp/cloud.json" with { type: "json" };

const { appSecret, phoneNumberId } = cloud;

function bodyOf(...messages: object[]): object {
  const value = { ...fixture.value, messages };
  return {
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value }] }],
  };
}

const text = (id: string, body = "hello") => ({
  from: "16505551234",
  id,
  timestamp: "1749416383",
  type: "text",
  text: { body },
});

describe("WhatsApp's Cloud API, incoming", () => {
  for (const { says, message, expected } of fixture.cases) {
    it(`understands ${says}`, () => {
      const found = inboundOf(message, messagesValue.parse(fixture.value));
      if (typeof expected === "string") assert.equal(found, expected);
      else assert.partialDeepStrictEqual(found, expected);
    });
  }

  it("answers Meta's subscription with the challenge, and only to who knows the word", async () => {
    const adapter = adapterOf("http://127.0.0.1:1");
    const inbox = recordingInbox();
    const good = { "hub.mode": "subscribe", "hub.verify_token": "verify", "hub.challenge": "1158201444" };
    assert.deepEqual(await adapter.webhook!(asked(good), inbox), {
      status: 200,
      body: "1158201444",
      contentType: "text/plain",
    });
    const bad = [
      { ...good, "hub.verify_token": "other" },
      { ...good, "hub.mode": "x" },
      { ...good, "hub.challenge": "<script>" },
    ];
    for (const query of bad) assert.equal((await adapter.webhook!(asked(query), inbox)).status, 403);
    const none = adapterOf("http://127.0.0.1:1", { verifyToken: undefined });
    assert.equal((await none.webhook!(asked({ ...good, "hub.verify_token": "" }), inbox)).status, 403);
  });

  it("takes signed messages in, in their order, and knows those that come again", async () => {
    const adapter = adapterOf("http://127.0.0.1:1");
    const inbox = recordingInbox();
    const body = bodyOf(text("wamid.1"), text("wamid.2"), text("wamid.3"));
    for (let time = 0; time < 2; time++) {
      assert.equal((await adapter.webhook!(posted(body, appSecret), inbox)).status, 200);
    }
    assert.deepEqual(
      inbox.messages.map((it) => it.id),
      ["wamid.1", "wamid.2", "wamid.3"],
    );
  });

  it("reads nothing that is not signed, and believes no wrong signature", async () => {
    const adapter = adapterOf("http://127.0.0.1:1");
    const inbox = recordingInbox();
    const body = () => assert.fail("it was read before it was known who sent it");
    for (const header of [undefined, "", "sha256=", "sha1=abc", `sha256=${"g".repeat(64)}`]) {
      const request = posted(bodyOf(text("wamid.1")), appSecret, {
        headers: { "x-hub-signature-256": header },
        body,
      });
      assert.equal((await adapter.webhook!(request, inbox)).status, 401);
    }
    assert.equal((await adapter.webhook!(posted(bodyOf(text("wamid.1")), "guess"), inbox)).status, 401);
    const open = adapterOf("http://127.0.0.1:1", { appSecret: undefined });
    assert.equal((await open.webhook!(posted(bodyOf(text("wamid.1")), ""), inbox)).status, 401);
    assert.equal(inbox.messages.length, 0);
    assert.deepEqual(new Set(inbox.rejections), new Set(["unsigned"]));
  });

  it("refuses what is too large, what is no JSON, and what is for another number", async () => {
    const adapter = adapterOf("http://127.0.0.1:1");
    const inbox = recordingInbox();
    const large = posted("x".repeat(3 * 1024 * 1024 + 1), appSecret);
    assert.equal((await adapter.webhook!(large, inbox)).status, 413);
    assert.equal((await adapter.webhook!(posted("{", appSecret), inbox)).status, 200);
    const other = JSON.parse(JSON.stringify(bodyOf(text("wamid.1"))).replace(phoneNumberId, "999"));
    assert.equal((await adapter.webhook!(posted(other, appSecret), inbox)).status, 200);
    assert.deepEqual(inbox.rejections, ["too_large", "malformed", "not_for_us"]);
    assert.equal(inbox.messages.length, 0);
  });

  it("does not acknowledge what could not be stored", async () => {
    const adapter = adapterOf("http://127.0.0.1:1");
    const inbox = recordingInbox();
    inbox.failing = true;
    await assert.rejects(
      adapter.webhook!(posted(bodyOf(text("wamid.1")), appSecret), inbox),
      /the disk is full/,
    );
    inbox.failing = false;
    await adapter.webhook!(posted(bodyOf(text("wamid.1")), appSecret), inbox);
    assert.equal(inbox.messages.length, 1);
  });

  it("takes the neighbours of a malformed message in", async () => {
    const inbox = recordingInbox();
    const body = bodyOf(text("wamid.1"), { id: 5 }, text("wamid.2"));
    assert.equal(
      (await adapterOf("http://127.0.0.1:1").webhook!(posted(body, appSecret), inbox)).status,
      200,
    );
    assert.deepEqual([inbox.messages.length, inbox.rejections], [2, ["malformed"]]);
  });
});
