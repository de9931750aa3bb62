import { GatewayError } from "../../lib/errors.ts";
import type { UserPart } from "./types.ts";

type Json = Record<string, unknown>;
type Media = Exclude<UserPart, { type: "text" }>;

/** What a user says, or a tool shows, in Anthropic's blocks; texts without a word are left out. */
export function blocksOf(parts: readonly UserPart[]): Json[] {
  const blocks: Json[] = [];
  for (const part of parts) {
    if (part.type !== "text") blocks.push(mediaBlock(part));
    else if (/\S/.test(part.text)) blocks.push({ type: "text", text: part.text });
  }
  return blocks;
}

/**
 * Images and PDFs by their bytes or their address, text files by their text.
 * Source: https://platform.claude.com/docs/en/build-with-claude/vision and …/pdf-support
 */
function mediaBlock(part: Media): Json {
  const inline = /^data:([^,]*?)(?:;[^,]*)?;base64,(.*)$/is.exec(part.url ?? "");
  const data = inline?.[2] ?? part.data;
  const url = inline ? undefined : part.url;
  if (data === undefined && !/^https?:\/\//i.test(url ?? ""))
    throw unfit(part, "An attachment has neither bytes nor an http(s) URL.");
  const type = (data && typeOfBytes(data)) || typeName(inline?.[1] || part.mimeType);
  const title = part.type === "file" && part.name !== undefined ? { title: part.name } : {};
  if (part.type === "image" || type.startsWith("image/")) {
    const mediaType = type.startsWith("image/") && type !== "image/*" ? type : "image/jpeg";
    return { type: "image", source: sourceOf(data, url, mediaType) };
  }
  if (type === "application/pdf" || (data === undefined && type === ""))
    return { type: "document", source: sourceOf(data, url, "application/pdf"), ...title };
  if (data !== undefined && /^text\/|[/+](json|xml|yaml|javascript)$/.test(type)) {
    const text = Buffer.from(data, "base64").toString();
    return { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
  }
  const what = `${type || "an unknown type"}${data === undefined ? " by their address" : ""}`;
  throw unfit(part, `Anthropic's models read no files of ${what}. Send text, an image or a PDF.`);
}

function sourceOf(data: string | undefined, url: string | undefined, type: string): Json {
  return data === undefined ? { type: "url", url } : { type: "base64", media_type: type, data };
}

function unfit({ param = "attachments" }: Media, message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param });
}

/** A MIME type without its parameters; empty where it says nothing. */
function typeName(type = ""): string {
  const name = type.replace(/;.*$/s, "").trim().toLowerCase();
  if (name === "application/octet-stream") return "";
  return name === "image/jpg" ? "image/jpeg" : name;
}

/** What the first bytes (in base64) say: Anthropic refuses a type that is not theirs. */
function typeOfBytes(data: string): string | undefined {
  const head = Buffer.from(data.slice(0, 16), "base64").toString("latin1");
  if (head.startsWith("\x89PNG")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF8")) return "image/gif";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  return head.startsWith("%PDF-") ? "application/pdf" : undefined;
}
