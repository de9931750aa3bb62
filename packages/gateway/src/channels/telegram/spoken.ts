import type { Bot } from "./bot-api.ts";
import type { Entity } from "./update.ts";

/** A text as it was meant for the bot. */
export interface Spoken {
  /** Without the mention of the bot that it begins with; hidden addresses of links are written out. */
  readonly text: string;
  /** Whether it names the bot. */
  readonly isMention: boolean;
}

interface Change {
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

/**
 * Reads a text by its entities alone (https://core.telegram.org/bots/api#messageentity; offsets count UTF-16 units, as
 * JavaScript does): what merely looks like a mention is none.
 */
export function readSpoken(raw: string, entities: readonly Entity[], bot: Bot): Spoken {
  const name = `@${bot.username}`.toLowerCase();
  const changes: Change[] = [];
  let isMention = false;
  let beginning = 0; // what is before it is to be taken off
  for (const { type, offset, length, url, user } of [...entities].sort((a, b) => a.offset - b.offset)) {
    const end = offset + length;
    const words = raw.slice(offset, end);
    if (
      (type === "mention" && words.toLowerCase() === name) ||
      (type === "text_mention" && user?.id === bot.id)
    ) {
      isMention = true;
      if (/^[\s,:]*$/.test(raw.slice(beginning, offset))) beginning = end;
    } else if (type === "bot_command" && words.toLowerCase().endsWith(name)) {
      isMention = true;
      changes.push({ from: end - name.length, to: end, by: "" });
    } else if (type === "text_link" && url !== undefined && url !== words) {
      changes.push({ from: end, to: end, by: ` (${url})` });
    }
  }
  let text = raw;
  for (const { from, to, by } of changes.reverse()) text = text.slice(0, from) + by + text.slice(to);
  if (beginning > 0) text = text.slice(beginning).replace(/^[\s,:]+/, "");
  return { text: text.trim(), isMention };
}
