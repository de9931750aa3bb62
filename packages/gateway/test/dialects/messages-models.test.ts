import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { hello, type MessagesRig, max_tokens, startMessagesRig, textOf, weather } from "./messages-rig.ts";

/** What differs between providers, and what is no provider at all. */

let rig: MessagesRig;
let gateway: MessagesRig["gateway"];
let fake: MessagesRig["fake"];
let client: Anthropic;

before(async () => {
  rig = await startMessagesRig();
  ({ gateway, fake, client } = rig);
});

after(() => rig.close());

describe("the vendor's own provider", () => {
  const model = "anthropic/claude-sonnet-4-5";

  test("gets the body and the headers of the dialect untouched", async () => {
    fake.script([{ text: "ok" }]);
    const odd = { context_management: { edits: [] }, nested: { deep: [1, null] } };
    const tools = [{ type: "web_search_20250305", name: "web_search" }] as const;
    const { id } = await client.beta.messages.create(
      {
        ...{ model, max_tokens, messages: hello, tools: [...tools], ...odd },
        betas: ["context-management-2025-06-27"],
      },
      { headers: { "anthropic-version": "2026-11-01" } },
    );
    assert.equal(id, "msg_fake");
    const { body, headers } = fake.requests.at(-1)!;
    assert.deepEqual(body, { model: "claude-sonnet-4-5", max_tokens, messages: hello, tools, ...odd });
    assert.equal(headers["anthropic-beta"], "context-management-2025-06-27");
    assert.equal(headers["anthropic-version"], "2026-11-01");
    assert.equal(headers["x-api-key"], "sk-ant-upstream");
    assert.equal(headers.authorization, undefined);
  });

  test("gets no thoughts that another provider has signed", async () => {
    fake.script([{ reasoning: "Hm." }, { text: "Yes." }]);
    const other = await client.messages.create({
      model: "google/gemini-2.5-pro",
      max_tokens,
      messages: hello,
    });
    assert.equal(other.content[0]!.type, "thinking");
    fake.script([{ text: "ok" }]);
    const theirs = { type: "thinking" as const, thinking: "t", signature: "EqQB" };
    const messages: Anthropic.MessageParam[] = [
      ...hello,
      { role: "assistant", content: other.content },
      { role: "user", content: "And?" },
      { role: "assistant", content: [theirs, { type: "text", text: "x" }] },
      { role: "user", content: "So?" },
    ];
    await client.messages.create({ model, max_tokens, messages });
    const sent = fake.requests.at(-1)!.body.messages as Anthropic.MessageParam[];
    assert.deepEqual(
      (sent[1]!.content as { type: string }[]).map((it) => it.type),
      ["text"],
    );
    assert.deepEqual((sent[3]!.content as object[])[0], theirs);
  });
});

describe("another provider", () => {
  test("is spared what only the vendor has, and the caller is told", async () => {
    fake.script([{ text: "ok" }]);
    const { data, response } = await client.beta.messages
      .create({
        ...{ model: "openai/gpt-4o", max_tokens, betas: ["mcp-client-2025-11-20"] },
        messages: [
          { role: "user", content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }] },
        ],
        tools: [{ type: "bash_20250124", name: "bash" }],
        mcp_servers: [{ type: "url", url: "https://mcp.example", name: "m" }],
        metadata: { user_id: "ann" },
      })
      .withResponse();
    assert.equal(textOf(data), "ok");
    assert.equal(response.headers.get("x-openclaw-ignored"), "mcp_servers, tools[0]");
    assert.deepEqual(fake.requests.at(-1)!.body, {
      model: "gpt-4o",
      messages: [{ role: "user", content: "Hi" }],
      max_completion_tokens: max_tokens,
      stream: false,
    });
  });

  test("refuses by its name here what it cannot honour", async () => {
    const ask = client.messages.create({
      ...{ model: "google/gemini-2.5-pro", max_tokens, messages: hello },
      inference_geo: "us",
    });
    await assert.rejects(ask, (error) => {
      assert.ok(error instanceof Anthropic.BadRequestError);
      assert.match(error.message, /inference_geo/);
      return true;
    });
  });
});

describe("who may ask", () => {
  test("a wrong key is the SDK's AuthenticationError, an unknown model its NotFoundError", async () => {
    const stranger = new Anthropic({ baseURL: gateway.url, apiKey: "wrong", maxRetries: 0 });
    const model = "openai/gpt-4o";
    for (const ask of [
      () => stranger.messages.create({ model, max_tokens, messages: hello }),
      () => stranger.messages.countTokens({ model, messages: hello }),
    ]) {
      await assert.rejects(ask, (error) => {
        assert.ok(error instanceof Anthropic.AuthenticationError);
        assert.equal(error.type, "authentication_error");
        return true;
      });
    }
    const unknown = client.messages.create({ model: "nobody/nothing", max_tokens, messages: hello });
    await assert.rejects(unknown, (error) => {
      assert.ok(error instanceof Anthropic.NotFoundError);
      assert.equal(error.type, "not_found_error");
      return true;
    });
  });

  test("a body that is too long or no JSON is refused in the vendor's envelope", async () => {
    const long = await gateway.api("POST", "/v1/messages", "x".repeat(11 * 1024 * 1024));
    assert.equal(long.status, 413);
    assert.equal(long.body.error.type, "request_too_large");
    const broken = await gateway.api("POST", "/v1/messages?beta=true", "{");
    assert.equal(broken.status, 400);
    assert.equal(broken.body.type, "error");
    assert.equal(broken.body.error.type, "invalid_request_error");
  });
});

describe("builtin/demo", () => {
  const model = "builtin/demo";

  test("answers, thinks, calls tools and counts", async () => {
    const answer = await client.messages.create({
      ...{ model, max_tokens: 4096, messages: hello },
      thinking: { type: "adaptive" },
    });
    assert.equal(answer.content[0]!.type, "thinking");
    assert.match(textOf(answer), /You said: "Hello!"/);
    const asked: Anthropic.MessageParam[] = [{ role: "user", content: 'use get_weather {"city":"Bern"}' }];
    const first = await client.messages
      .stream({ model, max_tokens, messages: asked, tools: [weather] })
      .finalMessage();
    const call = first.content.find((it) => it.type === "tool_use");
    assert.deepEqual(call?.input, { city: "Bern" });
    const second = await client.messages.create({
      ...{ model, max_tokens, tools: [weather] },
      messages: [
        ...asked,
        { role: "assistant", content: first.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call!.id, content: "sunny" }] },
      ],
    });
    assert.match(textOf(second), /get_weather answered sunny/);
    assert.ok((await client.messages.countTokens({ model, messages: hello })).input_tokens > 0);
  });
});

describe("an agent", () => {
  const model = "openclaw/default";

  test("answers, whole and streamed, and its tokens are estimated", async () => {
    const answer = await client.messages.create({ model, max_tokens, messages: hello, system: "Be kind." });
    assert.match(textOf(answer), /You said: "Hello!"/);
    assert.equal(answer.model, model);
    const streamed = await client.messages.stream({ model, max_tokens, messages: hello }).finalMessage();
    assert.match(textOf(streamed), /You said: "Hello!"/);
    assert.ok(streamed.usage.output_tokens > 0);
    assert.ok((await client.messages.countTokens({ model, messages: hello })).input_tokens > 0);
  });

  test("keeps a session for the caller's user, and its answer to as many tokens as are asked for", async () => {
    const metadata = { user_id: "ann" };
    await client.messages.create({ model, max_tokens, messages: hello, metadata });
    const { body } = await gateway.api("GET", "/v1/sessions");
    assert.ok(body.sessions.some((it: { sessionKey: string }) => it.sessionKey.endsWith(":ann")));
    const cut = await client.messages.create({ model, max_tokens: 3, messages: hello });
    assert.equal(cut.stop_reason, "max_tokens");
    assert.ok(textOf(cut).length <= 12);
  });

  test("takes no tools of the caller's", async () => {
    const ask = client.messages.create({ model, max_tokens, messages: hello, tools: [weather] });
    await assert.rejects(ask, (error) => {
      assert.ok(error instanceof Anthropic.BadRequestError);
      assert.equal((error.error as { error: { param: string } }).error.param, "tools");
      return true;
    });
  });
});
