import type { Json } from "../support/gateway.ts";
import { fingerprint } from "./fingerprint.ts";

const usage = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 2, accepted_prediction_tokens: 0 },
  vendor_cost: 0.000123,
};

/** What a choice says, before it is put into a message or into pieces of one. */
interface Choice {
  message: Json;
  finish: string | null;
  logprobs: Json | null;
}

function choiceOf(body: Json, index: number): Choice {
  const text = `Answer ${index} to ${fingerprint(body)}.`;
  const message: Json = { role: "assistant", content: text, refusal: null };
  let finish: string | null = "stop";
  const call = (id: string, name: string, args: string) => ({
    id,
    type: "function",
    function: { name, arguments: args },
  });
  if (body.tools && body.tool_choice !== "none") {
    finish = "tool_calls";
    message.content = null;
    message.tool_calls = (body.tools as Json[]).map((tool, at) =>
      tool.type === "custom"
        ? { id: `call_${at}`, type: "custom", custom: { name: tool.custom.name, input: "free text" } }
        : call(
            `call_${at}`,
            tool.function.name,
            JSON.stringify({ at, text, deep: { ключ: ["значение", null, 1.5] } }),
          ),
    );
  } else if (body.functions) {
    finish = "function_call";
    message.content = null;
    message.function_call = { name: body.functions[0].name, arguments: '{"old":true}' };
  } else if (body.response_format && body.response_format.type !== "text")
    message.content = JSON.stringify({ text });
  switch (body.model) {
    case "reasoning":
      message.reasoning_content = "Let me think. 🤔";
      break;
    case "reasoning-openrouter":
      message.reasoning = "Hm.";
      message.reasoning_details = [{ type: "reasoning.encrypted", data: "abc", id: null, index: 0 }];
      break;
    case "refusal":
      Object.assign(message, { content: null, refusal: "I will not do that." });
      break;
    case "null-content":
      message.content = null;
      break;
    case "empty-content":
      message.content = "";
      break;
    case "no-refusal":
      delete message.refusal;
      break;
    case "length":
    case "content_filter":
    case "made-up-reason":
      finish = body.model as string; // just compared
      break;
    case "unicode":
      message.content = `${text} 👩‍👩‍👧‍👦 e\u0301 \u0000 \u2028 ￿ 𝕏 שלום \\ " </script> \r\n\t`;
      break;
    case "huge":
      message.content = text + "x€".repeat(150_000);
      break;
    case "annotations":
      message.annotations = [
        { type: "url_citation", url_citation: { url: "https://a.example", start_index: 0 } },
      ];
      break;
    case "audio":
      message.audio = { id: "audio_1", data: "UklGRg==", transcript: "hi", expires_at: 1_700_000_001 };
      break;
  }
  const token = (it: string) => ({
    token: it,
    logprob: -0.1234567890123456,
    bytes: [...Buffer.from(it)],
    top_logprobs: [],
  });
  const logprobs = body.logprobs ? { content: text.split(/(?= )/).map(token), refusal: null } : null;
  return { message, finish, logprobs };
}

function head(body: Json, object: string): Json {
  const common = { id: "chatcmpl-abc", object, created: 1_700_000_000, model: `${body.model}-2026-01-01` };
  switch (body.model) {
    case "other-id":
      return { ...common, id: "gen-1700-xyz" };
    case "no-id":
      return { ...common, id: undefined };
    case "vendor":
      return {
        ...common,
        provider: "Deep",
        x_groq: { id: "req_1" },
        citations: ["https://a.example"],
        timings: { ms: 1.25 },
      };
    case "tier":
      return { ...common, service_tier: "default", system_fingerprint: "fp_44709d6fcb" };
    case "no-refusal":
      return { ...common, system_fingerprint: null };
    default:
      return common;
  }
}

export function chatAnswer(body: Json): Json {
  const choices = Array.from({ length: body.n ?? 1 }, (_, index) => {
    const { message, finish, logprobs } = choiceOf(body, index);
    const extra = body.model === "vendor" ? { content_filter_results: { hate: { filtered: false } } } : {};
    return { index, message, logprobs, finish_reason: finish, ...extra };
  });
  const told = body.model === "no-usage" ? {} : { usage: body.model === "null-usage" ? null : usage };
  return { ...head(body, "chat.completion"), choices: body.model === "no-choices" ? [] : choices, ...told };
}

export function chatChunks(body: Json): Json[] {
  const base = head(body, "chat.completion.chunk");
  const withUsage = body.stream_options?.include_usage === true;
  const chunks: Json[] = [];
  const add = (choices: Json[], more: Json = {}) =>
    chunks.push({ ...base, choices, ...(withUsage && { usage: null }), ...more });
  const choices = Array.from({ length: body.n ?? 1 }, (_, index) => ({ index, ...choiceOf(body, index) }));
  const each = (make: (choice: (typeof choices)[number]) => Json[]) => {
    const lists = choices.map(make); // deltas of several choices come in turns
    for (let at = 0; lists.some((it) => at < it.length); at++)
      for (const [index, list] of lists.entries())
        if (list[at]) add([{ index, finish_reason: null, ...list[at] }]);
  };
  each(({ message, logprobs }) => deltasOf(message, logprobs, body));
  const inOne = body.model === "finish-in-chunk";
  for (const { index, finish } of choices) {
    const last = { index, delta: inOne ? { content: " The end." } : {}, finish_reason: finish };
    add([last], body.model === "usage-with-finish" ? { usage, x_groq: { usage } } : {});
  }
  if (withUsage && body.model !== "no-usage") add([], { usage });
  return chunks;
}

function deltasOf(message: Json, logprobs: Json | null, body: Json): Json[] {
  const { role, content, refusal, tool_calls: calls = [], function_call: old, ...others } = message;
  const deltas: Json[] = body.model === "no-role" ? [] : [{ delta: { role, content: "", refusal: null } }];
  if (body.model === "empty-deltas")
    deltas.push({ delta: {} }, { delta: { content: "" } }, { delta: { content: null } });
  for (const [name, value] of Object.entries(others)) deltas.push({ delta: { [name]: value } });
  const words = content === null ? [] : body.model === "huge" ? [content] : content.split(/(?<= )/);
  for (const [at, word] of words.entries())
    deltas.push({
      delta: { content: word },
      ...(logprobs && { logprobs: { content: [logprobs.content[at]] } }),
    });
  if (refusal) deltas.push({ delta: { refusal } });
  for (const [index, call] of (calls as Json[]).entries()) {
    const kind = call.type as "function" | "custom"; // of the two that this server has
    const field = kind === "function" ? "arguments" : "input";
    const { [field]: text, ...rest } = call[kind];
    deltas.push({
      delta: { tool_calls: [{ index, id: call.id, type: kind, [kind]: { ...rest, [field]: "" } }] },
    });
    for (const piece of text.match(/[\s\S]{1,9}/g) ?? [])
      deltas.push({ delta: { tool_calls: [{ index, [kind]: { [field]: piece } }] } });
  }
  if (old) deltas.push({ delta: { function_call: old } });
  return deltas;
}

export function legacyAnswer(body: Json): Json {
  const prompts: unknown[] = Array.isArray(body.prompt) ? body.prompt : [body.prompt];
  const choices = prompts.flatMap((prompt, at) =>
    Array.from({ length: body.n ?? 1 }, (_, index) => ({
      index: at * (body.n ?? 1) + index,
      text: `${body.echo ? prompt : ""} once upon ${fingerprint(body)}${body.suffix ?? ""}`,
      logprobs: body.logprobs
        ? { tokens: ["a"], token_logprobs: [-1.5], top_logprobs: null, text_offset: [0] }
        : null,
      finish_reason: "stop",
    })),
  );
  return { ...head(body, "text_completion"), id: "cmpl-abc", choices, usage };
}

export function legacyChunks(body: Json): Json[] {
  const { choices, usage: told, ...base } = legacyAnswer(body);
  const chunks = (choices as Json[]).flatMap(({ text, finish_reason, ...rest }) => [
    ...text
      .split(/(?<= )/)
      .map((word: string) => ({ ...base, choices: [{ ...rest, text: word, finish_reason: null }] })),
    { ...base, choices: [{ ...rest, text: "", finish_reason }] },
  ]);
  return body.stream_options?.include_usage ? [...chunks, { ...base, choices: [], usage: told }] : chunks;
}
