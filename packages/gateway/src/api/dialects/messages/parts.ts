import { isMessagesPart, type MessagesPart } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import type { UserPart } from "../../../runtime/models/types.ts";
import { mediaOf } from "../media-url.ts";

type Document = Extract<MessagesPart, { type: "document" }>;
type Result = Extract<MessagesPart, { type: "search_result" }>;

/** What a block says. Documents of text become text; what cannot be honoured is refused by name. */
export function partsOf(block: MessagesPart, param: string): UserPart[] {
  switch (block.type) {
    case "text":
      return [{ type: "text", text: block.text }];
    case "image":
      return [imageOf(block, param)];
    case "document":
      refuseCitations(block, param);
      return documentOf(block, param);
    case "search_result": {
      refuseCitations(block, param);
      const found = block.content.map((it) => it.text).join("\n");
      return [{ type: "text", text: `Search result: ${block.title}\nSource: ${block.source}\n${found}` }];
    }
  }
}

/** The text of a tool's result and what came with it; blocks that mean nothing here are named in `ignored`. */
export function resultOf(
  content: string | readonly { type: string }[] | null | undefined,
  param: string,
  ignored: string[],
): { result: string; media: UserPart[] } {
  if (typeof content === "string") return { result: content, media: [] };
  const texts: string[] = [];
  const media: UserPart[] = [];
  for (const [at, block] of (content ?? []).entries()) {
    const place = `${param}.content[${at}]`;
    if (!isMessagesPart(block)) ignored.push(place);
    else for (const it of partsOf(block, place)) it.type === "text" ? texts.push(it.text) : media.push(it);
  }
  return { result: texts.join("\n"), media };
}

function imageOf({ source }: Extract<MessagesPart, { type: "image" }>, param: string): UserPart {
  switch (source.type) {
    case "base64":
      return { type: "image", mimeType: source.media_type, data: source.data, param: `${param}.source.data` };
    case "url":
      return { type: "image", ...mediaOf(source.url, `${param}.source.url`) };
    case "file":
      throw isStored(param);
  }
}

function documentOf({ source, title, context }: Document, param: string): UserPart[] {
  const about: UserPart[] = context ? [{ type: "text", text: `About the document: ${context}` }] : [];
  const heading: UserPart[] = title ? [{ type: "text", text: `Document: ${title}` }] : [];
  const name = title ?? undefined;
  switch (source.type) {
    case "base64": {
      const { media_type: mimeType, data } = source;
      return [...about, { type: "file", name, mimeType, data, param: `${param}.source.data` }];
    }
    case "url":
      return [...about, { type: "file", name, ...mediaOf(source.url, `${param}.source.url`) }];
    case "file":
      throw isStored(param);
    case "text":
      return [...heading, ...about, { type: "text", text: source.data }];
    case "content": {
      const { content } = source;
      if (typeof content === "string") return [...heading, ...about, { type: "text", text: content }];
      const inner = content.flatMap((it, at) => partsOf(it, `${param}.source.content[${at}]`));
      return [...heading, ...about, ...inner];
    }
  }
}

function refuseCitations({ citations }: Document | Result, param: string): void {
  if (!citations?.enabled) return;
  throw new GatewayError("invalid_request", "This model cannot cite what it is given. Leave citations out.", {
    param: `${param}.citations.enabled`,
  });
}

function isStored(param: string): GatewayError {
  const text = "Files of the vendor's own store cannot be read for this model. Send the bytes or an address.";
  return new GatewayError("invalid_request", text, { param: `${param}.source.file_id` });
}
