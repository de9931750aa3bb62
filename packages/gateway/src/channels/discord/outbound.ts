import { createHash } from "node:crypto";
import { type Destination, type OutboundMessage, SendError, type SendOptions, type Sent } from "../types.ts";
import type { Api } from "./api.ts";
import { DiscordFailure } from "./failures.ts";
import { toDiscord } from "./format.ts";
import { message } from "./wire.ts";

/** Nobody is pinged by what a model writes, not even the one who is answered. */
const noPings = { parse: [], replied_user: false };
/** Shows no preview of addresses (https://discord.com/developers/docs/resources/message#message-object-message-flags). */
const suppressEmbeds = 1 << 2;

/** https://discord.com/developers/docs/resources/message#create-message */
export async function sendMessage(
  api: Api,
  to: Destination,
  { text, media }: OutboundMessage,
  { signal, idempotencyKey }: SendOptions,
): Promise<Sent> {
  if (signal.aborted) throw new SendError("later", "It was stopped before it was sent.");
  const body = {
    content: toDiscord(text),
    allowed_mentions: noPings,
    flags: suppressEmbeds,
    nonce: nonceOf(idempotencyKey),
    enforce_nonce: true,
    ...(to.replyTo !== undefined && {
      message_reference: { message_id: to.replyTo, fail_if_not_exists: false },
    }),
  };
  const files = media && [{ name: media.name, data: media.bytes, contentType: media.mimeType }];
  const answer = await api.call("post", `/channels/${channelOf(to)}/messages`, {
    body: media ? { ...body, attachments: [{ id: 0, filename: media.name }] } : body,
    signal,
    ...(files && { files }),
  });
  const sent = message.pick({ id: true }).safeParse(answer);
  return { messageId: sent.data?.id };
}

/** https://discord.com/developers/docs/resources/message#edit-message */
export async function editMessage(
  api: Api,
  to: Destination,
  messageId: string,
  text: string,
  { signal }: SendOptions,
): Promise<void> {
  if (signal.aborted) throw new SendError("later", "It was stopped before it was sent.");
  const body = { content: toDiscord(text), allowed_mentions: noPings, flags: suppressEmbeds };
  try {
    await api.call("patch", `/channels/${channelOf(to)}/messages/${messageId}`, { body, signal });
  } catch (thrown) {
    // An edit may be repeated, so one whose fate is not known may be as well.
    if (!(thrown instanceof DiscordFailure) || thrown.outcome !== "unknown" || signal.aborted) throw thrown;
    throw new SendError("later", thrown.message);
  }
}

/** https://discord.com/developers/docs/resources/channel#trigger-typing-indicator */
export async function showTyping(api: Api, to: Destination, { signal }: SendOptions): Promise<void> {
  await api.call("post", `/channels/${channelOf(to)}/typing`, { signal });
}

/** A thread is a channel of its own. */
function channelOf({ chatId, threadId }: Destination): string {
  return threadId ?? chatId;
}

/** Discord takes at most 25 characters, and answers a nonce of the last few minutes with the message that had it. */
function nonceOf(idempotencyKey: string): string {
  return createHash("sha256").update(idempotencyKey).digest("base64url").slice(0, 25);
}
