import type { Dialect, FakeUsage, Said } from "./fake-model-dialects.ts";

/**
 * The Responses API. `encrypted`: whether reasoning carries what the caller may give back.
 * https://developers.openai.com/api/reference/resources/responses/streaming-events
 */
export function responsesDialect(encrypted: boolean): Dialect {
  let model = "";
  let sequence = 0;
  let index = -1;
  let open: { type: string; id: string } | undefined;

  const event = (type: string, value: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...value })}\n\n`;
  const response = (status: string, more: object = {}) => ({
    response: { id: "resp_fake", object: "response", created_at: 1_700_000_000, status, model, ...more },
  });
  const signed = () => (encrypted ? { encrypted_content: "fake-signature" } : {});
  const item = (type: string, id: string, more: object) => ({
    output_index: index,
    item: { type, id, ...more },
  });
  const close = (): string => {
    if (!open) return "";
    const { type, id } = open;
    open = undefined;
    if (type === "message") return event("response.output_item.done", item(type, id, { content: [] }));
    return (
      event("response.reasoning_summary_part.done", { item_id: id, output_index: index, summary_index: 0 }) +
      event("response.output_item.done", item(type, id, { summary: [], ...signed() }))
    );
  };
  const start = (type: "message" | "reasoning"): string => {
    if (open?.type === type) return "";
    const before = close();
    index += 1;
    open = { type, id: `${type === "message" ? "msg" : "rs"}_${index}` };
    const added = event("response.output_item.added", item(type, open.id, { status: "in_progress" }));
    if (type === "message") return before + added;
    const part = { item_id: open.id, output_index: index, summary_index: 0 };
    return before + added + event("response.reasoning_summary_part.added", part);
  };
  const delta = (type: string, text: string, more: object): string =>
    event(type, { item_id: open!.id, output_index: index, delta: text, ...more }); // `start` has opened it

  return {
    begin(asked) {
      model = asked;
      return (
        event("response.created", response("in_progress")) +
        event("response.in_progress", response("in_progress"))
      );
    },
    text: (text) => start("message") + delta("response.output_text.delta", text, { content_index: 0 }),
    reasoning: (text) =>
      start("reasoning") + delta("response.reasoning_summary_text.delta", text, { summary_index: 0 }),
    call(_index, { id, name, pieces }) {
      const before = close();
      index += 1;
      const call = (given: string, status: string) =>
        item("function_call", `fc_${index}`, { call_id: id, name, arguments: given, status });
      const at = { item_id: `fc_${index}`, output_index: index };
      const whole = pieces.join("");
      return [
        before + event("response.output_item.added", call("", "in_progress")),
        ...pieces.map((piece) => event("response.function_call_arguments.delta", { ...at, delta: piece })),
        event("response.function_call_arguments.done", { ...at, arguments: whole }) +
          event("response.output_item.done", call(whole, "completed")),
      ];
    },
    end(said) {
      const status = said.finish in cutShort ? "incomplete" : "completed";
      return close() + event(`response.${status}`, response(status, endOf(said)));
    },
    whole(asked, said) {
      model = asked;
      const calls = said.calls.map(({ id, name, pieces }) => ({
        type: "function_call",
        id: `fc_${id}`,
        call_id: id,
        name,
        arguments: pieces.join(""),
      }));
      const content = [{ type: "output_text", text: said.text, annotations: [] }];
      const output = [{ type: "message", id: "msg_0", role: "assistant", content }, ...calls];
      return response("completed", { output, ...endOf(said) }).response;
    },
  };
}

const cutShort: Partial<Record<Said["finish"], string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

function endOf({ finish, usage }: Said): object {
  const reason = cutShort[finish];
  return { incomplete_details: reason === undefined ? null : { reason }, usage: usageOf(usage) };
}

function usageOf({ prompt, completion, cached = 0, reasoning = 0 }: FakeUsage): object {
  return {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: completion,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: prompt + completion,
  };
}
