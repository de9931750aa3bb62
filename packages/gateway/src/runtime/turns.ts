import type { PromptMessage } from "./models/types.ts";

/**
 * Where the turns of a conversation begin: at the first message, and at each user's message that does not follow
 * another. What is left out begins and ends at these places, so that no call loses its result.
 */
export function turnStarts(messages: readonly PromptMessage[]): number[] {
  const starts: number[] = [];
  for (let index = 0; index < messages.length; index++) {
    const isStart = messages[index]!.role === "user" && messages[index - 1]?.role !== "user";
    if (index === 0 || isStart) starts.push(index);
  }
  return starts;
}
