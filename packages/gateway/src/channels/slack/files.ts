import { z } from "zod";
import { GatewayError } from "../../lib/errors.ts";
import { download } from "../downloads.ts";
import type { Downloaded, InboundMedia, MediaKind } from "../types.ts";
import type { SlackApi } from "./api.ts";
import { lookupError } from "./outcome.ts";
import type { SlackOptions } from "./settings.ts";

/** What matters of a file object (https://docs.slack.dev/reference/objects/file-object). */
export const slackFile = z.object({
  id: z.string(),
  name: z.string().nullish(),
  title: z.string().nullish(),
  mimetype: z.string().nullish(),
  size: z.number().nullish(),
  mode: z.string().nullish(),
  url_private: z.string().nullish(),
  url_private_download: z.string().nullish(),
});

type SlackFile = z.output<typeof slackFile>;

/** The files of a message, and what to say of those that Slack does not have or gives no more. */
export function mediaOf(files: readonly SlackFile[]): { files: InboundMedia[]; notes: string[] } {
  const media: InboundMedia[] = [];
  const notes: string[] = [];
  for (const file of files) {
    const name = file.name ?? file.title ?? undefined;
    if (file.mode === "tombstone" || file.mode === "hidden_by_limit") continue;
    if (file.mode === "external") {
      notes.push(`${name ?? "A file"}: ${file.url_private ?? "kept outside Slack"}`);
      continue;
    }
    const mimeType = file.mimetype || undefined;
    const url = file.url_private_download ?? file.url_private ?? undefined;
    media.push({
      kind: kindOf(mimeType),
      ref: { id: file.id, ...(url !== undefined && { url }) },
      mimeType,
      name,
      size: file.size ?? undefined,
    });
  }
  return { files: media, notes };
}

const reference = z.object({ id: z.string(), url: z.string().optional() });

/**
 * The bytes of a file. Its address wants the bot token (https://docs.slack.dev/reference/objects/file-object#authentication),
 * which goes to Slack's own hosts alone. Files of shared channels have their address looked up first.
 */
export async function fetchFile(
  media: InboundMedia,
  { api, options }: { api: SlackApi; options: SlackOptions },
  { signal, maxBytes }: { signal: AbortSignal; maxBytes: number },
): Promise<Downloaded> {
  const { id, url: known } = reference.parse(media.ref);
  const address = known ?? (await addressOf(id, api, signal));
  const url = URL.parse(address);
  if (url === null || !isSlacks(url, options.apiRoot)) {
    throw new GatewayError("upstream_error", "The file is not kept at Slack, so it is not fetched.");
  }
  const headers = { authorization: `Bearer ${options.botToken}` };
  const got = await download(url, { headers, signal, maxBytes });
  if (got.mimeType === "text/html" && media.mimeType !== "text/html") {
    const message =
      "Slack gave a page to sign in instead of the file. Add the scope files:read and install again.";
    throw new GatewayError("upstream_error", message);
  }
  return got;
}

async function addressOf(id: string, api: SlackApi, signal: AbortSignal): Promise<string> {
  try {
    const { file } = await api.call("files.info", { file: id }, z.object({ file: slackFile }), { signal });
    return file.url_private_download ?? file.url_private ?? "";
  } catch (thrown) {
    throw lookupError(thrown, "media");
  }
}

/** Whether the token may go there: to the API's own origin, or by TLS to the hosts of Slack or below the API's. */
function isSlacks(url: URL, apiRoot: URL): boolean {
  if (url.origin === apiRoot.origin) return true;
  if (url.protocol !== "https:" || url.port !== "") return false;
  return url.hostname.endsWith(".slack.com") || url.hostname.endsWith(`.${apiRoot.hostname}`);
}

function kindOf(mimeType: string | undefined): MediaKind {
  const family = mimeType?.split("/")[0];
  return family === "image" || family === "audio" || family === "video" ? family : "file";
}
