/** What a fake model says, in no dialect. */
export interface Said {
  text: string;
  reasoning: string;
  calls: SaidCall[];
  finish: "stop" | "length" | "tool_calls" | "content_filter";
  usage: FakeUsage;
}

interface SaidCall {
  id: string;
  name: string;
  /** JSON text, in the pieces in which it is sent. */
  pieces: string[];
}

export interface FakeUsage {
  prompt: number;
  completion: number;
  cached?: number;
  reasoning?: number;
}

/** How one provider's API puts it on the wire, as server-sent events and as one JSON body. */
export interface Dialect {
  begin(model: string): string;
  text(delta: string): string;
  reasoning(delta: string): string;
  call(index: number, call: SaidCall): string[];
  end(said: Said): string;
  whole(model: string, said: Said): unknown;
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

/** https://platform.openai.com/docs/api-reference/chat */
export function openaiDialect(includeUsage: boolean): Dialect {
  let model = "";
  const chunk = (delta: unknown, finish: string | null = null, more: object = {}): string =>
    data({
      id: "chatcmpl-fake",
      object: "chat.completion.chunk",
      created: 1_700_000_000,
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...more,
    });
  const usageOf = ({ prompt, completion, cached, reasoning }: FakeUsage) => ({
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  });
  const functionOf = (call: SaidCall) => ({ name: call.name, arguments: call.pieces.join("") });
  return {
    begin(asked) {
      model = asked;
      return chunk({ role: "assistant", content: "" });
    },
    text: (content) => chunk({ content }),
    reasoning: (delta) => chunk({ reasoning_content: delta }),
    call: (index, { id, name, pieces }) => [
      chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
      ...pieces.map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ],
    end(said) {
      const usage = includeUsage
        ? data({ ...JSON.parse(chunk({}).slice(6)), choices: [], usage: usageOf(said.usage) })
        : "";
      return `${chunk({}, said.finish)}${usage}data: [DONE]\n\n`;
    },
    whole: (asked, said) => ({
      id: "chatcmpl-fake",
      object: "chat.completion",
      created: 1_700_000_000,
      model: asked,
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: said.text,
            ...(said.reasoning !== "" && { reasoning_content: said.reasoning }),
            ...(said.calls.length > 0 && {
              tool_calls: said.calls.map((it) => ({ id: it.id, type: "function", function: functionOf(it) })),
            }),
          },
          finish_reason: said.finish,
        },
      ],
      usage: usageOf(said.usage),
    }),
  };
}

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
export function anthropicDialect(): Dialect {
  let index = -1;
  let open = "";
  const event = (value: { type: string }): string => `event: ${value.type}\n${data(value)}`;
  const delta = (it: unknown): string =>
    event({ type: "content_block_delta", index, delta: it } as { type: string });
  const close = (): string => {
    if (open === "") return "";
    const signature =
      open === "thinking" ? delta({ type: "signature_delta", signature: "fake-signature" }) : "";
    open = "";
    return signature + event({ type: "content_block_stop", index } as { type: string });
  };
  const start = (type: string, block: object): string => {
    if (open === type && type !== "tool_use") return "";
    const before = close();
    open = type;
    index += 1;
    return (
      before +
      event({ type: "content_block_start", index, content_block: { type, ...block } } as { type: string })
    );
  };
  const reasons = {
    stop: "end_turn",
    length: "max_tokens",
    tool_calls: "tool_use",
    content_filter: "refusal",
  };
  const inputUsage = ({ prompt, cached = 0 }: FakeUsage) => ({
    input_tokens: prompt - cached,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
  });
  return {
    begin: (model) =>
      event({
        type: "message_start",
        message: {
          id: "msg_fake",
          type: "message",
          role: "assistant",
          model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      } as { type: string }),
    text: (text) => start("text", { text: "" }) + delta({ type: "text_delta", text }),
    reasoning: (thinking) =>
      start("thinking", { thinking: "", signature: "" }) + delta({ type: "thinking_delta", thinking }),
    call: (_index, { id, name, pieces }) => [
      start("tool_use", { id, name, input: {} }),
      ...pieces.map((piece) => delta({ type: "input_json_delta", partial_json: piece })),
      close(),
    ],
    end: (said) =>
      close() +
      event({
        type: "message_delta",
        delta: { stop_reason: reasons[said.finish], stop_sequence: null },
        usage: { ...inputUsage(said.usage), output_tokens: said.usage.completion },
      } as { type: string }) +
      event({ type: "message_stop" }),
    whole: (model, said) => ({
      id: "msg_fake",
      type: "message",
      role: "assistant",
      model,
      content: [
        ...(said.reasoning === ""
          ? []
          : [{ type: "thinking", thinking: said.reasoning, signature: "fake-signature" }]),
        ...(said.text === "" ? [] : [{ type: "text", text: said.text }]),
        ...said.calls.map((it) => ({
          type: "tool_use",
          id: it.id,
          name: it.name,
          input: JSON.parse(it.pieces.join("")),
        })),
      ],
      stop_reason: reasons[said.finish],
      stop_sequence: null,
      usage: { ...inputUsage(said.usage), output_tokens: said.usage.completion },
    }),
  };
}

/** https://ai.google.dev/api/generate-content */
export function googleDialect(): Dialect {
  const reasons = { stop: "STOP", length: "MAX_TOKENS", tool_calls: "STOP", content_filter: "SAFETY" };
  const parts = (list: unknown[], more: object = {}) => ({
    candidates: [{ content: { role: "model", parts: list }, index: 0, ...more }],
    modelVersion: "fake",
  });
  const callPart = ({ id, name, pieces }: SaidCall) => ({
    functionCall: { name, args: JSON.parse(pieces.join("") || "{}") },
    thoughtSignature: `signature-of-${id}`,
  });
  const thought = (text: string) =>
    text === "" ? [] : [{ text, thought: true, thoughtSignature: "fake-signature" }];
  const usageOf = ({ prompt, completion, cached = 0, reasoning = 0 }: FakeUsage) => ({
    promptTokenCount: prompt,
    candidatesTokenCount: completion - reasoning,
    thoughtsTokenCount: reasoning,
    cachedContentTokenCount: cached,
    totalTokenCount: prompt + completion,
  });
  const end = (said: Said) => ({
    ...parts([{ text: "" }], { finishReason: reasons[said.finish] }),
    usageMetadata: usageOf(said.usage),
  });
  return {
    begin: () => "",
    text: (text) => data(parts([{ text }])),
    reasoning: (text) => data(parts([{ text, thought: true, thoughtSignature: "fake-signature" }])),
    call: (_index, call) => [data(parts([callPart(call)]))],
    end: (said) => data(end(said)),
    whole: (_model, said) => ({
      ...parts([...thought(said.reasoning), { text: said.text }, ...said.calls.map(callPart)], {
        finishReason: reasons[said.finish],
      }),
      usageMetadata: usageOf(said.usage),
    }),
  };
}
