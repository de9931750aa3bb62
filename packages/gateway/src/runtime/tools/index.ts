import type { Tool } from "./types.ts";

/** Every built-in tool by name, loaded when an agent first has it. Adding one: a file and a line. */
const table = new Map<string, () => Promise<{ tool: Tool }>>([
  ["apply_patch", () => import("./apply-patch.ts") as Promise<{ tool: Tool }>], // a tool of some params is a tool
  ["clock", () => import("./clock.ts") as Promise<{ tool: Tool }>],
  ["cron", () => import("./cron.ts") as Promise<{ tool: Tool }>],
  ["edit", () => import("./edit.ts") as Promise<{ tool: Tool }>],
  ["exec", () => import("./exec.ts") as Promise<{ tool: Tool }>],
  ["list", () => import("./list.ts") as Promise<{ tool: Tool }>],
  ["message", () => import("./message.ts") as Promise<{ tool: Tool }>],
  ["process", () => import("./process.ts") as Promise<{ tool: Tool }>],
  ["read", () => import("./read.ts") as Promise<{ tool: Tool }>],
  ["search", () => import("./search.ts") as Promise<{ tool: Tool }>],
  ["sessions_history", () => import("./sessions-history.ts") as Promise<{ tool: Tool }>],
  ["sessions_list", () => import("./sessions-list.ts") as Promise<{ tool: Tool }>],
  ["sessions_send", () => import("./sessions-send.ts") as Promise<{ tool: Tool }>],
  ["spawn", () => import("./spawn.ts") as Promise<{ tool: Tool }>],
  ["web_fetch", () => import("./web-fetch.ts") as Promise<{ tool: Tool }>],
  ["web_search", () => import("./web-search.ts") as Promise<{ tool: Tool }>],
  ["write", () => import("./write.ts") as Promise<{ tool: Tool }>],
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
