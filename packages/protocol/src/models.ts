import { z } from "zod";
import { thinkingLevel } from "./chat.ts";
import { define, timestamp } from "./method.ts";

/** A model or an agent that can be called now, in OpenAI's shape with our additions and what Anthropic's clients read. */
export const model = z
  .object({
    id: z.string(),
    object: z.literal("model"),
    created: z.int().describe("Unix seconds"),
    owned_by: z.string(),
    name: z.string().optional(),
    type: z.literal("model").optional(),
    display_name: z.string().optional(),
    created_at: timestamp.optional(),
    context_window: z.int().optional().describe("Tokens"),
    max_output_tokens: z.int().optional(),
    input: z.array(z.string()).optional().describe("What it reads: text, image …"),
    reasoning: z.boolean().optional(),
    thinking: z.array(thinkingLevel).optional().describe("The levels that it has"),
    cost: z
      .object({
        input: z.number(),
        output: z.number(),
        cacheRead: z.number().optional(),
        cacheWrite: z.number().optional(),
      })
      .optional()
      .describe("USD per million tokens"),
  })
  .meta({ id: "Model" });
export type ModelRow = z.infer<typeof model>;

export const modelMethods = {
  "model.list": define({
    summary: "The models and agents that can be called now",
    scopes: ["read", "chat"],
    http: { method: "GET", path: "/v1/models" },
    params: z.strictObject({
      limit: z.int().min(1).max(1000).optional().describe("Page size; all of them unless told"),
      after_id: z.string().max(256).optional().describe("The last id of the page before"),
      before_id: z.string().max(256).optional().describe("The first id of the page behind"),
    }),
    result: z.object({
      object: z.literal("list"),
      data: z.array(model),
      has_more: z.boolean().optional(),
      first_id: z.string().nullable().optional(),
      last_id: z.string().nullable().optional(),
    }),
  }),
  "model.get": define({
    summary: "One model or agent",
    scopes: ["read", "chat"],
    http: { method: "GET", path: "/v1/models/{id...}" },
    params: z.strictObject({ id: z.string().min(1).max(256) }),
    result: model,
  }),
} as const;
