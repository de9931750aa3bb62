import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import type { Json } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { type ResponsesRig, startResponsesRig, wireModels } from "./responses-rig.ts";
import { openTurns, textOf } from "./responses-socket-rig.ts";

/** Who may open a socket of Responses, for how long, and how much of it. */

let rig: ResponsesRig;

before(async () => {
  rig = await startResponsesRig();
});

after(() => rig.close());

describe("who may", () => {
  const model = wireModels.chat;

  test("without chat, or without a credential, no socket opens", async () => {
    const { body } = await rig.gateway.api("POST", "/v1/tokens", { name: "reader", scopes: ["read"] });
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    await assert.rejects(rig.gateway.ws("/v1/responses", bearer(body.token)), /response: 403/);
    await assert.rejects(rig.gateway.ws("/v1/responses", bearer("wrong")), /response: 401/);
    await assert.rejects(rig.gateway.ws("/v1/responses", {}), /response: 401/);
  });

  test("a revoked token's socket closes, and its provider's", async (t) => {
    rig.fake.script([{ text: "a" }, { hang: true }]);
    const { body } = await rig.gateway.api("POST", "/v1/tokens", { name: "short", scopes: ["chat"] });
    const index = rig.fake.requests.length;
    const sdk = new OpenAI({ baseURL: `${rig.gateway.url}/v1`, apiKey: body.token });
    const socket = openTurns(t, sdk);
    socket.ws.send({ type: "response.create", model, input: "hi" });
    await until(() => rig.fake.requests.length > index, "the provider is asked");
    assert.equal((await rig.gateway.api("DELETE", `/v1/tokens/${body.tokenId}`)).status, 200);
    assert.equal(await socket.closed, 1008);
    await until(() => rig.fake.requests[index]!.aborted, "the upstream socket closes");
  });

  test("an answer counts as a request: by the minute, and while it lasts", async (t) => {
    const limited = async (limits: Json) => {
      const { body } = await rig.gateway.api("POST", "/v1/tokens", { name: "l", scopes: ["chat"], limits });
      return new OpenAI({ baseURL: `${rig.gateway.url}/v1`, apiKey: body.token, maxRetries: 0 });
    };
    rig.fake.script([{ text: "a" }]);
    const slow = openTurns(t, await limited({ perMinute: 2 }));
    const codes: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const end = (await slow.ask({ model, input: "hi" })).at(-1)!;
      codes.push(end.error?.code ?? end.type);
      if (end.error) assert.equal(end.status, 429);
    }
    assert.deepEqual(codes, ["response.completed", "response.completed", "rate_limited"]);

    const gate = Promise.withResolvers<void>();
    rig.fake.script([{ pause: gate.promise }, { text: "a" }]);
    const sdk = await limited({ concurrency: 1 });
    const busy = openTurns(t, sdk);
    const asked = rig.fake.requests.length;
    busy.ws.send({ type: "response.create", model, input: "hi" });
    await until(() => rig.fake.requests.length > asked, "the provider is asked");
    await assert.rejects(sdk.responses.create({ model, input: "hi" }), OpenAI.RateLimitError);
    gate.resolve();
    assert.equal(textOf(await busy.next()), "a");
    assert.equal((await sdk.responses.create({ model, input: "hi" })).output_text, "a");
  });
});
