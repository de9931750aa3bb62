import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { endOf, refusalOf, statusOf } from "../../src/channels/whatsapp/baileys/failures.ts";
import { isLinked, openKeptState } from "../../src/channels/whatsapp/baileys/kept-state.ts";
import { loadBaileys } from "../../src/channels/whatsapp/baileys/library.ts";
import { loginOf } from "../../src/channels/whatsapp/baileys/login.ts";
import { memoryState, recordingInbox } from "../support/adapter-rig.ts";
import { until } from "../support/until.ts";
import { type Crabline, startCrabline } from "../support/whatsapp-crabline.ts";
import { linkedValues } from "../support/whatsapp-linked.ts";
import { tapped } from "../support/whatsapp-tapped.ts";

const number = "15550000000";

/** What WhatsApp sends to a device that no phone has linked: words for QR codes. */
const pairDevice = {
  tag: "iq",
  attrs: { from: "s.whatsapp.net", type: "set", id: "pair-1", xmlns: "md" },
  content: [
    {
      tag: "pair-device",
      attrs: {},
      content: ["one", "two"].map((word) => ({ tag: "ref", attrs: {}, content: Buffer.from(word) })),
    },
  ],
};

describe("WhatsApp as a linked device, logging in", () => {
  let crabline: Crabline;
  before(async () => {
    crabline = await startCrabline();
  });
  after(() => crabline.close());

  it("shows a QR code where one was asked for", async () => {
    const inbox = recordingInbox();
    const it = await tapped({
      crabline,
      inbox,
      state: memoryState(linkedValues(number)),
      login: { method: "qr" },
    });
    it.deliver("CB:iq,type:set,pair-device", pairDevice);
    await until(() => inbox.logins.length > 0, "a QR code");
    assert.match(inbox.logins[0]!.qr!, /one,[\w+/=]+,[\w+/=]+,[\w+/=]+/);
    assert.match(inbox.logins[0]!.message, /Linked devices/);
    await it.stop();
  });

  it("shows a pairing code in the form in which phones ask for it", async () => {
    const inbox = recordingInbox();
    const login = { method: "code", digits: "491701234567" } as const;
    const it = await tapped({ crabline, inbox, state: memoryState(linkedValues(number)), login });
    it.deliver("CB:iq,type:set,pair-device", pairDevice);
    await until(() => inbox.logins.length > 0, "a pairing code");
    assert.match(inbox.logins[0]!.code!, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    await it.stop();
  });

  it("ends where nobody asked for a login", async () => {
    const inbox = recordingInbox();
    const it = await tapped({ crabline, inbox, state: memoryState(linkedValues(number)) });
    it.deliver("CB:iq,type:set,pair-device", pairDevice);
    assert.match(String(await it.ended), /openclaw channels login whatsapp/);
    assert.deepEqual(inbox.logins, []);
  });

  for (const [code, name, reason] of [
    [401, "JoinError", "login"],
    [403, "JoinError", "settings"],
    [405, "JoinError", "settings"],
    [440, "JoinError", "settings"],
    [503, "Error", undefined],
    [515, "Error", undefined],
  ] as const) {
    it(`calls the end with ${code} ${name}${reason === undefined ? "" : ` (${reason})`}`, async () => {
      const it = await tapped({
        crabline,
        inbox: recordingInbox(),
        state: memoryState(linkedValues(number)),
      });
      it.deliver("CB:failure", { tag: "failure", attrs: { reason: String(code) } });
      const end = await it.ended;
      assert.equal(statusOf(end), code);
      const error = endOf(end, { isLoggingIn: false });
      assert.deepEqual([error.name, "reason" in error ? error.reason : undefined], [name, reason]);
    });
  }

  it("tells a QR code that ran out from a connection that did", () => {
    const timedOut = Object.assign(new Error("QR refs attempts ended"), { output: { statusCode: 408 } });
    assert.match(endOf(timedOut, { isLoggingIn: true }).message, /expired/);
    assert.match(endOf(timedOut, { isLoggingIn: false }).message, /was lost \(408\)/);
  });

  it("takes the number from the wish before the settings, and any spelling of it", () => {
    assert.deepEqual(loginOf({ method: "code", phoneNumber: "+49 170 1234567" }, "+1 650 5551234"), {
      method: "code",
      digits: "491701234567",
    });
    assert.deepEqual(loginOf({ method: "code" }, "+1 650 5551234"), {
      method: "code",
      digits: "16505551234",
    });
    assert.equal(loginOf(undefined, "+1 650 5551234"), undefined);
  });

  it("calls a negative acknowledgement a refusal, with what it means", () => {
    assert.equal(refusalOf("463").outcome, "refused");
    assert.match(refusalOf("463").message, /begin new chats/);
  });
});

describe("WhatsApp as a linked device, the package", () => {
  it("says how to install baileys where it is missing", async () => {
    await assert.rejects(
      loadBaileys("baileys-that-nobody-installed"),
      (error: Error & { reason?: string }) => {
        assert.deepEqual([error.name, error.reason], ["JoinError", "settings"]);
        assert.match(error.message, /npm install baileys@7\.0\.0-rc14/);
        return true;
      },
    );
  });
});

describe("WhatsApp as a linked device, its session on disk", () => {
  it("reads back what it wrote, in baileys' own types", async () => {
    const library = await loadBaileys();
    const values = new Map<string, string>();
    const state = memoryState(values);
    const first = await openKeptState(state, library, noFailure);
    assert.equal(await isLinked(state), false);
    const pair = library.Curve.generateKeyPair();
    const syncKey = library.proto.Message.AppStateSyncKeyData.fromObject({ keyData: Buffer.from("key") });
    await first.auth.keys.set({ "pre-key": { "1": pair, "2": pair }, "app-state-sync-key": { a: syncKey } });
    await first.auth.keys.set({ "pre-key": { "2": null } });
    await first.save();
    const second = await openKeptState(state, library, noFailure);
    const { noiseKey, signedPreKey, registrationId } = first.auth.creds;
    assert.partialDeepStrictEqual(second.auth.creds, { noiseKey, signedPreKey, registrationId });
    const keys = await second.auth.keys.get("pre-key", ["1", "2", "3"]);
    assert.deepEqual(Object.keys(keys), ["1"]);
    assert.deepEqual(Buffer.from(keys["1"]!.private), Buffer.from(pair.private));
    const found = await second.auth.keys.get("app-state-sync-key", ["a"]);
    assert.equal(Buffer.from(found.a!.keyData!).toString(), "key");
    assert.deepEqual([...values.keys()].sort(), ["app-state-sync-key-a", "creds", "pre-key-1"]);
    assert.equal(await isLinked(memoryState(linkedValues(number))), true);
  });

  it("tells of a disk that is full at once", async () => {
    const failures: unknown[] = [];
    const state = { ...memoryState(), set: () => Promise.reject(new Error("the disk is full")) };
    const kept = await openKeptState(state, await loadBaileys(), (error) => failures.push(error));
    await assert.rejects(kept.save(), /the disk is full/);
    await assert.rejects(async () => kept.auth.keys.set({ "pre-key": { "1": null } }), /the disk is full/);
    assert.equal(failures.length, 2);
  });
});

function noFailure(error: unknown): never {
  throw error;
}
