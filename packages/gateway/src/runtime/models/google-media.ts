import { GatewayError } from "../../lib/errors.ts";
import type { UserPart } from "./types.ts";

type Json = Record<string, unknown>;
type Media = Exclude<UserPart, { type: "text" }>;

/** What the result of a call may carry from Gemini 3 on. Source: https://ai.google.dev/gemini-api/docs/function-calling */
const inResults = /^(image\/(png|jpeg|webp)|application\/pdf|text\/plain)$/;

/**
 * A picture or a file as a part. Bytes go along; what stands elsewhere is named, and Google fetches it: its own files,
 * YouTube's videos and anything public. Source: https://ai.google.dev/gemini-api/docs/file-input-methods
 */
export function mediaPart(part: Media): Json {
  const inline = inlineData(part);
  if (inline) return { inlineData: inline };
  const url = URL.parse(part.url ?? "");
  if (url && /^https?:$/.test(url.protocol)) {
    const mimeType = part.type === "image" ? imageType(part.mimeType) : part.mimeType;
    return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri: url.toString() } };
  }
  throw new GatewayError("invalid_request", "An attachment has neither bytes nor an http(s) URL.", {
    param: part.param ?? "attachments",
  });
}

/** A picture or a file as part of the result of a call; undefined: it has to stand beside it. */
export function resultPart(part: Media): Json | undefined {
  const inline = inlineData(part);
  return inline && inResults.test(inline.mimeType) ? { inlineData: inline } : undefined;
}

function inlineData(part: Media): { mimeType: string; data: string } | undefined {
  const { data, url } = part;
  const given = part.type === "image" ? imageType(part.mimeType) : part.mimeType;
  const otherwise = given ?? "application/octet-stream";
  const comma = url?.startsWith("data:") ? url.indexOf(",") : -1;
  const [mimeType, ...marks] = comma < 0 ? [] : url!.slice("data:".length, comma).split(";");
  if (marks.includes("base64")) return { mimeType: mimeType || otherwise, data: url!.slice(comma + 1) };
  return data === undefined ? undefined : { mimeType: otherwise, data };
}

/** Google wants a whole type. */
function imageType(mimeType = "image/*"): string {
  return mimeType === "image/*" ? "image/jpeg" : mimeType;
}
