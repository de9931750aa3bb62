import { setImmediate as nextTurn } from "node:timers/promises";

/** Decoded at a time, bytes. */
const slice = 64 * 1024;

/**
 * A body as text: by its byte order mark, the charset of its content type, or the one that the page names in its
 * first kilobyte; UTF-8 without. What is no character of it becomes U+FFFD.
 */
export async function bodyText(body: Buffer, contentType: string): Promise<string> {
  const named = /;\s*charset\s*=\s*["']?([\w:-]+)/i.exec(contentType)?.[1];
  const inside = /<meta[^>]{0,200}charset\s*=\s*["']?([\w:-]+)/i.exec(body.toString("latin1", 0, 1024))?.[1];
  const decoder = decoderOf(markedAs(body) ?? named ?? inside);
  let text = "";
  for (let at = 0; at < body.length; at += slice) {
    text += decoder.decode(body.subarray(at, at + slice), { stream: true });
    await nextTurn();
  }
  return text + decoder.decode();
}

function markedAs(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return "utf-8";
  if (body[0] === 0xff && body[1] === 0xfe) return "utf-16le";
  if (body[0] === 0xfe && body[1] === 0xff) return "utf-16be";
  return undefined;
}

function decoderOf(label = "utf-8"): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder(); // no charset of this name
  }
}
