import { z } from "zod";

/**
 * The parameters that are honoured on every wire. Providers that speak this dialect themselves judge a body alone,
 * and vendors' own parameters reach them untouched. Source: OpenAI API reference, "Embeddings".
 */
export const embeddingsRequest = z
  .looseObject({
    model: z.string().min(1).max(256),
    input: z
      .union([z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))])
      .describe("A text or at most 2048 of them; token arrays where the provider takes them"),
    encoding_format: z.enum(["float", "base64"]).nullish(),
    dimensions: z.int().min(1).nullish(),
    user: z.string().nullish(),
  })
  .meta({ id: "EmbeddingsRequest" });
export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;

/** `embedding` is an array of numbers, or float32 values, little-endian, in base64. */
export const embeddingsAnswer = z
  .looseObject({
    object: z.literal("list"),
    data: z.array(
      z.looseObject({
        object: z.literal("embedding"),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }).optional(),
  })
  .meta({ id: "EmbeddingsAnswer" });
