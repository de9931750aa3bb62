import { z } from "zod";
import { GatewayError } from "../../lib/errors.ts";
import type { InboundMedia, InboundMessage } from "../types.ts";

const id = z.string().min(1).max(200);
const name = z.string().max(200);

/** Unix ms of the year 2001; a smaller number is one in seconds. */
const earliest = 1_000_000_000_000;

const sentAt = z.union(
  [z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)), z.number().int().min(earliest)],
  { error: "must be Unix time in milliseconds, or ISO 8601 with a time zone" },
);

const attachment = z.strictObject({
  type: z.enum(["image", "audio", "video", "file"]),
  mimeType: z.string().min(1).max(100),
  name: name.min(1),
  data: z.string().refine(isBase64, "must be base64 (RFC 4648 §4, with padding)"),
  url: z.never("files are given as `data`; addresses are not fetched").optional(),
});

/** What a sender posts. */
const payload = z
  .strictObject({
    id,
    sentAt,
    from: z.strictObject({ id, name: name.optional() }),
    chat: z
      .strictObject({ id, kind: z.enum(["dm", "group"]), threadId: id.optional(), name: name.optional() })
      .optional(),
    text: z.string(),
    replyTo: id.optional(),
    mentioned: z.boolean().optional(),
    attachments: z.array(attachment).max(20).optional(),
  })
  .refine((it) => it.text !== "" || (it.attachments?.length ?? 0) > 0, {
    error: "must not be empty without attachments",
    path: ["text"],
  });

/** The body of a signed request as a message. Throws `invalid_request` with the field that is wrong. */
export function inboundOf(body: Uint8Array): InboundMessage {
  const parsed = payload.safeParse(jsonOf(body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!; // a failed parse has one
    const param = issue.path.join(".");
    const where = param === "" ? "The body" : param;
    throw new GatewayError("invalid_request", `${where}: ${issue.message}.`, param === "" ? {} : { param });
  }
  const { from, chat, replyTo, attachments, ...message } = parsed.data;
  return {
    ...message,
    // Without a chat the message is a private one, and its sender the chat.
    chat: chat ?? { id: from.id, kind: "dm" },
    sender: from,
    ...(replyTo !== undefined && { replyTo: { id: replyTo } }),
    ...(attachments !== undefined && { media: attachments.map(mediaOf) }),
  };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new GatewayError("invalid_request", "The body must be JSON in UTF-8.");
  }
}

/** The bytes travel with the message: there is nowhere to fetch them from later. */
function mediaOf(file: z.output<typeof attachment>): InboundMedia {
  const { type, mimeType, name, data } = file;
  return { kind: type, mimeType, name, size: Buffer.byteLength(data, "base64"), ref: { data } };
}

function isBase64(text: string): boolean {
  return Buffer.from(text, "base64").toString("base64") === text;
}
