import { type Destination, type OutboundMessage, SendError, type Sent } from "../types.ts";
import type { Calls } from "./bot-api.ts";
import { numberOf, placeOf } from "./destinations.ts";
import { says, sendFailure } from "./failures.ts";
import { telegramHtml, visibleText } from "./format.ts";
import { messageKey } from "./inbound.ts";
import { upload } from "./uploads.ts";

/** Most visible characters below a file. */
const mostCaption = 1024;

export interface OutboundOptions {
  readonly isPreviewOff: boolean;
  readonly signal: AbortSignal;
}

/** Sends a message: a text, a file with a caption, or a file and then the text that is too long for a caption. */
export async function sendMessage(
  calls: Calls,
  to: Destination,
  { text, media }: OutboundMessage,
  options: OutboundOptions,
): Promise<Sent> {
  const html = telegramHtml(text);
  const length = visibleText(html).trim().length;
  if (media === undefined) return sent(to, await attempt(() => sendText(calls, to, html, options)));
  const caption = length <= mostCaption ? html : "";
  const fileId = await attempt(() => sendFile(calls, to, caption, media, options.signal));
  if (caption !== "" || length === 0) return sent(to, fileId);
  try {
    return sent(to, await sendText(calls, { ...to, replyTo: undefined }, html, options));
  } catch (thrown) {
    const { message } = sendFailure(thrown);
    // To send it again would send the file twice.
    throw new SendError("unknown", `The file arrived; its text may not have. ${message}`);
  }
}

/** Replaces the text of a message, or what is written below a file. */
export async function editMessage(
  { raw }: Calls,
  to: Destination,
  messageId: string,
  text: string,
  { isPreviewOff, signal }: OutboundOptions,
): Promise<void> {
  const html = telegramHtml(text);
  const { chat_id } = placeOf(to);
  const message = { chat_id, message_id: numberOf(messageId) };
  try {
    await inHtmlOrPlain(html, (form) =>
      raw.editMessageText(
        { ...message, ...form, link_preview_options: { is_disabled: isPreviewOff } },
        signal,
      ),
    ).catch((thrown) => {
      if (!says(thrown, "there is no text in the message")) throw thrown;
      return inHtmlOrPlain(html, ({ text: caption, ...form }) =>
        raw.editMessageCaption({ ...message, ...form, caption }, signal),
      );
    });
  } catch (thrown) {
    if (!says(thrown, "message is not modified")) throw sendFailure(thrown);
  }
}

async function sendText(
  { raw }: Calls,
  to: Destination,
  html: string,
  { isPreviewOff, signal }: OutboundOptions,
): Promise<number> {
  const frame = { ...placeOf(to), ...replyOf(to), link_preview_options: { is_disabled: isPreviewOff } };
  return (await inHtmlOrPlain(html, (form) => raw.sendMessage({ ...frame, ...form }, signal))).message_id;
}

function sendFile(
  calls: Calls,
  to: Destination,
  html: string,
  media: NonNullable<OutboundMessage["media"]>,
  signal: AbortSignal,
): Promise<number> {
  const frame = { ...placeOf(to), ...replyOf(to) };
  if (html === "") return upload(calls, frame, media, signal);
  return inHtmlOrPlain(html, ({ text: caption, ...form }) =>
    upload(calls, { ...frame, ...form, caption }, media, signal),
  );
}

/** A text in one of the forms that Telegram takes. */
type Form = { text: string; parse_mode?: "HTML" };

/** Sends HTML and, where Telegram finds fault with it, the bare text: the first was refused, so that only one arrives. */
async function inHtmlOrPlain<T>(html: string, call: (form: Form) => Promise<T>): Promise<T> {
  try {
    return await call({ text: html, parse_mode: "HTML" });
  } catch (thrown) {
    if (!says(thrown, "can't parse entities")) throw thrown;
    return call({ text: visibleText(html) });
  }
}

function replyOf({ replyTo }: Destination) {
  if (replyTo === undefined) return {};
  return {
    reply_parameters: { message_id: numberOf(replyTo), allow_sending_without_reply: true as const },
  };
}

async function attempt(send: () => Promise<number>): Promise<number> {
  try {
    return await send();
  } catch (thrown) {
    throw sendFailure(thrown);
  }
}

function sent({ chatId }: Destination, messageId: number): Sent {
  return { messageId: messageKey(chatId, messageId) };
}
