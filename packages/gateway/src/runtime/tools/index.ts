import type { Tool } from "./types.ts";

/** Every built-in tool by name, loaded when an agent first has it. Adding one: a file and a line. */
const table = new Map<string, () => Promise<{ tool: Tool }>>([
  ["apply_patch", () => import("./apply-patch.ts") as Promise<{ tool: Tool }>], // a tool of some params is a tool
  ["browser_click", () => import("./browser-click.ts") as Promise<{ tool: Tool }>],
  ["browser_download", () => import("./browser-download.ts") as Promise<{ tool: Tool }>],
  ["browser_evaluate", () => import("./browser-evaluate.ts") as Promise<{ tool: Tool }>],
  ["browser_navigate", () => import("./browser-navigate.ts") as Promise<{ tool: Tool }>],
  ["browser_press", () => import("./browser-press.ts") as Promise<{ tool: Tool }>],
  ["browser_screenshot", () => import("./browser-screenshot.ts") as Promise<{ tool: Tool }>],
  ["browser_scroll", () => import("./browser-scroll.ts") as Promise<{ tool: Tool }>],
  ["browser_select", () => import("./browser-select.ts") as Promise<{ tool: Tool }>],
  ["browser_snapshot", () => import("./browser-snapshot.ts") as Promise<{ tool: Tool }>],
  ["browser_tabs", () => import("./browser-tabs.ts") as Promise<{ tool: Tool }>],
  ["browser_type", () => import("./browser-type.ts") as Promise<{ tool: Tool }>],
  ["browser_upload", () => import("./browser-upload.ts") as Promise<{ tool: Tool }>],
  ["browser_wait", () => import("./browser-wait.ts") as Promise<{ tool: Tool }>],
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

/** The tools of a gateway whose browser is set up like this. */
export function toolNamesWith(browser: { enabled: boolean; evaluateEnabled: boolean }): readonly string[] {
  return toolNames.filter((name) =>
    name === "browser_evaluate"
      ? browser.enabled && browser.evaluateEnabled
      : browser.enabled || !name.startsWith("browser_"),
  );
}

/** Loads tools by name; names that this build lacks are left out. */
export async function loadTools(names: readonly string[]): Promise<Map<string, Tool>> {
  const tools = new Map<string, Tool>();
  for (const name of names) {
    const loaded = await table.get(name)?.();
    if (loaded) tools.set(name, loaded.tool);
  }
  return tools;
}
