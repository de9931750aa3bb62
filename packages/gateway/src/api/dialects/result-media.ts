import type { PromptMessage, UserPart } from "../../runtime/models/types.ts";

/** APIs whose results of tools are text alone. */
const textResultsOnly: ReadonlySet<string> = new Set(["openai-completions", "demo"]);

/** Where a model's API takes no pictures and files as results of tools, the user sends them, right behind the results. */
export function withResultMedia(messages: readonly PromptMessage[], api: string): readonly PromptMessage[] {
  if (!textResultsOnly.has(api) || !messages.some((it) => it.role === "tool" && it.media)) return messages;
  const told: PromptMessage[] = [];
  let waiting: UserPart[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      const { media = [], ...result } = message;
      told.push(result);
      if (media.length > 0) waiting.push(introduction(message.name), ...media);
      continue;
    }
    if (waiting.length > 0 && message.role === "user")
      told.push({ role: "user", content: [...waiting, ...message.content] });
    else {
      if (waiting.length > 0) told.push({ role: "user", content: waiting });
      told.push(message);
    }
    waiting = [];
  }
  if (waiting.length > 0) told.push({ role: "user", content: waiting });
  return told;
}

function introduction(tool: string): UserPart {
  return { type: "text", text: `What came with the result of the tool ${tool}:` };
}
