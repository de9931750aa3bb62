import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { hmacSha256 } from "../../src/channels/signatures.ts";
import { type AgentRig, startAgentRig } from "../support/agent-rig.ts";
import type { Json } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** Pictures and voice on their way from a channel to the model, through a real gateway. */

const secret = "a secret of the pictures";
/** One transparent pixel. */
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("what comes with a message", () => {
  let rig: AgentRig;
  let platform: Server;
  let speech: Server;
  const answers: string[] = [];
  let count = 0;

  before(async () => {
    platform = createServer(async (request, response) => {
      let text = "";
      for await (const piece of request.setEncoding("utf8")) text += piece;
      answers.push((JSON.parse(text) as { text: string }).text); // as the channel's page says
      response.end("{}");
    }).listen(0, "127.0.0.1");
    speech = createServer((request, response) => {
      request.resume().on("end", () => {
        response.setHeader("content-type", "application/json").end('{"text":"buy milk"}');
      });
    }).listen(0, "127.0.0.1");
    await Promise.all([once(platform, "listening"), once(speech, "listening")]);
    const port = (server: Server) => (server.address() as AddressInfo).port;
    rig = await startAgentRig({
      models: {
        providers: { speech: { baseUrl: `http://127.0.0.1:${port(speech)}/v1`, apiKey: "speech-key" } },
      },
      tools: { media: { audio: { model: "speech/whisper" } } },
      channels: {
        webhook: { secret, url: `http://127.0.0.1:${port(platform)}/`, dmPolicy: "open", allowFrom: ["*"] },
      },
    });
    rig.fake.script(() => [{ text: "done" }]);
  });

  after(async () => {
    await rig.close();
    platform.close();
    speech.close();
  });

  async function bring(message: Json): Promise<void> {
    const before = answers.length;
    count += 1;
    const body = JSON.stringify({ id: `m${count}`, sentAt: Date.now(), from: { id: "anna" }, ...message });
    const timestamp = String(Math.floor(Date.now() / 1000));
    await until(async () => {
      const answer = await fetch(`${rig.gateway.url}/webhooks/webhook`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-openclaw-timestamp": timestamp,
          "x-openclaw-signature": `sha256=${hmacSha256(secret, `${timestamp}.${body}`)}`,
        },
        body,
      });
      return answer.status === 200;
    }, "the message is taken");
    await until(() => answers.length > before, "an answer");
  }

  it("is shown to the model if it is a picture", async () => {
    await bring({
      text: "What is this?",
      attachments: [{ type: "image", mimeType: "image/png", name: "x.png", data: pixel }],
    });
    const asked = JSON.stringify(rig.lastRequest());
    assert.match(asked, /What is this\?/);
    assert.ok(asked.includes(`data:image/png;base64,${pixel}`), "the picture is not in the request");
  });

  it("is put into words if it is a voice message", async () => {
    const data = Buffer.from("OggS and then some sound").toString("base64");
    await bring({
      text: "",
      attachments: [{ type: "audio", mimeType: "audio/ogg", name: "voice.ogg", data }],
    });
    assert.match(JSON.stringify(rig.lastRequest()), /\[voice message\] buy milk/);
  });

  it("is a note if it is no picture that a model takes, whatever it says of itself", async () => {
    const data = Buffer.from("<!doctype html><script>alert(1)</script>").toString("base64");
    const liar = { type: "image", mimeType: "image/png", name: "x.png", data };
    await bring({ text: "And this?", attachments: [liar] });
    const asked = JSON.stringify(rig.lastRequest().messages.at(-1));
    assert.doesNotMatch(asked, /data:image/);
  });
});
