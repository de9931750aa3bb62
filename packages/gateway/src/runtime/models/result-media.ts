import type { PromptMessage, UserPart } from "./types.ts";

/** For APIs whose results of tools are text alone: what belongs to results is sent by the user, right behind all of them. */
export function besideResults(messages: readonly PromptMessage[]): readonly PromptMessage[] {
  if (!messages.some((it) => it.role === "tool" && it.media)) return messages;
  const told: PromptMessage[] = [];
  let waiting: UserPart[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      const { media, ...result } = message;
      told.push(media ? result : message);
      if (media && media.length > 0) waiting.push(introduction(message.name), ...media);
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
