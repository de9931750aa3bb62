import { z } from "zod";
import { thinkingLevel } from "./chat.ts";
import { define, noParams } from "./method.ts";

/** A model or an agent that can be called now, in OpenAI's shape with our additions. */
export const model = z
  .object({
    id: z.string(),
    object: z.literal("model"),
    created: z.int().describe("Unix seconds"),
    owned_by: z.string(),
    name: z.string().optional(),
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
    params: noParams,
    result: z.object({ object: z.literal("list"), data: z.array(model) }),
  }),
  "model.get": define({
    summary: "One model or agent",
    scopes: ["read", "chat"],
    http: { method: "GET", path: "/v1/models/{id...}" },
    params: z.strictObject({ id: z.string().min(1).max(256) }),
    result: model,
  }),
} as const;
