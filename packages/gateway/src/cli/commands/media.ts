import { type Media, OpenClawError } from "openclaw-client";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { writeOutput } from "../file-output.ts";
import { positive } from "../numbers.ts";
import { plain } from "../plain.ts";
import { bytes, table } from "../table.ts";
import { waiting } from "../waiting.ts";

interface ListOptions {
  limit?: string;
  sessionKey?: string;
}

/** The largest page that the gateway gives. */
const pageAtMost = 500;
const shownUnlessTold = 50;

/** The kept files, the newest first; only those of an origin, where one is told. */
export async function list(
  context: Context,
  options: ListOptions,
  origin?: Media["origin"],
): Promise<Output> {
  const { client } = await connect(context);
  const wanted = positive("--limit", options.limit) ?? shownUnlessTold;
  const { sessionKey } = options;
  const media: Media[] = [];
  let cursor: string | undefined;
  do {
    const query = {
      limit: origin === undefined ? Math.min(wanted - media.length, pageAtMost) : pageAtMost,
      ...(sessionKey !== undefined && { sessionKey }),
      ...(cursor !== undefined && { cursor }),
    };
    const page = await client.call("media.list", query, waiting(context));
    media.push(...page.media.filter((it) => origin === undefined || it.origin === origin));
    cursor = page.nextCursor;
  } while (cursor !== undefined && media.length < wanted);
  const shown = media.slice(0, wanted);
  if (shown.length === 0) return { data: { media: shown }, text: "No files yet." };
  const rows = shown.map((it) => [
    plain(it.mediaId),
    plain(it.createdAt),
    it.origin,
    plain(it.mimeType),
    bytes(it.size),
    plain(it.name),
  ]);
  return { data: { media: shown }, text: table(["file", "when", "origin", "type", "size", "name"], rows) };
}

/** Writes a kept file into one here, by its own name unless told. */
export async function get(
  context: Context,
  mediaId: string,
  { output }: { output?: string },
): Promise<Output | undefined> {
  const { client, target } = await connect(context);
  const found = await client.call("media.get", { mediaId }, waiting(context)).catch((error: unknown) => {
    if (error instanceof OpenClawError && error.code === "payload_too_large") return undefined;
    throw error;
  });
  if (found) {
    const { data, ...facts } = found;
    const name = ownName(facts.name);
    return writeOutput(context, { output, name }, Buffer.from(data, "base64"), facts);
  }
  // Too large for one answer of JSON: as it comes.
  const { baseUrl, token, password } = target;
  const response = await fetch(`${baseUrl}/v1/media/${encodeURIComponent(mediaId)}/content`, {
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(password !== undefined && { "x-openclaw-password": password }),
    },
    redirect: "error",
    signal: context.signal,
  });
  if (!response.ok || !response.body) throw new Error(`The gateway answered ${response.status}. Try again.`);
  return writeOutput(context, { output, name: mediaId }, response.body, { mediaId });
}

/** Deletes a kept file. */
export async function remove(context: Context, mediaId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("media.delete", { mediaId }, waiting(context));
  return { data, text: `Deleted ${plain(data.mediaId)}.` };
}

/** A file's own name leads nowhere else and hides nothing. */
function ownName(name: string): string {
  return plain(name).replace(/[/\\]/g, "_").replace(/^\.+/, "") || "file";
}
