import { parseObject } from "./parse-object.ts";
import type { ModelToolCall, ToolSchema } from "./types.ts";

const prefix = "functions.";

/** OpenAI's models sometimes call a tool of this name, which nobody gave them, to call several others at once. */
export function isWrapper(name: string, tools: readonly ToolSchema[]): boolean {
  return name === "parallel" && tools.every((it) => it.name !== name);
}

/** The calls within such a call; undefined where one of them is none of the given tools. */
export function unwrapped(
  id: string,
  written: string,
  tools: readonly ToolSchema[],
): ModelToolCall[] | undefined {
  const uses = parseObject(written)?.tool_uses;
  if (!Array.isArray(uses) || uses.length === 0) return undefined;
  const calls: ModelToolCall[] = [];
  for (const use of uses as ({ recipient_name?: unknown; parameters?: unknown } | null)[]) {
    const { recipient_name: recipient, parameters } = use ?? {}; // of any shape: checked here
    if (typeof recipient !== "string" || !recipient.startsWith(prefix)) return undefined;
    if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) return undefined;
    const name = recipient.slice(prefix.length);
    if (tools.every((it) => it.name !== name)) return undefined;
    calls.push({ id: `${id}_${calls.length}`, name, arguments: JSON.stringify(parameters) });
  }
  return calls;
}
