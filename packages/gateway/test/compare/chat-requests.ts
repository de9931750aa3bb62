import type { Json } from "../support/gateway.ts";

import { object, pixel } from "./request-parts.ts";

export const weather = {
  type: "function",
  function: { name: "get_weather", description: "Weather", parameters: object, strict: true },
};
export const bare = { type: "function", function: { name: "now" } };
const user = (...content: Json[]) => ({ messages: [{ role: "user", content }] });
const text = { type: "text", text: "Look" };

/** Parameters of Chat Completions, each with a name; `model` in one names an oddity of the answer. */
export const chat: Record<string, Json> = {
  "nothing besides": {},
  "several choices": { n: 3 },
  "one choice": { n: 1 },
  logprobs: { logprobs: true, top_logprobs: 5 },
  "logprobs of several choices": { logprobs: true, n: 2 },
  seed: { seed: 42 },
  "a negative seed": { seed: -7 },
  logit_bias: { logit_bias: { "50256": -100, "15": 3.5 } },
  penalties: { presence_penalty: -1.5, frequency_penalty: 1.25 },
  temperature: { temperature: 0, top_p: 0.1 },
  max_tokens: { max_tokens: 5 },
  max_completion_tokens: { max_completion_tokens: 5 },
  "stop as a text": { stop: "\n" },
  "stop as a list": { stop: ["a", "b", "ü", "\n\n"] },
  "stop as null": { stop: null },
  "nulls everywhere": {
    n: null,
    seed: null,
    tools: null,
    temperature: null,
    stream_options: null,
    user: null,
  },
  user: { user: "u-1", metadata: { a: "b" }, store: false, service_tier: "auto" },
  reasoning_effort: { reasoning_effort: "high", verbosity: "low" },
  "an unknown reasoning_effort": { reasoning_effort: "galactic" },
  prediction: { prediction: { type: "content", content: "guess" } },
  modalities: { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } },
  web_search_options: { web_search_options: { user_location: { type: "approximate" } } },
  "cache keys": { prompt_cache_key: "k", safety_identifier: "s", prompt_cache_retention: "24h" },
  "parameters of vLLM": {
    top_k: 40,
    min_p: 0.05,
    guided_json: object,
    chat_template_kwargs: { enable_thinking: false },
  },
  "parameters of OpenRouter": {
    provider: { order: ["a"], allow_fallbacks: false },
    transforms: ["middle-out"],
    models: ["a", "b"],
  },
  "deep vendor fields": { vendor: { a: [{ b: { c: [null, true, 1e-7, -0.5, "", {}, []] } }] } },
  "a tool": { tools: [weather] },
  "a bare tool": { tools: [bare] },
  "several tools": { tools: [weather, bare] },
  "no tools": { tools: [], parallel_tool_calls: false },
  "a tool chosen": { tools: [weather, bare], tool_choice: { type: "function", function: { name: "now" } } },
  "a tool required": { tools: [weather], tool_choice: "required", parallel_tool_calls: false },
  "no tool wanted": { tools: [weather], tool_choice: "none" },
  "tools by choice": { tools: [weather], tool_choice: "auto", parallel_tool_calls: true },
  "allowed tools": {
    tools: [weather, bare],
    tool_choice: {
      type: "allowed_tools",
      allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "now" } }] },
    },
  },
  "a custom tool": { tools: [{ type: "custom", custom: { name: "sql", format: { type: "text" } } }] },
  "legacy functions": { functions: [{ name: "old", parameters: object }], function_call: "auto" },
  "response_format text": { response_format: { type: "text" } },
  "response_format json_object": { response_format: { type: "json_object" } },
  "response_format json_schema": {
    response_format: { type: "json_schema", json_schema: { name: "a", schema: object, strict: true } },
  },
  "response_format grammar": { response_format: { type: "grammar", grammar: "root ::= x" } },
  "a picture": user(text, { type: "image_url", image_url: { url: pixel, detail: "high" } }),
  "a picture by address": user(text, { type: "image_url", image_url: { url: "https://a.example/b.png" } }),
  audio: user(text, { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }),
  "a file": user(
    { type: "file", file: { file_id: "file-1" } },
    { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERg==" } },
  ),
  "a part of a vendor": user({ type: "video_url", video_url: { url: "https://a.example/v.mp4" } }),
  "all roles": {
    messages: [
      { role: "developer", content: "d" },
      { role: "system", content: [text], name: "s" },
      { role: "user", content: "q", name: "Ann" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "now", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c1", content: [text] },
      { role: "assistant", content: "a", refusal: null, reasoning_content: "r", audio: { id: "audio_1" } },
      { role: "function", name: "old", content: "f" },
      { role: "ipython", content: "of a vendor" },
      { role: "user", content: "" },
    ],
  },
  "cache marks": user({ ...text, cache_control: { type: "ephemeral" } }),
  "odd text": { messages: [{ role: "user", content: '\u0000\u2028 👩‍👩‍👧‍👦 \\u0041 " \r\n ￿' }] },
  "a long conversation": {
    messages: Array.from({ length: 300 }, (_, at) => ({
      role: at % 2 ? "assistant" : "user",
      content: `m${at}`,
    })),
  },
  "a long text": { messages: [{ role: "user", content: "ß".repeat(400_000) }] },
  "temperature too high": { temperature: 3 },
  "too many choices": { n: 100 },
  "top_logprobs too many": { logprobs: true, top_logprobs: 50 },
  "penalty too low": { presence_penalty: -5 },
  "too many stops": { stop: ["1", "2", "3", "4", "5"] },
  "a seed that is none": { seed: 1.5 },
  "logit_bias that is none": { logit_bias: "no" },
  "tool_choice without tools": { tool_choice: "auto" },
  "a forbidden parameter": { forbidden_parameter: 1 },
  "max_tokens of zero": { max_tokens: 0 },
};
