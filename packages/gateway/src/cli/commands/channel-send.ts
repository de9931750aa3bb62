import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Methods } from "openclaw-client";
import type { MessageOptions, SendOptions } from "../channel-options.ts";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import { bytes, facts } from "../table.ts";
import { waiting } from "../waiting.ts";

type Message = Methods["channel.send"]["params"];
type Attachment = NonNullable<Message["attachments"]>[number];

/** Sends a message through a channel. */
export async function send(context: Context, channelId: string, options: SendOptions): Promise<Output> {
  const wish = await messageOf(channelId, options);
  const { client } = await connect(context);
  const data = await client.call("channel.send", wish, waiting(context));
  const said = {
    sent: `Sent ${data.messageId}.`,
    queued: `${data.messageId} waits to be sent.`,
    unknown: `Nobody knows whether ${data.messageId} arrived, and it is not sent again by itself. See: ${context.terminal.program} channels deliveries ${channelId} --status unknown`,
  }[data.status];
  return { data, text: said, exitCode: data.status === "unknown" ? exitCodes.general : exitCodes.ok };
}

/** The same with the channel as an option; or says what would be sent. */
export async function message(context: Context, options: MessageOptions): Promise<Output> {
  const { channel, dryRun } = options;
  if (!channel) throw new UsageError("--channel is needed.");
  if (!dryRun) return send(context, channel, options);
  const { attachments = [], ...wish } = await messageOf(channel, options);
  const { client } = await connect(context);
  const { status } = await client.call("channel.status", { channelId: channel }, waiting(context));
  const files = attachments.map((it) => ({
    name: it.name,
    size: Buffer.byteLength(it.data ?? "", "base64"),
  }));
  const text = facts({
    "Would send": wish.text ?? "files only",
    Channel: `${channel} (${status.replaceAll("_", " ")})`,
    To: wish.to,
    Account: wish.accountId,
    Thread: wish.threadId,
    "Reply to": wish.replyTo,
    Files: files.map((it) => `${it.name} (${bytes(it.size)})`).join(", ") || undefined,
  });
  return { data: { dryRun: true, ...wish, files, channelStatus: status }, text };
}

async function messageOf(channelId: string, options: SendOptions): Promise<Message> {
  const { to, account, replyTo, thread, file = [] } = options;
  const text = options.message ?? options.text;
  if (!to) throw new UsageError("--to is needed.");
  if (!text && file.length === 0) throw new UsageError("There is nothing to send: give --text or --file.");
  const attachments = await Promise.all(file.map(attachmentOf));
  return {
    channelId,
    to,
    ...(text && { text }),
    ...(account !== undefined && { accountId: account }),
    ...(replyTo !== undefined && { replyTo }),
    ...(thread !== undefined && { threadId: thread }),
    ...(attachments.length > 0 && { attachments }),
  };
}

/** The gateway tells by the bytes what kind of file it is. */
async function attachmentOf(path: string): Promise<Attachment> {
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read (${error.code}). Check --file.`);
  });
  return { name: basename(path), data: content.toString("base64") };
}
