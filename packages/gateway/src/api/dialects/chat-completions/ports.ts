import { modelId } from "openclaw-protocol";
import { z } from "zod";
import type { Asking } from "../../../services/models/asking.ts";
import type { Models } from "../../../services/models/models.ts";
import type { Passing } from "../../../services/models/passing.ts";
import type { Runs } from "../../../services/runs/runs.ts";

/** What must be right in a body, whoever judges the rest. */
export const chatBody = z.looseObject({
  model: modelId,
  messages: z.array(z.record(z.string(), z.unknown())).min(1),
  stream: z.boolean().nullish(),
});
export type ChatBody = z.infer<typeof chatBody>;

/** What the dialect needs from the house. */
export interface ChatCompletionsDeps {
  models: Models;
  /** The ways to the models. */
  asking: Asking & Passing;
  runs: Runs;
  /** Most time of a completion, ms; 0 = off. */
  timeoutMs: number;
  now(): number;
  newId(prefix: string): string;
}
