import { z } from "zod";
import { sendErrorOf } from "../../failures.ts";
import {
  type Destination,
  type OutboundMedia,
  type OutboundMessage,
  SendError,
  type Sent,
} from "../../types.ts";
import { whatsappText } from "../both/format.ts";
import { refusalOf, windowClosed } from "./failures.ts";
import { errorCode, type Graph, type GraphAnswer } from "./graph.ts";

export interface Sender {
  graph: Graph;
  phoneNumberId: string;
  template: { name: string; language: string } | undefined;
}

const mostCaption = 1024;
const megabyte = 1024 * 1024;

/** What goes as itself; all else goes as a document (https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media). */
const accepted: Readonly<Record<string, { types: ReadonlySet<string>; mostBytes: number }>> = {
  image: { types: new Set(["image/jpeg", "image/png"]), mostBytes: 5 * megabyte },
  audio: {
    types: new Set(["audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"]),
    mostBytes: 16 * megabyte,
  },
  video: { types: new Set(["video/mp4", "video/3gpp"]), mostBytes: 16 * megabyte },
};

const taken = z.object({ messages: z.array(z.object({ id: z.string() })).min(1) });

/** Sends by `POST /{phone-number-id}/messages` (https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages). */
export async function sendMessage(
  sender: Sender,
  to: Destination,
  message: OutboundMessage,
  signal: AbortSignal,
): Promise<Sent> {
  const text = whatsappText(message.text);
  if (message.media === undefined) return post(sender, to, textPart(text), signal);
  const media = await upload(sender, message.media, signal);
  const hasCaption = text !== "" && media.type !== "audio" && text.length <= mostCaption;
  if (text !== "" && !hasCaption) await post(sender, to, textPart(text), signal);
  const part = {
    type: media.type,
    [media.type]: {
      id: media.id,
      ...(hasCaption && { caption: text }),
      ...(media.type === "document" && { filename: message.media.name }),
    },
  };
  try {
    return await post(sender, to, part, signal);
  } catch (thrown) {
    const isHalf = text !== "" && !hasCaption && thrown instanceof SendError && thrown.outcome === "later";
    throw isHalf ? new SendError("unknown", `The text arrived, the file did not. ${thrown.message}`) : thrown;
  }
}

function textPart(body: string): object {
  return { type: "text", text: { body, preview_url: false } };
}

async function post(sender: Sender, to: Destination, part: object, signal: AbortSignal): Promise<Sent> {
  const answer = await ask(sender, to, part, signal);
  const code = errorCode(answer.body);
  const isClosed = code !== undefined && windowClosed.has(code);
  if (!isClosed || sender.template === undefined) return sentOf(answer);
  const { name, language } = sender.template;
  const template = { type: "template", template: { name, language: { code: language } } };
  return sentOf(await ask(sender, { chatId: to.chatId }, template, signal));
}

async function ask(sender: Sender, to: Destination, part: object, signal: AbortSignal): Promise<GraphAnswer> {
  const isPerson = /^\d+$/.test(to.chatId);
  const body = {
    messaging_product: "whatsapp",
    recipient_type: isPerson ? "individual" : "group",
    to: to.chatId,
    ...(to.replyTo !== undefined && { context: { message_id: to.replyTo } }),
    ...part,
  };
  try {
    return await sender.graph.post(`${sender.phoneNumberId}/messages`, body, signal);
  } catch (thrown) {
    throw sendErrorOf(thrown);
  }
}

function sentOf(answer: GraphAnswer): Sent {
  if (answer.status < 200 || answer.status > 299) throw refusalOf(answer);
  const parsed = taken.safeParse(answer.body);
  if (!parsed.success)
    throw new SendError("unknown", "WhatsApp's answer could not be read; the message may have arrived.");
  return { messageId: parsed.data.messages[0]!.id };
}

interface Uploaded {
  type: "image" | "audio" | "video" | "document";
  id: string;
}

/** A file that was uploaded and not sent is seen by nobody: whatever happens here, the message did not arrive. */
async function upload(sender: Sender, media: OutboundMedia, signal: AbortSignal): Promise<Uploaded> {
  const form = new FormData();
  form.set("messaging_product", "whatsapp");
  form.set("type", media.mimeType);
  // A view on shared memory is no part of a Blob; bytes of a file never are one.
  const bytes = media.bytes as Uint8Array<ArrayBuffer>;
  form.set("file", new Blob([bytes], { type: media.mimeType }), media.name);
  let answer: GraphAnswer;
  try {
    answer = await sender.graph.post(`${sender.phoneNumberId}/media`, form, signal);
  } catch (thrown) {
    throw new SendError("later", `The file could not be uploaded. ${sendErrorOf(thrown).message}`);
  }
  const id = z.object({ id: z.string() }).safeParse(answer.body).data?.id;
  if (answer.status >= 200 && answer.status < 300 && id !== undefined) return { type: typeOf(media), id };
  const refusal = refusalOf(answer);
  if (refusal.outcome !== "unknown") throw refusal;
  throw new SendError("later", `The file could not be uploaded: WhatsApp answered ${answer.status}.`);
}

function typeOf({ kind, mimeType, bytes }: OutboundMedia): Uploaded["type"] {
  const rule = accepted[kind];
  const base = mimeType.split(";")[0]!.trim().toLowerCase();
  if (kind === "file" || !rule?.types.has(base) || bytes.byteLength > rule.mostBytes) return "document";
  return kind;
}
