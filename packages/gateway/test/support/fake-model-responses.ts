import { randomUUID } from "node:crypto";
import type { Dialect, FakeUsage, Said } from "./fake-model-dialects.ts";

type Item = Record<string, unknown> & { type: string; id: string };

/**
 * The Responses API. `encrypted`: whether reasoning carries what the caller may give back.
 * https://developers.openai.com/api/reference/resources/responses/streaming-events
 */
export function responsesDialect(encrypted: boolean): Dialect {
  const answer = randomUUID().slice(0, 8);
  const output: Item[] = [];
  let model = "";
  let sequence = 2; // the first two tell of the beginning, which the fake writes only once there is more
  let open: { item: Item; text: string } | undefined;

  const event = (type: string, value: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...value })}\n\n`;
  const response = (status: string, more: object = {}) => ({
    response: {
      ...{ id: `resp_${answer}`, object: "response", created_at: 1_700_000_000, status, model, output },
      ...{ error: null, incomplete_details: null, instructions: null, metadata: {}, tools: [] },
      ...{ tool_choice: "auto", parallel_tool_calls: true, temperature: 1, top_p: 1, ...more },
    },
  });
  const signed = () => (encrypted ? { encrypted_content: "fake-signature" } : {});
  const at = () => ({ output_index: output.length - 1 });
  const inItem = () => ({ ...at(), item_id: output.at(-1)!.id }); // asked for within an item
  const begin = (prefix: string, item: Record<string, unknown> & { type: string }): Item => {
    const made = { ...item, id: `${prefix}_${answer}${output.length}`, status: "in_progress" };
    output.push(made);
    return made;
  };
  const added = (item: Item): string => event("response.output_item.added", { ...at(), item });
  const done = (item: Item, more: object): string =>
    event("response.output_item.done", {
      ...at(),
      item: Object.assign(item, { status: "completed", ...more }),
    });

  const close = (): string => {
    if (!open) return "";
    const { item, text } = open;
    open = undefined;
    if (item.type === "message") {
      const part = textPart(text);
      const where = { ...inItem(), content_index: 0 };
      return (
        event("response.output_text.done", { ...where, text, logprobs: [] }) +
        event("response.content_part.done", { ...where, part }) +
        done(item, { content: [part] })
      );
    }
    const part = { type: "summary_text", text };
    const where = { ...inItem(), summary_index: 0 };
    return (
      event("response.reasoning_summary_text.done", { ...where, text }) +
      event("response.reasoning_summary_part.done", { ...where, part }) +
      done(item, { summary: [part], ...signed() })
    );
  };
  const start = (type: "message" | "reasoning"): string => {
    if (open?.item.type === type) return "";
    const before = close();
    if (type === "message") {
      const item = begin("msg", { type, role: "assistant", content: [] });
      open = { item, text: "" };
      const part = { ...inItem(), content_index: 0, part: textPart("") };
      return before + added(item) + event("response.content_part.added", part);
    }
    const item = begin("rs", { type, summary: [] });
    open = { item, text: "" };
    const part = { ...inItem(), summary_index: 0, part: { type: "summary_text", text: "" } };
    return before + added(item) + event("response.reasoning_summary_part.added", part);
  };
  const say = (type: "message" | "reasoning", delta: string): string => {
    const before = start(type);
    open!.text += delta; // `start` has opened it
    return type === "message"
      ? before + event("response.output_text.delta", { ...inItem(), delta, content_index: 0, logprobs: [] })
      : before + event("response.reasoning_summary_text.delta", { ...inItem(), delta, summary_index: 0 });
  };

  return {
    begin(asked) {
      model = asked;
      const early = response("in_progress", { output: [] });
      const first = event("response.created", { ...early, sequence_number: 0 });
      const second = event("response.in_progress", { ...early, sequence_number: 1 });
      sequence -= 2;
      return first + second;
    },
    text: (text) => say("message", text),
    reasoning: (text) => say("reasoning", text),
    call(_index, { id, name, pieces }) {
      const before = close();
      const item = begin("fc", { type: "function_call", call_id: id, name, arguments: "" });
      const whole = pieces.join("");
      const where = inItem();
      return [
        before + added(item),
        ...pieces.map((delta) => event("response.function_call_arguments.delta", { ...where, delta })),
        event("response.function_call_arguments.done", { ...where, name, arguments: whole }) +
          done(item, { arguments: whole }),
      ];
    },
    end(said) {
      const status = said.finish in cutShort ? "incomplete" : "completed";
      return close() + event(`response.${status}`, response(status, endOf(said)));
    },
    whole(asked, said) {
      model = asked;
      output.length = 0; // what a stream would have been is not sent
      open = undefined;
      if (said.reasoning !== "") say("reasoning", said.reasoning);
      if (said.text !== "" || said.calls.length === 0) say("message", said.text);
      close();
      for (const { id, name, pieces } of said.calls) {
        const call = { type: "function_call", call_id: id, name, arguments: pieces.join("") };
        Object.assign(begin("fc", call), { status: "completed" });
      }
      const status = said.finish in cutShort ? "incomplete" : "completed";
      return response(status, endOf(said)).response;
    },
  };
}

const cutShort: Partial<Record<Said["finish"], string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

function textPart(text: string): object {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

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
