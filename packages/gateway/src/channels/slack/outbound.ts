import { z } from "zod";
import {
  type Destination,
  type OutboundMedia,
  type OutboundMessage,
  SendError,
  type SendOptions,
  type Sent,
} from "../types.ts";
import type { SlackApi } from "./api.ts";
import { mrkdwn } from "./format.ts";
import { preparationError, sendError } from "./outcome.ts";

/** A preview is fetched by Slack, whoever wrote the link: a way out for whatever a model can be talked into. */
const noPreviews = { unfurl_links: false, unfurl_media: false };

const posted = z.object({ ts: z.string().optional() });
const nothing = z.object({});

/** Posts a message (https://docs.slack.dev/reference/methods/chat.postMessage). Throws `SendError`. */
export async function post(
  api: SlackApi,
  to: Destination,
  { text, media }: OutboundMessage,
  options: SendOptions,
): Promise<Sent> {
  const written = mrkdwn(text);
  try {
    if (media !== undefined) return await postFile(api, to, written, media, options);
    return await postText(api, to, written, options);
  } catch (thrown) {
    throw sendError(thrown);
  }
}

/** Replaces a message of ours (https://docs.slack.dev/reference/methods/chat.update). Throws `SendError`. */
export async function update(
  api: SlackApi,
  to: Destination,
  messageId: string,
  text: string,
  { signal }: SendOptions,
): Promise<void> {
  const args = { channel: to.chatId, ts: messageId, text: mrkdwn(text), ...noPreviews };
  try {
    await api.call("chat.update", args, nothing, { signal });
  } catch (thrown) {
    throw sendError(thrown);
  }
}

async function postText(
  api: SlackApi,
  to: Destination,
  text: string,
  { signal }: SendOptions,
): Promise<Sent> {
  const args = { channel: to.chatId, thread_ts: to.threadId, text, ...noPreviews };
  const { ts } = await api.call("chat.postMessage", args, posted, { signal });
  return { messageId: ts };
}

/**
 * Three steps (https://docs.slack.dev/messaging/working-with-files#upload), of which the last alone shows anything.
 * Slack has no switch for previews of the comment, so text that could hold a link goes ahead as its own message.
 */
async function postFile(
  api: SlackApi,
  to: Destination,
  text: string,
  media: OutboundMedia,
  options: SendOptions,
): Promise<Sent> {
  const file = await uploaded(api, media, options);
  const isSeparate = /\S[.:]\S/.test(text);
  const sent = isSeparate ? await postText(api, to, text, options) : {};
  const args = {
    files: [{ id: file, title: media.name }],
    channel_id: to.chatId,
    thread_ts: to.threadId,
    initial_comment: isSeparate || text === "" ? undefined : text,
  };
  try {
    await api.call("files.completeUploadExternal", args, nothing, options);
    return sent;
  } catch (thrown) {
    const error = sendError(thrown);
    if (!isSeparate || error.outcome !== "later") throw error;
    // Sent again as a whole the text would arrive twice.
    throw new SendError("unknown", `The text was sent, its file was not. ${error.message}`);
  }
}

async function uploaded(
  api: SlackApi,
  { name, bytes }: OutboundMedia,
  { signal }: SendOptions,
): Promise<string> {
  const ticket = z.object({ upload_url: z.string(), file_id: z.string() });
  try {
    const args = { filename: name, length: bytes.byteLength };
    const { upload_url, file_id } = await api.call("files.getUploadURLExternal", args, ticket, { signal });
    await api.upload(upload_url, bytes, { signal });
    return file_id;
  } catch (thrown) {
    throw preparationError(thrown);
  }
}
