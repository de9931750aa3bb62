import { z } from "zod";
import type { ToolSchema } from "./models/types.ts";
import type { Tool } from "./tools/types.ts";

const base = "You are a personal assistant that people reach through OpenClaw. Be helpful, honest and brief.";

/** The system prompt: the same bytes for every turn of a session, so that providers' prompt caches hit. */
export function systemPrompt(instructions: string | undefined): string {
  return instructions ? `${base}\n\n${instructions}` : base;
}

/** Tools as a model is told of them, in the order of their names. */
export function toolSchemas(tools: ReadonlyMap<string, Tool>): ToolSchema[] {
  return [...tools.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((tool) => {
      const { $schema: _, ...parameters } = z.toJSONSchema(tool.params, { io: "input" });
      return { name: tool.name, description: tool.description, parameters };
    });
}
