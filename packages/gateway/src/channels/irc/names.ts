/** What a server counts as the same name (https://modern.ircdocs.horse/#casemapping-parameter). */
export type Casemapping = "ascii" | "rfc1459" | "strict-rfc1459" | "unicode";

export function casemappingOf(advertised: unknown): Casemapping {
  if (advertised === "ascii" || advertised === "strict-rfc1459") return advertised;
  return typeof advertised === "string" && advertised.startsWith("rfc7613") ? "unicode" : "rfc1459";
}

/** A nickname or channel in the form in which the server compares it. */
export function fold(name: string, mapping: Casemapping): string {
  if (mapping === "unicode") return name.toLowerCase();
  const ascii = lowerAscii(name);
  if (mapping === "ascii") return ascii;
  const brackets = ascii.replaceAll("[", "{").replaceAll("]", "}").replaceAll("\\", "|");
  return mapping === "rfc1459" ? brackets.replaceAll("~", "^") : brackets;
}

export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (it) => it.toLowerCase());
}

const channel = /^[#&+!][^\s,:\p{Cc}]{1,199}$/u;

/** No comma (several receivers), no $ and % (broadcasts), no @ and ! (masks). */
const nickname = /^[^\s,:\p{Cc}#&+!@$%*?.~][^\s,:\p{Cc}!@*?]{0,63}$/u;

/**
 * Whether a message may be sent there: a channel or a person. Not the network's services: they would take
 * what a model writes as commands of the bot's account.
 */
export function isAddressee(name: string): boolean {
  if (channel.test(name)) return true;
  return nickname.test(name) && !/serv$/i.test(name);
}
