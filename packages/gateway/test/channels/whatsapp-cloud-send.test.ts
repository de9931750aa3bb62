import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { ChannelAdapter, SendError } from "../../src/channels/types.ts";
import { begin } from "../support/adapter-rig.ts";
import { cloudAdapter as adapterOf, cloud } from "../support/whatsapp-cloud.ts";
import { type GraphServer, graphError, startGraphServer } from "../support/whatsapp-graph-server.ts";

const { token, phoneNumberId } = cloud;
const { signal } = new AbortController();
const options = { signal, idempotencyKey: "key-1" };

describe("WhatsApp's Cloud API, against a Graph server of ours", () => {
  let graph: GraphServer;
  let adapter: ChannelAdapter;
  const to = { chatId: "16505551234" };
  beforeEach(async () => {
    graph = await startGraphServer();
    graph.on("POST", "/messages", { json: { messages: [{ id: "wamid.SENT" }] } });
    graph.on("POST", "/media", { json: { id: "m-1" } });
    adapter = adapterOf(graph.origin);
  });
  afterEach(() => graph.close());

  async function failure(promise: Promise<unknown>): Promise<SendError> {
    const error: unknown = await promise.then(
      () => assert.fail("it was sent"),
      (thrown) => thrown,
    );
    assert.equal((error as Error).name, "SendError");
    assert.ok(!String((error as Error).stack).includes(token), "the token is in the error");
    assert.ok(
      !String((error as Error).message).includes("secret words"),
      "the answer's body is in the error",
    );
    return error as SendError;
  }

  it("asks at the version that is set, with the token", async () => {
    await adapter.send(to, { text: "hi" }, options);
    assert.deepEqual(
      [graph.calls[0]!.path, graph.calls[0]!.authorization],
      [`/v25.0/${phoneNumberId}/messages`, `Bearer ${token}`],
    );
  });

  for (const [code, status, outcome] of [
    [130429, 400, "later"],
    [131048, 400, "later"],
    [131056, 400, "later"],
    [80007, 400, "later"],
    [4, 400, "later"],
    [190, 401, "refused"],
    [131047, 400, "refused"],
    [131026, 400, "refused"],
    [100, 400, "refused"],
    [131000, 500, "unknown"],
  ] as const) {
    it(`calls error ${code} (${status}) ${outcome}`, async () => {
      graph.on("POST", "/messages", { status, json: graphError(code) });
      assert.equal((await failure(adapter.send(to, { text: "hi" }, options))).outcome, outcome);
    });
  }

  it("passes on when to try again", async () => {
    graph.on("POST", "/messages", { status: 429, json: {}, headers: { "retry-after": "7" } });
    const { outcome, retryAfterMs } = await failure(adapter.send(to, { text: "hi" }, options));
    assert.deepEqual([outcome, retryAfterMs], ["later", 7_000]);
  });

  it("cannot tell whether a message arrived where the answer broke off, and knows that it did not where nobody listens", async () => {
    graph.on("POST", "/messages", (response) => response.destroy());
    assert.equal((await failure(adapter.send(to, { text: "hi" }, options))).outcome, "unknown");
    graph.on("POST", "/messages", { json: { surprise: true } });
    assert.equal((await failure(adapter.send(to, { text: "hi" }, options))).outcome, "unknown");
    const nobody = await startGraphServer();
    await nobody.close();
    assert.equal(
      (await failure(adapterOf(nobody.origin).send(to, { text: "hi" }, options))).outcome,
      "later",
    );
  });

  it("sends the template where the 24-hour window is closed", async () => {
    let first = true;
    graph.on("POST", "/messages", (response) => {
      response.writeHead(first ? 400 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(first ? graphError(131047) : { messages: [{ id: "wamid.TEMPLATE" }] }));
      first = false;
    });
    const templated = adapterOf(graph.origin, { template: { name: "hello_again", language: "de" } });
    const sent = await templated.send({ ...to, replyTo: "wamid.OLD" }, { text: "hi" }, options);
    assert.equal(sent.messageId, "wamid.TEMPLATE");
    assert.deepEqual(graph.calls[1]!.body, {
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "16505551234",
      type: "template",
      template: { name: "hello_again", language: { code: "de" } },
    });
  });

  it("uploads a file and sends it by its id, with words where the kind has them", async () => {
    const bytes = Buffer.from("bytes of a picture");
    const media = { kind: "image", mimeType: "image/png", name: "a.png", bytes } as const;
    await adapter.send(to, { text: "look", media }, options);
    assert.match(String(graph.calls[0]!.body), /filename="a\.png"[\s\S]*bytes of a picture/);
    assert.partialDeepStrictEqual(graph.calls[1]!.body, {
      type: "image",
      image: { id: "m-1", caption: "look" },
    });
    await adapter.send(
      to,
      { text: "listen", media: { ...media, kind: "audio", mimeType: "audio/ogg" } },
      options,
    );
    assert.deepEqual(
      graph.calls.slice(3).map((it) => (it.body as { type: string }).type),
      ["text", "audio"],
    );
    await adapter.send(to, { text: "", media: { ...media, mimeType: "image/webp" } }, options);
    assert.partialDeepStrictEqual(graph.calls.at(-1)!.body, {
      type: "document",
      document: { id: "m-1", filename: "a.png" },
    });
  });

  it("may try a file again that was not uploaded, and not one whose words had gone ahead", async () => {
    const media = { kind: "audio", mimeType: "audio/ogg", name: "a.ogg", bytes: Buffer.from("x") } as const;
    graph.on("POST", "/media", { status: 500, json: graphError(131000) });
    assert.equal((await failure(adapter.send(to, { text: "", media }, options))).outcome, "later");
    graph.on("POST", "/media", { json: { id: "m-1" } });
    let sent = 0;
    graph.on("POST", "/messages", (response) => {
      response.writeHead(sent++ === 0 ? 200 : 429, { "content-type": "application/json" });
      response.end(JSON.stringify({ messages: [{ id: "wamid.1" }] }));
    });
    assert.equal((await failure(adapter.send(to, { text: "words", media }, options))).outcome, "unknown");
  });

  it("fetches a file with the token, within the limit, and from nowhere else", async () => {
    const media = { kind: "image", ref: { id: "77" } } as const;
    graph.on("GET", "/v25.0/77", {
      json: { url: `${graph.origin}/file`, mime_type: "image/jpeg", file_size: 4 },
    });
    graph.on("GET", "/file", (response) => response.end("data"));
    const found = await adapter.download!(media, { signal, maxBytes: 10 });
    assert.deepEqual([Buffer.from(found.bytes).toString(), found.mimeType], ["data", "image/jpeg"]);
    assert.equal(graph.calls.at(-1)!.authorization, `Bearer ${token}`);
    await assert.rejects(adapter.download!(media, { signal, maxBytes: 3 }), { code: "payload_too_large" });
    const other = await startGraphServer();
    graph.on("GET", "/v25.0/77", { json: { url: `${other.origin}/file` } });
    await assert.rejects(adapter.download!(media, { signal, maxBytes: 10 }), { code: "upstream_error" });
    assert.equal(other.calls.length, 0);
    await other.close();
    graph.on("GET", "/v25.0/77", { status: 404, json: graphError(100) });
    await assert.rejects(adapter.download!(media, { signal, maxBytes: 10 }), { code: "upstream_error" });
  });

  it("is not joined without the app's secret, nor with a number that Meta does not know", async () => {
    for (const [changes, words] of [
      [{ appSecret: undefined }, /appSecret/],
      [{}, /phoneNumberId/],
    ] as const) {
      const error = (await begin(adapterOf(graph.origin, changes)).ended) as Error;
      assert.equal(error.name, "JoinError");
      assert.match(error.message, words);
    }
  });

  it("is tried again where Meta has a bad day, or cannot be reached", async () => {
    graph.on("GET", `/${phoneNumberId}`, { status: 503 });
    assert.equal(((await begin(adapter).ended) as Error).name, "Error");
    await graph.close();
    assert.match(((await begin(adapter).ended) as Error).message, /cannot be reached/);
  });
});
