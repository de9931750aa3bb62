import type { z } from "zod";

export interface ToolContext {
  signal: AbortSignal;
  sessionKey: string;
  now(): number;
}

/** Something that the model can do. Arguments are validated by `params` before `run` sees them. */
export interface Tool<P extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly description: string;
  readonly params: P;
  /** Returns what goes to the model as JSON; a throw becomes an error result. */
  run(params: z.output<P>, context: ToolContext): Promise<unknown>;
}
