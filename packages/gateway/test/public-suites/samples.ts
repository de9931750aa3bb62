import type { Answer, Json, TestGateway } from "../support/gateway.ts";
import { chatModels, responseModels, type SuiteRig, startSuiteRig } from "./suite-rig.ts";

/** Something that the gateway said, and the schema that it should follow. */
export interface Sample {
  what: string;
  schema: string;
  value: unknown;
}

const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const chatTools = [{ type: "function", function: { name: "get_weather", parameters } }];
const tools = [{ type: "function", name: "get_weather", description: "Weather", parameters, strict: true }];
const messages = [{ role: "user", content: "Hello!" }];
const input = [{ type: "message", role: "user", content: "Hello!" }];
const schema = { name: "answer", schema: parameters };

const chatBodies: Record<string, Json> = {
  plain: { messages },
  tools: { messages, tools: chatTools },
  thinking: { messages, reasoning_effort: "high" },
  "a length": { messages, max_tokens: 5 },
};
const responseBodies: Record<string, Json> = {
  plain: { input: "Hello!" },
  "everything said": {
    input,
    instructions: "Be brief.",
    metadata: { a: "b" },
    temperature: 0.5,
    max_output_tokens: 500,
    user: "u",
    prompt_cache_key: "k",
  },
  tools: { input, tools, tool_choice: "auto" },
  "a bare tool": {
    input,
    tools: [{ type: "function", name: "get_weather", parameters }],
    tool_choice: { type: "function", name: "get_weather" },
  },
  thinking: {
    input,
    reasoning: { effort: "high", summary: "auto" },
    include: ["reasoning.encrypted_content"],
  },
  "a format": { input, text: { format: { type: "json_schema", ...schema, strict: true } } },
  "not stored": { input, store: false },
};

/** Everything that clients of OpenAI's dialects get to see, of all wires, the demo and an agent. */
export async function collectSamples(): Promise<Sample[]> {
  const rig = await startSuiteRig();
  try {
    const found: Sample[] = [];
    const fits = (model: string, body: Json) => model !== "openclaw" || (!body.tools && !body.text);
    for (const model of [...chatModels, "openclaw"]) {
      for (const [name, body] of Object.entries(chatBodies))
        if (fits(model, body)) found.push(...(await chat(rig.gateway, name, { model, ...body })));
    }
    for (const model of [...responseModels, "openclaw"]) {
      for (const [name, body] of Object.entries(responseBodies))
        if (fits(model, body)) found.push(...(await response(rig.gateway, name, { model, ...body })));
      found.push(...(await background(rig.gateway, model)), ...(await overSocket(rig, model)));
    }
    for (const model of responseModels) found.push(await compacted(rig.gateway, model));
    found.push(...(await simple(rig.gateway)), ...(await errors(rig.gateway)));
    return found;
  } finally {
    await rig.close();
  }
}

/** The answer of a request that must go well. */
async function right(gateway: TestGateway, method: string, path: string, body?: Json): Promise<Answer> {
  const answer = await gateway.api(method, path, body);
  if (answer.status !== 200) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${answer.text}`);
  return answer;
}

/** The events of a stream that must go well. */
async function streamed(gateway: TestGateway, path: string, body: Json): Promise<Json[]> {
  const { text } = await right(gateway, "POST", path, { ...body, stream: true });
  return eventsIn(text);
}

function eventsIn(text: string): Json[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));
}

async function chat(gateway: TestGateway, name: string, body: Json): Promise<Sample[]> {
  const path = "/v1/chat/completions";
  const what = `chat completion of ${body.model}, ${name}`;
  const { body: value } = await right(gateway, "POST", path, body);
  const chunks = [
    ...(await streamed(gateway, path, body)),
    ...(await streamed(gateway, path, { ...body, stream_options: { include_usage: true } })),
  ];
  return [
    { what, schema: "CreateChatCompletionResponse", value },
    ...chunks.map((it) => ({
      what: `${what}, a chunk`,
      schema: "CreateChatCompletionStreamResponse",
      value: it,
    })),
  ];
}

async function response(gateway: TestGateway, name: string, body: Json): Promise<Sample[]> {
  const what = `response of ${body.model}, ${name}`;
  const { body: value } = await right(gateway, "POST", "/v1/responses", body);
  const events = await streamed(gateway, "/v1/responses", body);
  const samples = [{ what, schema: "Response", value }, ...events.map((it) => eventOf(what, it))];
  const one = `/v1/responses/${value.id}`;
  if (body.store === false) return samples;
  const { body: next } = await right(gateway, "POST", "/v1/responses", {
    model: body.model,
    input: resultsFor(value),
    previous_response_id: value.id,
    ...(body.tools && { tools: body.tools }),
  });
  const { body: got } = await right(gateway, "GET", one);
  const { body: items } = await right(gateway, "GET", `${one}/input_items?order=asc&limit=1`);
  await right(gateway, "DELETE", one);
  return [
    ...samples,
    { what: `${what}, continued`, schema: "Response", value: next },
    { what: `${what}, asked for`, schema: "Response", value: got },
    { what: `${what}, its input`, schema: "ResponseItemList", value: items },
  ];
}

/** What may follow a response: results of its calls, or more to answer. */
function resultsFor({ output }: Json): Json[] {
  const calls = (output as Json[]).filter((it) => it.type === "function_call");
  const results = calls.map(({ call_id }) => ({
    type: "function_call_output",
    call_id,
    output: "12 degrees",
  }));
  return results.length > 0 ? results : [{ role: "user", content: "And then?" }];
}

async function background(gateway: TestGateway, model: string): Promise<Sample[]> {
  const what = `response of ${model} in the background`;
  const body = { model, input: "Hello!", background: true };
  const { body: queued } = await right(gateway, "POST", "/v1/responses", body);
  const { body: cancelled } = await right(gateway, "POST", `/v1/responses/${queued.id}/cancel`);
  const events = await streamed(gateway, "/v1/responses", body);
  const id = events[0]!.response.id;
  const { text } = await right(gateway, "GET", `/v1/responses/${id}?stream=true&starting_after=1`);
  return [
    { what: `${what}, queued`, schema: "Response", value: queued },
    { what: `${what}, cancelled`, schema: "Response", value: cancelled },
    ...[...events, ...eventsIn(text)].map((it) => eventOf(what, it)),
  ];
}

async function overSocket({ gateway }: SuiteRig, model: string): Promise<Sample[]> {
  const socket = await gateway.ws("/v1/responses");
  const what = `response of ${model} over a WebSocket`;
  try {
    const turn = async (body: Json): Promise<Json> => {
      const from = socket.messages.length;
      socket.send({ type: "response.create", model, ...body });
      const isEnd = ({ type }: Json) => /^(error|response\.(completed|incomplete|failed))$/.test(type);
      return socket.find((it) => socket.messages.indexOf(it) >= from && isEnd(it), "the end of a turn");
    };
    const { response: first } = await turn({ input: "Hello!", store: false });
    await turn({ input: "And then?", store: false, previous_response_id: first?.id });
    await turn({ input: "And then?", previous_response_id: "resp_unknown" });
    return socket.messages.map((it) =>
      it.type === "error" ? { what, schema: "ResponseWsError", value: it } : eventOf(what, it),
    );
  } finally {
    socket.close();
  }
}

async function compacted(gateway: TestGateway, model: string): Promise<Sample> {
  const { body: value } = await right(gateway, "POST", "/v1/responses/compact", { model, input });
  return { what: `compaction by ${model}`, schema: "CompactResource", value };
}

function eventOf(what: string, value: Json): Sample {
  return { what: `${what}, ${value.type}`, schema: "ResponseStreamEvent", value };
}

/** Answers of one form each. */
async function simple(gateway: TestGateway): Promise<Sample[]> {
  const embedded = { model: "builtin/demo", input: ["one", "two"] };
  const legacy = { model: "full-chat/plain", prompt: "Once" };
  const posts: [path: string, body: Json, schema: string][] = [
    ["/v1/embeddings", embedded, "CreateEmbeddingResponse"],
    ["/v1/embeddings", { ...embedded, encoding_format: "base64" }, "CreateEmbeddingResponse"],
    ["/v1/embeddings", { ...embedded, model: "gem/gemini-embedding-001" }, "CreateEmbeddingResponse"],
    ["/v1/embeddings", { ...embedded, model: "full-chat/plain" }, "CreateEmbeddingResponse"],
    ["/v1/completions", legacy, "CreateCompletionResponse"],
    ["/v1/responses/input_tokens", { model: "builtin/demo", input }, "TokenCountsResource"],
  ];
  const found: Sample[] = [];
  for (const [path, body, name] of posts) {
    const { body: value } = await right(gateway, "POST", path, body);
    found.push({ what: `${path} of ${body.model}`, schema: name, value });
  }
  for (const value of await streamed(gateway, "/v1/completions", legacy))
    found.push({ what: "a legacy completion, streamed", schema: "CreateCompletionResponse", value });
  const { body: list } = await right(gateway, "GET", "/v1/models");
  const { body: model } = await right(gateway, "GET", "/v1/models/builtin/demo");
  return [
    ...found,
    { what: "the list of models", schema: "ListModelsResponse", value: list },
    { what: "a model", schema: "Model", value: model },
  ];
}

async function errors(gateway: TestGateway): Promise<Sample[]> {
  const wrong: [method: string, path: string, body: Json | undefined, headers?: Record<string, string>][] = [
    ["POST", "/v1/chat/completions", { model: "builtin/demo" }],
    ["POST", "/v1/chat/completions", { model: "nobody/x", messages }],
    ["POST", "/v1/chat/completions", { model: "builtin/demo", messages, logprobs: true }],
    ["POST", "/v1/chat/completions", { model: "full-chat/fails-429", messages }],
    ["POST", "/v1/chat/completions", { model: "full-chat/fails-500", messages }],
    ["POST", "/v1/responses", { model: "builtin/demo", input: 7 }],
    ["POST", "/v1/responses", { model: "builtin/demo", input: "x", previous_response_id: "resp_unknown" }],
    ["POST", "/v1/responses", { model: "full-resp/fails-401", input }],
    ["POST", "/v1/responses/compact", { input }],
    ["GET", "/v1/responses/resp_unknown", undefined],
    ["POST", "/v1/embeddings", { model: "openclaw", input: "x" }],
    ["GET", "/v1/models/nobody/x", undefined],
    ["GET", "/v1/models", undefined, { authorization: "Bearer wrong" }],
    ["POST", "/v1/responses", { model: "builtin/demo", input }, { authorization: "Bearer wrong" }],
  ];
  const found: Sample[] = [];
  for (const [method, path, body, headers] of wrong) {
    const { status, body: value } = await gateway.api(method, path, body, headers);
    if (status < 400) throw new Error(`${path} ${JSON.stringify(body)} went well`);
    found.push({ what: `the ${status} of ${method} ${path}`, schema: "ErrorResponse", value });
  }
  return found;
}
