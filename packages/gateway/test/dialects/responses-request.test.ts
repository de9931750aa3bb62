import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import type { Json } from "../support/gateway.ts";
import { pixel, type ResponsesRig, startResponsesRig, weather, wireModels } from "./responses-rig.ts";

/** What a body of Responses becomes for each wire, and what of it is refused. */

let rig: ResponsesRig;

before(async () => {
  rig = await startResponsesRig();
});

after(() => rig.close());

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`./fixtures/responses/${name}.json`, import.meta.url), "utf8")) as T;

/** Sends a body, and gives the answer and what the provider got. */
async function sent(body: Json): Promise<{ answer: Json; headers: Headers; body: Json }> {
  rig.fake.script([{ text: "ok" }]);
  const { status, body: answer, headers, text } = await rig.ask(body);
  assert.equal(status, 200, text);
  return { answer, headers, body: rig.lastSent() };
}

interface Refusal {
  name: string;
  body: Json;
  status: number;
  param: string;
}

describe("refused by name, with nobody asked", () => {
  for (const { name, body, status, param } of fixture<Refusal[]>("refusals")) {
    test(name, async () => {
      const asked = rig.fake.requests.length;
      for (const stream of [false, true]) {
        const answer = await rig.ask({ model: wireModels.messages, stream, ...body });
        assert.deepEqual([answer.status, answer.body.error?.param], [status, param], answer.text);
        const { error } = answer.body;
        assert.equal(error.type, status === 404 ? "not_found" : "invalid_request");
        assert.equal(error.requestId, answer.headers.get("x-request-id"));
      }
      assert.equal(rig.fake.requests.length, asked);
    });
  }
});

describe("each wire gets, in its own words", () => {
  const [chat, messages, google] = [wireModels.chat, wireModels.messages, wireModels.google];

  test("instructions before everything else", async () => {
    const input = [
      { role: "developer", content: "Be short." },
      { role: "user", content: "hi" },
    ];
    for (const model of [chat, messages, google]) {
      const { body } = await sent({ model, input, instructions: "Be kind." });
      const text = JSON.stringify(body);
      assert.ok(text.includes("Be kind.") && text.includes("Be short."), text);
      if (model === chat) {
        assert.deepEqual(body.messages[0], { role: "system", content: body.messages[0].content });
        assert.match(body.messages[0].content, /^Be kind\./);
      } else if (model === messages) assert.match(JSON.stringify(body.system), /Be kind\./);
      else assert.match(JSON.stringify(body.systemInstruction), /Be kind\./);
    }
  });

  test("sampling, limits and efforts", async () => {
    const common = { input: "hi", max_output_tokens: 2048, temperature: 0.5 };
    const one = (await sent({ model: chat, ...common, top_p: 0.9, presence_penalty: 0.1 })).body;
    assert.deepEqual(
      [one.temperature, one.top_p, one.presence_penalty, one.max_tokens ?? one.max_completion_tokens],
      [0.5, 0.9, 0.1, 2048],
    );
    const two = (await sent({ model: messages, ...common })).body;
    assert.deepEqual([two.temperature, two.max_tokens], [0.5, 2048]);
    const three = (await sent({ model: google, ...common })).body;
    assert.deepEqual(
      [three.generationConfig.temperature, three.generationConfig.maxOutputTokens],
      [0.5, 2048],
    );
    const reasoning = { effort: "low" };
    assert.match(
      JSON.stringify((await sent({ model: chat, input: "hi", reasoning })).body),
      /reasoning_effort/,
    );
    assert.match(JSON.stringify((await sent({ model: messages, input: "hi", reasoning })).body), /thinking/);
    assert.match(
      JSON.stringify((await sent({ model: google, input: "hi", reasoning })).body),
      /thinkingConfig/,
    );
  });

  test("a format by its schema, and how strict it is", async () => {
    const schema = {
      ...{ type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      additionalProperties: false,
    };
    const text = { format: { type: "json_schema", name: "place", schema, strict: true } };
    const one = (await sent({ model: chat, input: "hi", text })).body;
    assert.equal(one.response_format.type, "json_schema");
    assert.deepEqual(one.response_format.json_schema.schema, schema);
    for (const model of [messages, google]) {
      assert.match(JSON.stringify((await sent({ model, input: "hi", text })).body), /"city"/);
    }
    const { answer } = await sent({ model: chat, input: "hi", text });
    assert.deepEqual(answer.text.format, text.format);
    const json = { format: { type: "json_object" } };
    const free = await sent({ model: chat, input: "in JSON, please", text: json });
    assert.deepEqual(free.body.response_format, { type: "json_object" });
  });

  test("tools and which of them may be called", async () => {
    const clock = { ...weather, name: "clock" };
    const names = ({ tools }: Json): string[] =>
      (tools ?? []).flatMap((it: Json) =>
        (it.functionDeclarations ?? [it]).map((one: Json) => one.name ?? one.function.name),
      );
    const allowed = { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "clock" }] };
    for (const model of [chat, messages, google]) {
      const base = { model, input: "hi", tools: [weather, clock] };
      assert.deepEqual(names((await sent(base)).body), ["get_weather", "clock"]);
      const few = (await sent({ ...base, tool_choice: allowed })).body;
      assert.deepEqual(names(few), ["clock"]);
      assert.match(
        JSON.stringify(few.tool_choice ?? few.toolConfig),
        { [chat]: /required/, [messages]: /any/, [google]: /ANY/ }[model]!,
      );
      const named = await sent({ ...base, tool_choice: { type: "function", name: "clock" } });
      assert.match(JSON.stringify(named.body.tool_choice ?? named.body.toolConfig), /clock/);
      const none = await sent({ ...base, tool_choice: "none" });
      assert.match(JSON.stringify(none.body.tool_choice ?? none.body.toolConfig ?? "none"), /none|NONE/);
    }
    const alone = { model: chat, input: "hi", tools: [weather], parallel_tool_calls: false };
    assert.equal((await sent(alone)).body.parallel_tool_calls, false);
    const single = await sent({ ...alone, model: messages });
    assert.equal(single.body.tool_choice.disable_parallel_tool_use, true);
  });

  test("a tool of free text as a function of one text, whose calls come as free text again", async () => {
    const tools = [{ type: "custom", name: "run_code", description: "Runs code" }];
    for (const model of [chat, messages, google]) {
      rig.fake.script([{ call: { name: "run_code", arguments: { input: "print(1)" }, id: "call_1" } }]);
      const first = await rig.ask({ model, input: "run it", tools });
      const call = first.body.output.find((it: Json) => it.type === "custom_tool_call");
      assert.equal(call.input, "print(1)");
      assert.match(call.id, /^ctc_/);
      const output = { type: "custom_tool_call_output", call_id: call.call_id, output: "1" };
      const next = { model, tools, previous_response_id: first.body.id, input: [output] };
      assert.match(JSON.stringify((await sent(next)).body), /print\(1\)/);
    }
  });

  test("an output with a picture", async () => {
    const input = [
      { role: "user", content: "look" },
      { type: "function_call", call_id: "call_1", name: "look", arguments: "{}" },
      {
        ...{ type: "function_call_output", call_id: "call_1" },
        output: [
          { type: "input_text", text: "a dot" },
          { type: "input_image", image_url: `data:image/png;base64,${pixel}` },
        ],
      },
    ];
    for (const model of [messages, google, wireModels.responses]) {
      const text = JSON.stringify((await sent({ model, input })).body);
      assert.ok(text.includes("a dot") && text.includes(pixel), text);
    }
  });

  test("files by their bytes", async () => {
    const file = {
      type: "input_file",
      filename: "a.pdf",
      file_data: "data:application/pdf;base64,JVBERi0xLjQK",
    };
    const input = [{ role: "user", content: [{ type: "input_text", text: "sum up" }, file] }];
    for (const model of [chat, messages, google]) {
      assert.ok(JSON.stringify((await sent({ model, input })).body).includes("JVBERi0xLjQK"));
    }
  });
});

test("what changes no answer is left out, and its names are told", async () => {
  const tools = [
    { type: "web_search" },
    weather,
    { type: "mcp", server_label: "x", server_url: "https://x.test" },
  ];
  const input = [
    { role: "user", content: "hi" },
    { type: "web_search_call", id: "ws_1", status: "completed" },
    { type: "compaction", encrypted_content: "not ours" },
  ];
  const more = {
    truncation: "auto",
    vendor_extra: 1,
    metadata: { a: "b" },
    include: ["web_search_call.results"],
  };
  const ask = { model: wireModels.messages, input, tools, ...more };
  const { headers, body } = await sent({ ...ask, tool_choice: { type: "web_search" } });
  assert.deepEqual(headers.get("x-openclaw-ignored")?.split(", ").sort(), [
    ...["input[1].web_search_call", "input[2].compaction", "tool_choice.web_search"],
    ...["tools[0].web_search", "tools[2].mcp", "truncation", "vendor_extra"],
  ]);
  assert.deepEqual(
    body.tools.map((it: Json) => it.name),
    ["get_weather"],
  );
  rig.fake.script([{ text: "ok" }]);
  const init = { method: "POST", headers: { "content-type": "application/json" } };
  const streamed = await rig.gateway.fetch("/v1/responses", {
    ...{ ...init, body: JSON.stringify({ ...ask, stream: true }) },
  });
  assert.match(streamed.headers.get("x-openclaw-ignored") ?? "", /tools\[0\]\.web_search/);
  await streamed.text();
  assert.equal(
    (await sent({ model: wireModels.messages, input: "hi" })).headers.get("x-openclaw-ignored"),
    null,
  );
});

test("a picture is fetched only from where the owner lets it be", async (t) => {
  const bytes = Buffer.from(pixel, "base64");
  const site = createServer((_, response) => response.end(bytes));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  t.after(() => site.close());
  const image_url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/dot`;
  const input = [{ role: "user", content: [{ type: "input_image", image_url }] }];
  const refused = await rig.ask({ model: wireModels.messages, input });
  assert.deepEqual([refused.status, refused.body.error.param], [400, "input[0].content[0].image_url"]);
  const open = await startResponsesRig({ browser: { allowPrivate: ["127.0.0.1"] } });
  t.after(() => open.close());
  open.fake.script([{ text: "seen" }]);
  assert.equal((await open.ask({ model: wireModels.messages, input })).status, 200);
  assert.ok(JSON.stringify(open.lastSent()).includes(pixel));
});
