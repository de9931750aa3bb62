import type { Tool } from "./types.ts";

/** Every built-in tool by name, loaded when an agent first has it. Adding one: a file and a line. */
const table = new Map<string, () => Promise<{ tool: Tool }>>([
  ["clock", () => import("./clock.ts") as Promise<{ tool: Tool }>], // a tool of some params is a tool
]);

export const toolNames: readonly string[] = [...table.keys()];

/** Loads tools by name; names that this build lacks are left out. */
export async function loadTools(names: readonly string[]): Promise<Map<string, Tool>> {
  const tools = new Map<string, Tool>();
  for (const name of names) {
    const loaded = await table.get(name)?.();
    if (loaded) tools.set(name, loaded.tool);
  }
  return tools;
}
