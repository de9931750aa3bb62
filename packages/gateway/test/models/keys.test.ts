import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeModel, FakeStep } from "../support/fake-model.ts";
import { startFakeModel } from "../support/fake-model.ts";
import { startGateway } from "../support/gateway.ts";
import { startAskingRig } from "./asking-rig.ts";
import { failure } from "./wire-under-test.ts";

const apiKeys = ["sk-first-key", "sk-second-key", "sk-third-key"];

/** Refuses all keys but those named. */
function only(...good: string[]) {
  return ({ headers }: FakeModel["requests"][number]): FakeStep[] =>
    good.some((it) => headers.authorization === `Bearer ${it}`)
      ? [{ text: "welcome" }]
      : [{ status: 401, body: { error: { message: `bad key ${headers.authorization}` } } }];
}

const used = (fake: FakeModel | undefined) =>
  fake!.requests.map((it) => it.headers.authorization?.replace("Bearer ", ""));

test("a key that is refused rests, and the next one is used without asking the first again", async (t) => {
  const rig = await startAskingRig(t, { providers: { a: { apiKeys, script: only(apiKeys[1]!) } } });
  assert.equal(await rig.say(["a/m"]), "welcome");
  assert.equal(await rig.say(["a/m"]), "welcome");
  assert.deepEqual(used(rig.fakes.a), [apiKeys[0], apiKeys[1], apiKeys[1]]);
  rig.later(5 * 60_000);
  await rig.say(["a/m"]);
  assert.equal(used(rig.fakes.a)[3], apiKeys[0]);
});

test("a key that is used up hands over to the next one, and all keys come before the next model", async (t) => {
  const script = (_: unknown, count: number): FakeStep[] =>
    count < 3 ? [{ status: 429, headers: { "retry-after": "60" } }] : [{ text: "never" }];
  const rig = await startAskingRig(t, { providers: { a: { apiKeys, script }, b: {} } });
  assert.equal(await rig.say(["a/m", "b/m"]), "b speaks");
  assert.deepEqual(used(rig.fakes.a), apiKeys);
});

test("a key rests for one model alone", async (t) => {
  const script = ({ headers, body }: FakeModel["requests"][number]): FakeStep[] =>
    body.model === "m" && headers.authorization === `Bearer ${apiKeys[0]}`
      ? [{ status: 403 }]
      : [{ text: "welcome" }];
  const rig = await startAskingRig(t, { providers: { a: { apiKeys, script } } });
  await rig.say(["a/m"]);
  await rig.say(["a/other"]);
  assert.equal(used(rig.fakes.a).at(-1), apiKeys[0]);
});

test("a key of the environment stands in for apiKey, apiKeys come after it, and none is used twice", async (t) => {
  const rig = await startAskingRig(t, {
    providers: {
      openai: { apiKey: "sk-written", apiKeys: ["sk-more", "sk-env", "sk-more"], script: only() },
    },
    env: { OPENAI_API_KEY: "sk-env" },
  });
  await failure(rig.say(["openai/m"]));
  assert.deepEqual(used(rig.fakes.openai), ["sk-env", "sk-more"]);
});

test("a key that no header can carry is passed over; alone it is the error, without the key", async (t) => {
  const broken = "sk-broken\nsk-line";
  const rig = await startAskingRig(t, {
    providers: { a: { apiKeys: [broken, apiKeys[1]], script: only(apiKeys[1]!) }, b: { apiKey: broken } },
  });
  assert.equal(await rig.say(["a/m"]), "welcome");
  const error = await failure(rig.say(["b/m"]));
  assert.match(error.message, /line break/);
  assert.ok(!error.message.includes("sk-broken"));
});

test("google and anthropic say with a 400 what is wrong with a key", async (t) => {
  const google = {
    error: { code: 400, message: "API key not valid.", details: [{ reason: "API_KEY_INVALID" }] },
  };
  const anthropic = { error: { type: "x", message: "Your credit balance is too low to access the API." } };
  for (const body of [google, anthropic]) {
    const rig = await startAskingRig(t, { providers: { a: { script: [{ status: 400, body }] }, b: {} } });
    assert.equal(await rig.say(["a/m", "b/m"]), "b speaks");
    assert.equal((await failure(rig.say(["a/m"]))).code, "upstream_error");
  }
});

test("bodies that are passed on use all keys as well, whole and streamed, and show none", async (t) => {
  const fake = await startFakeModel(only(apiKeys[1]!));
  t.after(() => fake.close());
  const provider = { baseUrl: `${fake.url}/v1`, apiKeys };
  const gateway = await startGateway({ config: { models: { providers: { fake: provider } } } });
  t.after(() => gateway.close());
  const body = { model: "fake/m", messages: [{ role: "user", content: "hi" }], vendor_thing: 7 };
  const whole = await gateway.api("POST", "/v1/chat/completions", body);
  assert.equal(whole.body.choices[0].message.content, "welcome");
  const streamed = await gateway.api("POST", "/v1/chat/completions", { ...body, stream: true });
  assert.match(streamed.text, /welcome[\s\S]*\[DONE\]/);
  assert.deepEqual(used(fake), [apiKeys[0], apiKeys[1], apiKeys[1]]);
  assert.equal(fake.requests.at(-1)!.body.vendor_thing, 7);
  fake.script(only());
  const refused = await gateway.api("POST", "/v1/chat/completions", body);
  assert.equal(refused.status, 502);
  for (const key of apiKeys) assert.ok(!refused.text.includes(key) && !gateway.output().includes(key));
});
