/** What the owner can tell the gateway itself in a chat. */
export const commandNames = ["status", "reset", "new", "stop", "model", "think", "help"] as const;

export interface ChatCommand {
  readonly name: string;
  readonly args: string;
}

const pattern = new RegExp(`^\\s*/(${commandNames.join("|")})(?:\\s+|$)`, "i");

/** The command that a text begins with, as a whole word; everything else is a message. */
export function commandIn(text: string): ChatCommand | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  return { name: found[1]!.toLowerCase(), args: text.slice(found[0].length).trim() };
}
