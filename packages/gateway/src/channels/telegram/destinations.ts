import { GatewayError } from "../../lib/errors.ts";
import type { Destination } from "../types.ts";
import type { Calls } from "./bot-api.ts";
import { queryFailure, says } from "./failures.ts";
import { generalTopic } from "./inbound.ts";

const byId = /^(-?\d{1,16})(?::(?:topic:)?(\d{1,16}))?$/;
const byName = /^@[A-Za-z]\w{3,31}$/;

/**
 * `123`, `-100123`, `-100123:7` and `-100123:topic:7` (a topic of a forum), `@channel`, each with `telegram:` before it
 * or not. A name is looked up, since it can pass to somebody else.
 */
export async function destinationOf(
  written: string,
  ready: () => Promise<Calls>,
  signal: AbortSignal,
): Promise<Destination> {
  const to = withoutPrefix(written);
  const [, chatId, threadId] = byId.exec(to) ?? [];
  if (chatId !== undefined) return { chatId, ...(threadId !== undefined && { threadId }) };
  if (!byName.test(to)) {
    throw badDestination(
      "Give the id of a chat (123456789, -1001234567890), with a topic (-1001234567890:7), or a public group's or channel's @name.",
    );
  }
  const found = await idOfName(to, ready, signal);
  if (found !== undefined) return { chatId: found };
  throw badDestination(
    `Telegram tells no chat called ${to}. People have to be written to by their number; a bot cannot look up their names.`,
  );
}

/** The id behind a public group's or channel's name; Telegram does not tell that of a person. */
export async function idOfName(
  name: string,
  ready: () => Promise<Calls>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const chat_id = name.startsWith("@") ? name : `@${name}`;
  if (!byName.test(chat_id)) return undefined;
  try {
    const { raw } = await ready();
    return String((await raw.getChat({ chat_id }, signal)).id);
  } catch (thrown) {
    if (says(thrown, "chat not found", "username")) return undefined;
    throw queryFailure(thrown, signal);
  }
}

/** `telegram:123` and `tg:123` are 123. */
export function withoutPrefix(id: string): string {
  return id.trim().replace(/^(?:telegram|tg):/i, "");
}

/** The parameters that say where to. Sending to a forum's general topic must not name it, showing that one types must. */
export function placeOf({ chatId, threadId }: Destination, { namesGeneral = false } = {}) {
  const isNamed = threadId !== undefined && (namesGeneral || threadId !== generalTopic);
  return {
    chat_id: /^-?\d+$/.test(chatId) ? Number(chatId) : chatId,
    ...(isNamed && { message_thread_id: Number(threadId) }),
  };
}

/** The number of a message, from its key or as it is. */
export function numberOf(messageId: string): number {
  return Number(messageId.slice(messageId.lastIndexOf(":") + 1));
}

function badDestination(message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param: "to" });
}
