import type { Json } from "../support/gateway.ts";

import { hello, object, pixel } from "./request-parts.ts";

/** Parameters of legacy completions. */
export const legacy: Record<string, Json> = {
  "a prompt": { prompt: "Once" },
  "several prompts": { prompt: ["Once", "Twice"] },
  tokens: { prompt: [1, 2, 3] },
  "no prompt": {},
  "all parameters": {
    prompt: "x",
    suffix: "!",
    echo: true,
    logprobs: 1,
    best_of: 3,
    n: 2,
    max_tokens: 9,
    stop: ["a"],
    user: "u",
  },
  "a vendor's": { prompt: "x", min_p: 0.1, use_beam_search: true },
  "temperature too high": { prompt: "x", temperature: 9 },
};

export const embeddings: Record<string, Json> = {
  "a text": { input: "one" },
  texts: { input: ["one", "two", "👩‍👩‍👧‍👦"] },
  tokens: { input: [1, 2, 3] },
  "lists of tokens": { input: [[1], [2, 3]] },
  base64: { input: ["one", "two"], encoding_format: "base64" },
  float: { input: "one", encoding_format: "float" },
  dimensions: { input: "one", dimensions: 3, user: "u" },
  "many long vectors": { input: Array.from({ length: 40 }, (_, at) => `t${at}`), dimensions: 1536 },
  "a vendor's": { input: "one", input_type: "query", truncate: "END" },
  "no input": {},
  "dimensions too many": { input: "one", dimensions: 99_999 },
};

export const item = (role: string, content: unknown) => ({ type: "message", role, content });
/** Parameters of Responses. */
export const responses: Record<string, Json> = {
  "a text": { input: "Hello!" },
  items: {
    input: [
      item("developer", "d"),
      item("user", [{ type: "input_text", text: "q" }]),
      item("assistant", "a"),
      { role: "user", content: "easy" },
    ],
  },
  instructions: {
    input: "x",
    instructions: "Be brief.",
    temperature: 0.5,
    top_p: 0.9,
    max_output_tokens: 64,
  },
  "a function": {
    input: "x",
    tools: [{ type: "function", name: "now", parameters: object, strict: true }],
    parallel_tool_calls: false,
  },
  "no tool wanted": {
    input: "x",
    tools: [{ type: "function", name: "now", parameters: object }],
    tool_choice: "none",
  },
  "a custom tool": {
    input: "x",
    tools: [{ type: "custom", name: "sql", format: { type: "grammar", syntax: "lark", definition: "a: b" } }],
  },
  "hosted tools": {
    input: "x",
    tools: [{ type: "web_search" }, { type: "file_search", vector_store_ids: ["vs_1"] }],
  },
  "calls and results": {
    input: [
      { type: "reasoning", id: "rs_0", summary: [], encrypted_content: "gAAAA-from-elsewhere" },
      { type: "function_call", call_id: "c", name: "now", arguments: "{}" },
      { type: "function_call_output", call_id: "c", output: [{ type: "input_text", text: "12:00" }] },
      { type: "web_search_call", id: "ws_0", status: "completed", action: { type: "search", query: "q" } },
    ],
  },
  "pictures and files": {
    input: [
      item("user", [
        { type: "input_image", image_url: pixel, detail: "auto" },
        { type: "input_file", file_id: "file-1" },
      ]),
    ],
  },
  reasoning: { input: "x", reasoning: { effort: "high", summary: "auto" } },
  "sealed reasoning": { input: "x", reasoning: { effort: "low" }, include: ["reasoning.encrypted_content"] },
  "a format": {
    input: "x",
    text: { format: { type: "json_schema", name: "a", schema: object, strict: true }, verbosity: "low" },
  },
  "metadata and cache": {
    input: "x",
    metadata: { a: "b" },
    prompt_cache_key: "k",
    safety_identifier: "s",
    service_tier: "flex",
    truncation: "auto",
  },
  "stored or not": { input: "x", store: false },
  "a vendor's": {
    input: "x",
    vendor: { deep: [null, 1.5] },
    prompt: { id: "pmpt_1", variables: { a: "b" } },
  },
  "temperature too high": { input: "x", temperature: 7 },
};
export const responseOddities = [
  "reasoning",
  "refusal",
  "annotations",
  "incomplete",
  "failed",
  "no-usage",
  "vendor",
];

/** Parameters of Messages. */
export const messages: Record<string, Json> = {
  "nothing besides": {},
  system: {
    system: [{ type: "text", text: "s", cache_control: { type: "ephemeral", ttl: "1h" } }],
    temperature: 1,
    top_k: 5,
  },
  thinking: { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 4096 },
  tools: {
    tools: [
      { name: "now", input_schema: object },
      { name: "b", description: "d", input_schema: { type: "object" } },
    ],
    tool_choice: { type: "any" },
  },
  "hosted tools": { tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 2 }] },
  stops: { stop_sequences: ["END", "ü"] },
  "results and pictures": {
    messages: [
      {
        role: "user",
        content: [
          { type: "image", source: { type: "url", url: "https://a.example/b.png" } },
          { type: "document", source: { type: "file", file_id: "f" } },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "t", signature: "Eq==" },
          { type: "tool_use", id: "t1", name: "now", input: { a: 1 } },
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "t1",
            content: [{ type: "text", text: "12" }],
            is_error: false,
          },
        ],
      },
    ],
  },
  prefill: { messages: [...hello, { role: "assistant", content: "{" }] },
  betas: {
    context_management: { edits: [] },
    mcp_servers: [],
    container: null,
    metadata: { user_id: "u" },
    service_tier: "auto",
  },
  "temperature too high": { temperature: 5 },
};
export const messageOddities = ["max_tokens", "refusal", "pause_turn", "made_up", "annotations", "vendor"];
