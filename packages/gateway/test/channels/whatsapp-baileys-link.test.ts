import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { memoryState, recordingInbox } from "../support/adapter-rig.ts";
import { type Crabline, startCrabline } from "../support/whatsapp-crabline.ts";
import { linkedValues } from "../support/whatsapp-linked.ts";
import { tapped } from "../support/whatsapp-tapped.ts";

const ann = "16505551234@s.whatsapp.net";
const { signal } = new AbortController();

describe("WhatsApp as a linked device, a message on its way", () => {
  let crabline: Crabline;
  before(async () => {
    crabline = await startCrabline();
  });
  after(() => crabline.close());
  const connected = () =>
    tapped({ crabline, inbox: recordingInbox(), state: memoryState(linkedValues("15550000000")) });

  it("is refused where WhatsApp acknowledges it with an error", async () => {
    const it = await connected();
    const sending = it.link.send(ann, { text: "hi" }, { keyId: "3EB0A1", signal });
    it.deliver("TAG:3EB0A1", { tag: "ack", attrs: { id: "3EB0A1", class: "message", error: "463" } });
    await assert.rejects(sending, { name: "SendError", outcome: "refused" });
    await it.stop();
  });

  it("may have arrived where whoever sent it stopped waiting", async () => {
    const it = await connected();
    const controller = new AbortController();
    const sending = it.link.send(ann, { text: "hi" }, { keyId: "3EB0A2", signal: controller.signal });
    controller.abort();
    await assert.rejects(sending, { name: "SendError", outcome: "unknown" });
    await it.stop();
  });

  it("is safe to send again where the connection had ended before", async () => {
    const it = await connected();
    await it.stop();
    const sending = it.link.send(ann, { text: "hi" }, { keyId: "3EB0A3", signal });
    await assert.rejects(sending, { name: "SendError", outcome: "later" });
  });

  it("is safe to send again where the connection ends during the questions before it", async () => {
    const it = await connected();
    const sending = it.link.send(ann, { text: "hi" }, { keyId: "3EB0A4", signal });
    const stopped = it.stop();
    await assert.rejects(sending, { name: "SendError", outcome: "later" });
    await stopped;
  });
});
