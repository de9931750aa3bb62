import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { AccountState } from "../../src/channels/types.ts";
import { memoryState, type RecordingInbox, recordingInbox } from "../support/adapter-rig.ts";
import { until } from "../support/until.ts";
import { type Crabline, startCrabline } from "../support/whatsapp-crabline.ts";
import { linkedValues } from "../support/whatsapp-linked.ts";
import { type Person, personWriting } from "../support/whatsapp-person.ts";
import { tapped } from "../support/whatsapp-tapped.ts";

const annJid = "16505551234@s.whatsapp.net";
const group = "120363001234567890@g.us";

/** crabline hands messages over unsealed. These are sealed, by baileys' own half of Signal, and put to the connected socket. */
describe("WhatsApp as a linked device, sealed messages", () => {
  let crabline: Crabline;
  let values: Map<string, string>;
  let ann: Person;
  let inbox: RecordingInbox;
  before(async () => {
    crabline = await startCrabline();
  });
  after(() => crabline.close());
  beforeEach(async () => {
    values = linkedValues("15550000000");
    ann = await personWriting(annJid, values);
    inbox = recordingInbox();
  });

  const connected = (state?: AccountState) =>
    tapped({ crabline, inbox, state: state ?? memoryState(values) });

  /** What told the server that it may forget a message. */
  const answers = (id: string) =>
    crabline.events
      .map((it) => it.body as { tag?: string; attrs?: Record<string, string> })
      .filter((it) => (it.tag === "receipt" || it.tag === "ack") && it.attrs?.id === id);

  it("acknowledges a message once it is stored, and not before", async () => {
    const stored = Promise.withResolvers<void>();
    const receive = inbox.receive;
    inbox.receive = async (message) => {
      const outcome = await receive(message);
      await stored.promise;
      return outcome;
    };
    const it = await connected();
    it.deliver("CB:message", await ann.write("A1", { conversation: "hello" }));
    await until(() => inbox.messages.length === 1, "the message");
    await it.roundTrip();
    assert.deepEqual(answers("A1"), []);
    stored.resolve();
    await until(() => answers("A1").length > 0, "a receipt");
    assert.partialDeepStrictEqual(inbox.messages[0], { id: `${annJid}:A1`, text: "hello" });
    assert.equal(values.has("pre-key-1"), false, "the key was not used up");
    await it.stop();
    assert.equal(inbox.messages.length, 1);
  });

  it("acknowledges nothing that could not be stored, and can read it when it comes again", async () => {
    const stanza = await ann.write("B1", { conversation: "do not lose me" });
    const next = await ann.write("B2", { conversation: "nor me" });
    inbox.failing = true;
    const first = await connected();
    first.deliver("CB:message", stanza);
    first.deliver("CB:message", next);
    assert.match(String(await first.ended), /the disk is full/);
    assert.deepEqual([...answers("B1"), ...answers("B2")], []);
    assert.ok(values.has("pre-key-1"), "the key was used up for nothing");
    inbox.failing = false;
    const second = await connected();
    second.deliver("CB:message", stanza);
    second.deliver("CB:message", next);
    await until(() => answers("B2").length > 0, "a receipt");
    assert.deepEqual(
      inbox.messages.map(({ id, text }) => [id, text]),
      [
        [`${annJid}:B1`, "do not lose me"],
        [`${annJid}:B2`, "nor me"],
      ],
    );
    await second.stop();
  });

  it("knows a message again whose keys could not be written", async () => {
    const stanza = await ann.write("C1", { conversation: "once" });
    const state = memoryState(values);
    let isFull = false;
    const full: AccountState = {
      ...state,
      set: (changes) => (isFull ? Promise.reject(new Error("the disk is full")) : state.set(changes)),
    };
    const first = await connected(full);
    isFull = true;
    first.deliver("CB:message", stanza);
    await assert.rejects(first.ended, /the disk is full/); // nor can what was learned last be written
    assert.deepEqual(answers("C1"), []);
    const second = await connected();
    second.deliver("CB:message", stanza);
    await until(() => answers("C1").length > 0, "a receipt");
    assert.equal(inbox.messages.length, 1);
    await second.stop();
  });

  it("reads groups by their keys, in order, and knows who is spoken to", async () => {
    const it = await connected();
    const mention = { text: "@15550000000 look", contextInfo: { mentionedJid: ["15550000000@lid"] } };
    it.deliver("CB:message", await ann.writeToGroup(group, "D1", { conversation: "one" }, true));
    it.deliver("CB:message", await ann.writeToGroup(group, "D2", { extendedTextMessage: mention }));
    it.deliver("CB:message", await ann.writeToGroup(group, "D3", { conversation: "three" }));
    await until(() => answers("D3").length > 0, "a receipt");
    assert.deepEqual(
      inbox.messages.map(({ id, text, mentioned, sender, chat }) => [
        id,
        text,
        mentioned,
        sender.id,
        chat.id,
      ]),
      [
        [`${group}:D1`, "one", false, annJid, group],
        [`${group}:D2`, "look", true, annJid, group],
        [`${group}:D3`, "three", false, annJid, group],
      ],
    );
    await it.stop();
  });
});
