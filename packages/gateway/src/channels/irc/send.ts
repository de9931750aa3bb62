import type { IrcMessage } from "irc-framework/src/client.js";
import { type Destination, SendError, type Sent } from "../types.ts";
import { linesOf } from "./format.ts";
import { fold, isAddressee } from "./names.ts";
import type { Session } from "./session.ts";
import { splitLine } from "./split.ts";

/** A line has 512 bytes (https://modern.ircdocs.horse/#client-to-server-protocol-structure); this leaves room for our mask. */
const lineBytes = 400;

/** How long the server may take to answer for what it was sent. */
const patienceMs = 60_000;

export type Send = (to: Destination, markdown: string, signal: AbortSignal) => Promise<Sent>;

/** Sends over one connection, a message at a time: then a refusal is that of the message under way. */
export function createSend(session: Session): Send {
  let last: Promise<unknown> = Promise.resolve();
  return (to, markdown, signal) => {
    const sending = last.then(() => sendNow(session, to, markdown, signal));
    last = sending.catch(() => undefined);
    return sending;
  };
}

async function sendNow(
  session: Session,
  to: Destination,
  markdown: string,
  signal: AbortSignal,
): Promise<Sent> {
  const { chatId } = to;
  if (!isAddressee(chatId)) throw new SendError("refused", "This is no channel and no nickname to write to.");
  const lines = linesOf(markdown).flatMap((line) => splitLine(line, lineBytes - Buffer.byteLength(chatId)));
  if (lines.length === 0) throw new SendError("refused", "The message has no text that IRC could carry.");
  let written = 0;
  let refusal: SendError | undefined;
  const stopWatching = session.watch((message) => {
    refusal ??= refusalOf(message, session, chatId);
  });
  try {
    for (const line of lines) {
      await session.write(`${written === 0 ? replyTag(session, to) : ""}PRIVMSG ${chatId} :${line}`, {
        signal,
      });
      written++;
      if (refusal) break;
    }
    // PRIVMSG is not acknowledged. What the server answers to a PING behind it, it answers after it has dealt with it.
    await session.fence({ signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
  } catch {
    if (!refusal && written === 0) throw new SendError("later", "Nothing was sent: the connection was lost.");
    if (!refusal)
      throw new SendError("unknown", "The server did not confirm the message; it may have arrived.");
  } finally {
    stopWatching();
  }
  if (refusal) throw refusal;
  return {};
}

/** https://ircv3.net/specs/client-tags/reply, for ids that the server gave. */
function replyTag(session: Session, { replyTo }: Destination): string {
  if (replyTo === undefined || !session.hasCapability("message-tags")) return "";
  return /^(?!local-)[\w.:=+/-]{1,200}$/.test(replyTo) ? `@+draft/reply=${replyTo} ` : "";
}

/** Numerics about a message (https://modern.ircdocs.horse/#numerics), and what they mean for it. */
const refusals: Readonly<Record<string, string>> = {
  "401": "Nobody of that name is online.",
  "403": "There is no such channel.",
  "404": "The channel does not take messages of the bot: it has to be in it, or to be given a voice.",
  "407": "That are several receivers.",
  "408": "The channel does not take formatted text.",
  "415": "The receiver takes messages from those alone whom it knows.",
  "477": "The bot needs an account to write there. Set sasl or nickserv.",
  "486": "The receiver takes messages from accounts alone. Set sasl or nickserv.",
  "489": "The receiver takes messages over TLS alone.",
  "531": "The receiver does not take messages of the bot.",
  "716": "The receiver takes messages from those alone whom it knows.",
};

/** Those without a receiver in them. */
const malformed = new Set(["411", "412", "417", "421"]);

function refusalOf({ command, params }: IrcMessage, session: Session, chatId: string): SendError | undefined {
  if (malformed.has(command))
    return new SendError("refused", `The server did not understand it (${command}).`);
  const mapping = session.casemapping();
  if (fold(params[1] ?? "", mapping) !== fold(chatId, mapping)) return undefined;
  if (command === "439" || command === "707") {
    return new SendError("later", "The server wants the bot to write to fewer people at a time.", {
      retryAfterMs: patienceMs,
    });
  }
  const why = refusals[command];
  return why === undefined ? undefined : new SendError("refused", `${why} (${command})`);
}
