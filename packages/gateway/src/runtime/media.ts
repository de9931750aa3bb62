import type { UserPart } from "./models/types.ts";

type Media = Exclude<UserPart, { type: "text" }>;

const textual =
  /^text\/|^application\/(json|xml|yaml|x-yaml|toml|javascript|typescript|sql|x-sh)$|\+(json|xml)$/;

/** A file of text as the text in it; undefined: it is none, or its bytes are elsewhere. */
export function textOfFile(part: Media): UserPart | undefined {
  const mimeType = (part.mimeType ?? "").replace(/;.*$/s, "").trim().toLowerCase();
  if (part.type !== "file" || part.data === undefined || !textual.test(mimeType)) return undefined;
  const text = Buffer.from(part.data, "base64").toString();
  return { type: "text", text: `File ${part.name ?? "without a name"}:\n${text}` };
}

/**
 * What stands in for a picture or a file that a model cannot be sent; undefined: it can. `input` is what the model
 * reads. A file that is elsewhere is named by its address, as not every provider fetches it.
 */
export function unreadable(part: Media, input: readonly string[]): UserPart | undefined {
  const { mimeType = "", data, url } = part;
  if (part.type === "image" || mimeType.startsWith("image/")) {
    const isThere = !!data || /^(https?:\/\/|data:[^;,]+;base64,)./i.test(url ?? "");
    return isThere && input.includes("image")
      ? undefined
      : note("An image was sent here that you cannot see.");
  }
  const inside = textOfFile(part);
  if (inside) return inside;
  const kind = mimeType === "application/pdf" ? "pdf" : mimeType.split("/", 1)[0]!;
  if (data && kind !== "text" && input.includes(kind)) return undefined;
  const name = part.name === undefined ? "A file" : `The file ${part.name.toWellFormed()}`;
  const about = [mimeType, url ?? ""].filter((it) => it !== "").join(", at ");
  return note(`${name}${about && ` (${about})`} was sent here, but you cannot read it as it is.`);
}

function note(text: string): UserPart {
  return { type: "text", text: `[${text}]` };
}
