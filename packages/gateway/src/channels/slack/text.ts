import type { Self } from "./api.ts";

/**
 * A message's text as people read it: Slack's references (`<@U…>`, `<#C…>`, `<!here>`, `<https://…|label>`) written
 * out, entities decoded, mentions of the bot taken from its beginning. Links with a label become Markdown's.
 * Source: https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
 */
export function readableText(text: string, self: Pick<Self, "userId" | "userName">): string {
  const own = `<@${self.userId}(?:\\|[^<>]*)?>`;
  return text
    .replace(new RegExp(`^\\s*(?:${own}[\\s,:]*)+`), "")
    .split(/(<[^<>\n]+>)/)
    .map((part) => (/^<[^<>]+>$/.test(part) ? reference(part.slice(1, -1), self) : decode(part)))
    .join("")
    .trim();
}

/** Whether a text mentions the bot, by id. */
export function mentions(text: string, { userId }: Pick<Self, "userId">): boolean {
  return text.includes(`<@${userId}>`) || text.includes(`<@${userId}|`);
}

function reference(inner: string, self: Pick<Self, "userId" | "userName">): string {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : decode(inner.slice(bar + 1));
  switch (target[0]) {
    case "@": {
      const id = target.slice(1);
      return `@${label.replace(/^@/, "") || (id === self.userId && self.userName) || id}`;
    }
    case "#":
      return `#${label.replace(/^#/, "") || target.slice(1)}`;
    case "!":
      // `<!here>`, `<!subteam^S…|@team>`, `<!date^…|fallback>`
      return label || `@${target.slice(1).split("^")[0]}`;
    default:
      return link(decode(target), label);
  }
}

function link(address: string, label: string): string {
  const bare = address.replace(/^(?:mailto|tel):/, "");
  if (label === "" || label === address || label === bare) return bare;
  if (`http://${label}` === address || `https://${label}` === address) return address;
  return `[${label.replaceAll(/[[\]]/g, "\\$&")}](${address.replaceAll("(", "%28").replaceAll(")", "%29")})`;
}

/** Slack escapes these three and no more. */
function decode(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
