import { z } from "zod";

const modelId = z.string().min(1).max(256);
const part = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(part)]);

/** An item of a conversation: a message where `type` is absent. What it needs depends on its type. */
export const responseItem = z
  .looseObject({
    type: z.string().nullish(),
    id: z.string().max(256).nullish(),
    role: z.enum(["user", "assistant", "system", "developer"]).optional(),
    content: content.nullish(),
  })
  .meta({ id: "ResponseItem" });
export type ResponseItem = z.infer<typeof responseItem>;

const format = z.looseObject({
  type: z.enum(["text", "json_object", "json_schema"]),
  name: z.string().optional(),
  description: z.string().nullish(),
  schema: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

const tool = z.looseObject({ type: z.string(), name: z.string().optional() });

const toolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({
    type: z.string(),
    name: z.string().optional(),
    mode: z.enum(["none", "auto", "required"]).optional(),
    tools: z.array(tool).optional(),
  }),
]);

export const reasoningEfforts = ["none", "minimal", "low", "medium", "high", "xhigh"] as const;

/** What callers say about a response, whoever makes it. Vendors' own fields ride along. */
export const responseRequest = z
  .looseObject({
    model: modelId,
    input: z.union([z.string(), z.array(responseItem)]).nullish(),
    instructions: z.string().nullish(),
    previous_response_id: z.string().max(256).nullish(),
    store: z.boolean().nullish(),
    background: z.boolean().nullish(),
    stream: z.boolean().nullish(),
    include: z.array(z.string()).nullish(),
    metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
    tools: z.array(tool).nullish(),
    tool_choice: toolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z
      .looseObject({
        format: format.nullish(),
        verbosity: z.enum(["low", "medium", "high"]).nullish(),
      })
      .nullish(),
    reasoning: z
      .looseObject({ effort: z.enum(reasoningEfforts).nullish(), summary: z.string().nullish() })
      .nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    max_output_tokens: z.int().min(1).nullish(),
    max_tool_calls: z.int().min(1).nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    truncation: z.enum(["auto", "disabled"]).nullish(),
    user: z.string().max(256).nullish(),
    safety_identifier: z.string().max(256).nullish(),
    prompt_cache_key: z.string().max(256).nullish(),
    service_tier: z.string().max(64).nullish(),
  })
  .meta({ id: "ResponseRequest" });
export type ResponseRequest = z.infer<typeof responseRequest>;

export const responseUsage = z
  .looseObject({
    input_tokens: z.int(),
    input_tokens_details: z.looseObject({ cached_tokens: z.int() }),
    output_tokens: z.int(),
    output_tokens_details: z.looseObject({ reasoning_tokens: z.int() }),
    total_tokens: z.int(),
  })
  .meta({ id: "ResponseUsage" });

const outputItem = z.looseObject({ type: z.string(), id: z.string().nullish() });

export const responseStatuses = [
  "queued",
  "in_progress",
  "completed",
  "failed",
  "incomplete",
  "cancelled",
] as const;

export const response = z
  .looseObject({
    id: z.string(),
    object: z.literal("response"),
    created_at: z.number().describe("Unix seconds"),
    status: z.enum(responseStatuses),
    model: z.string(),
    output: z.array(outputItem),
    error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.looseObject({ reason: z.string().optional() }).nullable(),
    usage: responseUsage.nullish(),
  })
  .meta({ id: "Response" });

/** One event of a streamed response; `type` tells which, `sequence_number` counts from 0. */
export const responseEvent = z
  .looseObject({ type: z.string(), sequence_number: z.int() })
  .meta({ id: "ResponseEvent" });

export const compactRequest = z
  .looseObject({
    model: modelId,
    input: z.union([z.string(), z.array(responseItem)]).nullish(),
    instructions: z.string().nullish(),
    previous_response_id: z.string().max(256).nullish(),
  })
  .meta({ id: "CompactRequest" });
export type CompactRequest = z.infer<typeof compactRequest>;

export const compactedResponse = z
  .looseObject({
    id: z.string(),
    object: z.literal("response.compaction"),
    created_at: z.int(),
    output: z.array(outputItem),
    usage: responseUsage,
  })
  .meta({ id: "CompactedResponse" });

export const responseInputItems = z
  .object({
    object: z.literal("list"),
    data: z.array(outputItem),
    first_id: z.string(),
    last_id: z.string(),
    has_more: z.boolean(),
  })
  .meta({ id: "ResponseInputItems" });

export const responseInputTokens = z
  .object({ object: z.literal("response.input_tokens"), input_tokens: z.int() })
  .meta({ id: "ResponseInputTokens" });

export const deletedResponse = z
  .object({ id: z.string(), object: z.literal("response"), deleted: z.literal(true) })
  .meta({ id: "DeletedResponse" });

/** An error on the paths of this dialect, and under `error` in its `error` events. */
export const responsesError = z
  .object({
    error: z.looseObject({
      type: z.string(),
      code: z.string(),
      message: z.string(),
      param: z.string().nullable(),
      requestId: z.string().optional(),
    }),
  })
  .meta({ id: "ResponsesError" });
