import { z } from "zod";

/** Anthropic's Messages API. Source: Anthropic API reference, "Messages" and "Count Message tokens". */

const text = z.looseObject({ type: z.literal("text"), text: z.string() });

const base64Source = z.looseObject({ type: z.literal("base64"), media_type: z.string(), data: z.string() });
const urlSource = z.looseObject({ type: z.literal("url"), url: z.string() });
const fileSource = z.looseObject({ type: z.literal("file"), file_id: z.string() });

const image = z.looseObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [base64Source, urlSource, fileSource]),
});

const citations = z.looseObject({ enabled: z.boolean().nullish() }).nullish();

const document = z.looseObject({
  type: z.literal("document"),
  source: z.discriminatedUnion("type", [
    base64Source,
    urlSource,
    fileSource,
    z.looseObject({ type: z.literal("text"), data: z.string() }),
    z.looseObject({
      type: z.literal("content"),
      content: z.union([z.string(), z.array(z.discriminatedUnion("type", [text, image]))]),
    }),
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations,
});

const searchResult = z.looseObject({
  type: z.literal("search_result"),
  source: z.string(),
  title: z.string(),
  content: z.array(text),
  citations,
});

const toolUse = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string().min(1),
  name: z.string().min(1),
  input: z.unknown(),
});

const thinkingBlock = z.looseObject({
  type: z.literal("thinking"),
  thinking: z.string(),
  signature: z.string().nullish(),
});

const redactedThinking = z.looseObject({ type: z.literal("redacted_thinking"), data: z.string() });

const partTypes = ["text", "image", "document", "search_result"];
const blockTypes = [...partTypes, "tool_use", "tool_result", "thinking", "redacted_thinking"];

/** Blocks of the vendor's own tools and betas: there are ever more of them. */
const otherThan = (known: readonly string[]) =>
  z.looseObject({
    type: z
      .string()
      .refine((it) => !known.includes(it), { message: "is not right for its type", abort: true }),
  });

const part = z.discriminatedUnion("type", [text, image, document, searchResult]);
export type MessagesPart = z.infer<typeof part>;

const toolResult = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.union([part, otherThan(partTypes)]))]).nullish(),
  is_error: z.boolean().nullish(),
});
export type MessagesToolResult = z.infer<typeof toolResult>;

const knownBlock = z.discriminatedUnion("type", [
  text,
  image,
  document,
  searchResult,
  toolUse,
  toolResult,
  thinkingBlock,
  redactedThinking,
]);
export type MessagesBlock = z.infer<typeof knownBlock>;

const other = otherThan(blockTypes);
export type MessagesOtherBlock = z.infer<typeof other>;

/** Whether a block is one of those that mean something to every model. */
export function isMessagesBlock(block: MessagesBlock | MessagesOtherBlock): block is MessagesBlock {
  return blockTypes.includes(block.type);
}

/** Whether a block is content as such: neither a tool's nor a thought. */
export function isMessagesPart(block: MessagesBlock | MessagesOtherBlock): block is MessagesPart {
  return partTypes.includes(block.type);
}

const message = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: z.union([z.string(), z.array(z.union([knownBlock, other]))]),
});
export type MessagesMessage = z.infer<typeof message>;

const customTool = z.looseObject({
  type: z.literal("custom").nullish(),
  name: z.string().min(1),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().nullish(),
});
export type MessagesCustomTool = z.infer<typeof customTool>;

const tool = z.union([customTool, otherThan(["custom"])]);

const parallel = { disable_parallel_tool_use: z.boolean().nullish() };

const toolChoice = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("auto"), ...parallel }),
  z.looseObject({ type: z.literal("any"), ...parallel }),
  z.looseObject({ type: z.literal("tool"), name: z.string(), ...parallel }),
  z.looseObject({ type: z.literal("none") }),
]);

const display = { display: z.enum(["summarized", "omitted"]).nullish() };

const thinking = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("enabled"), budget_tokens: z.int().min(1), ...display }),
  z.looseObject({ type: z.literal("adaptive"), ...display }),
  z.looseObject({ type: z.literal("between_tools") }),
  z.looseObject({ type: z.literal("disabled") }),
]);

const format = z
  .looseObject({ type: z.literal("json_schema"), schema: z.record(z.string(), z.unknown()) })
  .nullish();

/** What counting tokens and answering have in common. */
const shared = {
  model: z.string().min(1).max(256),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(text)]).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: thinking.nullish(),
  output_config: z
    .looseObject({ effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(), format })
    .nullish(),
  output_format: format,
};

/** What is asked of a model of any provider; providers that speak the dialect themselves judge their own bodies. */
export const messagesRequest = z
  .looseObject({
    ...shared,
    max_tokens: z.int().min(1),
    stream: z.boolean().nullish(),
    stop_sequences: z.array(z.string()).nullish(),
    temperature: z.number().min(0).max(1).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).nullish(),
    metadata: z.looseObject({ user_id: z.string().nullish() }).nullish(),
  })
  .meta({ id: "MessagesRequest" });
export type MessagesRequest = z.infer<typeof messagesRequest>;

export const countTokensRequest = z.looseObject(shared).meta({ id: "CountTokensRequest" });
export type CountTokensRequest = z.infer<typeof countTokensRequest>;

export const countTokensAnswer = z.looseObject({ input_tokens: z.int() }).meta({ id: "CountTokensAnswer" });

const usage = z.looseObject({ input_tokens: z.int(), output_tokens: z.int() });
const answerBlock = z.looseObject({ type: z.string() });

export const messagesAnswer = z
  .looseObject({
    id: z.string(),
    type: z.literal("message"),
    role: z.literal("assistant"),
    model: z.string(),
    content: z.array(answerBlock),
    stop_reason: z.string().nullable(),
    stop_sequence: z.string().nullable(),
    usage,
  })
  .meta({ id: "MessagesAnswer" });

/** The error as it stands on the paths of this dialect, in bodies and in streams. */
export const messagesError = z
  .looseObject({
    type: z.literal("error"),
    error: z.looseObject({ type: z.string(), message: z.string() }),
    request_id: z.string().nullish(),
  })
  .meta({ id: "MessagesError" });

export const messagesStreamEvent = z
  .discriminatedUnion("type", [
    z.looseObject({ type: z.literal("message_start"), message: messagesAnswer }),
    z.looseObject({ type: z.literal("ping") }),
    z.looseObject({
      type: z.literal("content_block_start"),
      index: z.int(),
      content_block: answerBlock,
    }),
    z.looseObject({ type: z.literal("content_block_delta"), index: z.int(), delta: answerBlock }),
    z.looseObject({ type: z.literal("content_block_stop"), index: z.int() }),
    z.looseObject({
      type: z.literal("message_delta"),
      delta: z.looseObject({ stop_reason: z.string().nullable(), stop_sequence: z.string().nullable() }),
      usage: z.looseObject({ output_tokens: z.int() }),
    }),
    z.looseObject({ type: z.literal("message_stop") }),
    messagesError,
  ])
  .meta({ id: "MessagesStreamEvent" });
