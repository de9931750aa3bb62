import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { until } from "../support/until.ts";
import { begun, ended } from "./responses-background-rig.ts";
import { type ResponsesRig, startResponsesRig, wireModels } from "./responses-rig.ts";

/** What a gateway was making when it ended. */

let rig: ResponsesRig;

before(async () => {
  rig = await startResponsesRig();
});

after(() => rig.close());

describe("a gateway that ends", () => {
  const model = wireModels.messages;
  const sdk = () =>
    new OpenAI({ baseURL: `${rig.gateway.url}/v1`, apiKey: rig.gateway.token, maxRetries: 0 });

  for (const how of ["SIGKILL", "SIGTERM"] as const) {
    test(`by ${how} leaves what it was making failed, not in progress`, async () => {
      rig.fake.script([{ text: "half" }, { hang: true }]);
      const asked = rig.fake.requests.length;
      const plain = await sdk().responses.create({ model, input: "go", background: true });
      const stream = await sdk().responses.create({ model, input: "go", background: true, stream: true });
      const [id] = await begun(stream);
      await until(() => rig.fake.requests.length === asked + 2, "the provider is asked");
      await rig.gateway.kill(how);
      await rig.gateway.restart();
      for (const it of [plain.id, id]) {
        const left = await sdk().responses.retrieve(it);
        assert.deepEqual([left.status, left.error!.code], ["failed", "server_error"]);
        assert.match(left.error!.message, /stopped/);
        assert.equal((await sdk().responses.cancel(it)).status, "failed");
      }
      rig.fake.script([{ text: "again" }]);
      const next = await sdk().responses.create({ model, input: "b", background: true });
      assert.equal((await ended(next.id, sdk())).output_text, "again");
    });
  }
});
