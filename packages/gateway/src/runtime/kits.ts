import type { ToolSchema } from "./models/types.ts";
import { toolSchemas } from "./prompt.ts";
import { loadTools } from "./tools/index.ts";
import type { Tool } from "./tools/types.ts";

/** What an agent works with. */
export interface Kit {
  readonly tools: ReadonlyMap<string, Tool>;
  /** What a model is told of the tools; undefined where there is none. */
  readonly schemas: ToolSchema[] | undefined;
  /** How long that is, in characters. */
  readonly characters: number;
}

/** The kit for a list of tool names. Made once per list, as JSON Schemas are too costly for every run. */
export function createKits(): (names: readonly string[]) => Promise<Kit> {
  const made = new WeakMap<readonly string[], Kit>();
  return async (names) => {
    const known = made.get(names);
    if (known) return known;
    const tools = await loadTools(names);
    const schemas = tools.size > 0 ? toolSchemas(tools) : undefined;
    const kit = { tools, schemas, characters: schemas ? JSON.stringify(schemas).length : 0 };
    made.set(names, kit);
    return kit;
  };
}
