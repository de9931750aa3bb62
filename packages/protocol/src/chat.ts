import { z } from "zod";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this pattern refuses
const printable = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/;

/** Names a conversation. A name and nothing more: it grants no access and never becomes a path. */
export const sessionKey = z
  .string()
  .min(1, "must not be empty")
  .max(256, "must be at most 256 characters")
  .regex(printable, "must not contain control characters")
  .refine((key) => key.isWellFormed(), "must not contain half of a surrogate pair")
  .describe("Name of the session, 1–256 printable characters; made if absent");

export const runId = z.string().min(1).max(256);
export const agentId = z.string().min(1).max(128);
export const modelId = z.string().min(1).max(256).describe("provider/model");

/** How hard the model should think; lowered to the nearest level that the model has. */
export const thinkingLevels = ["off", "minimal", "low", "medium", "high", "xhigh"] as const;
export const thinkingLevel = z.enum(thinkingLevels).meta({ id: "ThinkingLevel" });
export type ThinkingLevel = z.infer<typeof thinkingLevel>;

/** A file that comes with a message: `data` in base64, or a `url`. */
export const attachment = z
  .strictObject({
    type: z.enum(["image", "audio", "video", "file"]).default("file"),
    mimeType: z.string().min(1).max(255).optional(),
    data: z.base64().optional().describe("The bytes, base64"),
    url: z.url({ protocol: /^https?$/ }).optional(),
    name: z.string().min(1).max(255).optional(),
  })
  .refine((it) => (it.data === undefined) !== (it.url === undefined), {
    message: "needs exactly one of data and url",
    path: ["data"],
  })
  .meta({ id: "Attachment" });
export type Attachment = z.infer<typeof attachment>;

export const runOptions = z
  .strictObject({
    thinking: thinkingLevel.optional(),
    model: modelId.optional(),
    stream: z.boolean().optional().describe("false: no deltas, only the end"),
    temperature: z.number().min(0).max(2).optional(),
    maxTokens: z.int().min(1).optional().describe("Most tokens of one model call"),
    timeoutMs: z
      .int()
      .min(1)
      .max(86_400_000)
      .optional()
      .describe("Most time that the run itself may take, ms"),
    onDisconnect: z
      .enum(["continue", "abort"])
      .optional()
      .describe("What a dropped connection does to the run"),
  })
  .meta({ id: "RunOptions" });
export type RunOptions = z.infer<typeof runOptions>;

/** Tokens of all model calls of a run. */
export const usage = z
  .object({
    promptTokens: z.int(),
    completionTokens: z.int(),
    totalTokens: z.int(),
    reasoningTokens: z.int().optional(),
    cachedTokens: z.int().optional(),
  })
  .meta({ id: "Usage" });
export type Usage = z.infer<typeof usage>;

export const finishReasons = ["stop", "length", "content_filter", "max_steps", "aborted"] as const;
export const finishReason = z.enum(finishReasons).meta({ id: "FinishReason" });
export type FinishReason = z.infer<typeof finishReason>;

/** A call of a tool by the model; `result` is there once the tool has ended. */
export const toolCall = z
  .object({
    toolCallId: z.string(),
    tool: z.string(),
    params: z.unknown(),
    result: z.unknown().optional(),
    isError: z.boolean().optional(),
  })
  .meta({ id: "ToolCall" });
export type ToolCall = z.infer<typeof toolCall>;
