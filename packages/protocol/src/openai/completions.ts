import { z } from "zod";

/**
 * OpenAI's legacy completions, for providers that have them; they judge everything else in a body.
 * Source: OpenAI API reference, "Completions".
 */
export const completionRequest = z
  .looseObject({ model: z.string().min(1).max(256), stream: z.boolean().nullish() })
  .meta({ id: "CompletionRequest" });
export type CompletionRequest = z.infer<typeof completionRequest>;
