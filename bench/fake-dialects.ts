/** How the fake model says its words in one provider's dialect. */
export interface FakeDialect {
  whole(model: string, text: string): object;
  begin(model: string): string;
  word(text: string): string;
  end(): string;
}

const created = 1_767_225_600;
const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const event = (value: { type: string }): string => `event: ${value.type}\n${data(value)}`;

/** The dialect of a path of the fake model. */
export function dialectOf(path: string): FakeDialect {
  if (path.endsWith("/responses")) return responses();
  if (path.endsWith("/messages")) return messages();
  return path.includes("enerateContent") ? gemini() : chatCompletions();
}

function chatCompletions(): FakeDialect {
  const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
  const common = { id: "chatcmpl-bench", created };
  let model = "";
  const chunk = (delta: object, finish: string | null) =>
    data({
      ...common,
      object: "chat.completion.chunk",
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  return {
    whole: (asked, content) => ({
      ...common,
      object: "chat.completion",
      model: asked,
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage,
    }),
    begin(asked) {
      model = asked;
      return "";
    },
    word: (content) => chunk({ content }, null),
    end: () =>
      `${chunk({}, "stop")}${data({ ...common, object: "chat.completion.chunk", model, choices: [], usage })}data: [DONE]\n\n`,
  };
}

function messages(): FakeDialect {
  const usage = { input_tokens: 10, output_tokens: 20 };
  const message = (model: string, content: object[], reason: string | null) => ({
    ...{ id: "msg_bench", type: "message", role: "assistant", model, content },
    ...{ stop_reason: reason, stop_sequence: null, usage },
  });
  return {
    whole: (model, text) => message(model, [{ type: "text", text }], "end_turn"),
    begin: (model) =>
      event({ type: "message_start", message: message(model, [], null) } as { type: string }) +
      event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as {
        type: string;
      }),
    word: (text) =>
      event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } } as {
        type: string;
      }),
    end: () =>
      event({ type: "content_block_stop", index: 0 } as { type: string }) +
      event({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage } as {
        type: string;
      }) +
      event({ type: "message_stop" }),
  };
}

function responses(): FakeDialect {
  let model = "";
  let said = "";
  let sequence = 0;
  const output = (text: string) => [
    {
      ...{ id: "msg_bench", type: "message", status: "completed", role: "assistant" },
      content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
    },
  ];
  const response = (status: string, text?: string) => ({
    ...{ id: "resp_bench", object: "response", created_at: created, status, model },
    ...{ output: text === undefined ? [] : output(text), error: null, incomplete_details: null },
    usage: {
      ...{ input_tokens: 10, output_tokens: 20, total_tokens: 30 },
      ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
    },
  });
  const told = (type: string, fields: object) =>
    event({ type, sequence_number: sequence++, ...fields } as { type: string });
  const at = { item_id: "msg_bench", output_index: 0, content_index: 0 };
  return {
    whole(asked, text) {
      model = asked;
      return response("completed", text);
    },
    begin(asked) {
      model = asked;
      said = "";
      const item = { ...output("")[0], content: [], status: "in_progress" };
      return (
        told("response.created", { response: response("in_progress") }) +
        told("response.output_item.added", { output_index: 0, item })
      );
    },
    word(delta) {
      said += delta;
      return told("response.output_text.delta", { ...at, delta, logprobs: [] });
    },
    end: () =>
      told("response.output_text.done", { ...at, text: said, logprobs: [] }) +
      told("response.output_item.done", { output_index: 0, item: output(said)[0] }) +
      told("response.completed", { response: response("completed", said) }),
  };
}

function gemini(): FakeDialect {
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 20, totalTokenCount: 30 };
  const piece = (text: string, more: object = {}) => ({
    candidates: [{ content: { role: "model", parts: [{ text }] }, index: 0, ...more }],
    modelVersion: "bench",
  });
  return {
    whole: (_model, text) => ({ ...piece(text, { finishReason: "STOP" }), usageMetadata }),
    begin: () => "",
    word: (text) => data(piece(text)),
    end: () => data({ ...piece("", { finishReason: "STOP" }), usageMetadata }),
  };
}
