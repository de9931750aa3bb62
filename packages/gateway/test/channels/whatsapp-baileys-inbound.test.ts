import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { proto } from "baileys";
import { inboundOf } from "../../src/channels/whatsapp/baileys/inbound.ts";
import { recentOf } from "../../src/channels/whatsapp/baileys/recent.ts";
import fixture from "./fixtures/whatsapp/baileys.json" with { type: "json" };

const me = { id: "15550000000:1@s.whatsapp.net", lid: "999000111222333:1@lid" };

describe("WhatsApp as a linked device, what a message says", () => {
  for (const { says, key, message, expected } of fixture.cases) {
    it(`understands ${says}`, () => {
      // Through the wire's own form, as it comes: numbers of 64 bits, bytes, nulls.
      const wire = proto.Message.encode(proto.Message.fromObject(message)).finish();
      const raw = { key, message: proto.Message.decode(wire), messageTimestamp: 1795000000, pushName: "Ann" };
      const found = inboundOf(raw, me);
      if (expected === null) assert.equal(found, undefined);
      else assert.partialDeepStrictEqual(found, expected);
      if (found !== undefined) assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
    });
  }

  it("understands nothing where nothing could be read", () => {
    const key = { remoteJid: "16505551234@s.whatsapp.net", id: "X1" };
    assert.equal(inboundOf({ key, messageStubParameters: ["No session"] }, me), undefined);
  });
});

describe("What is remembered of late", () => {
  it("forgets the oldest first", () => {
    const recent = recentOf<number>(2);
    for (const [index, key] of ["a", "b", "a", "c"].entries()) recent.set(key, index);
    assert.deepEqual([recent.get("a"), recent.get("b"), recent.get("c")], [2, undefined, 3]);
  });
});
