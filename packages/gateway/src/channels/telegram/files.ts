import { z } from "zod";
import { GatewayError } from "../../lib/errors.ts";
import { download } from "../downloads.ts";
import type { Downloaded, InboundMedia } from "../types.ts";
import type { BotApi, Calls } from "./bot-api.ts";
import { queryFailure, says } from "./failures.ts";

const reference = z.object({ fileId: z.string() });

/** The bytes of a file (https://core.telegram.org/bots/api#getfile). Telegram's own server gives bots up to 20 MB. */
export async function fetchFile(
  api: BotApi,
  ready: () => Promise<Calls>,
  media: InboundMedia,
  { signal, maxBytes }: { signal: AbortSignal; maxBytes: number },
): Promise<Downloaded> {
  const { fileId } = reference.parse(media.ref);
  const file = await ready()
    .then(({ raw }) => raw.getFile({ file_id: fileId }, signal))
    .catch((thrown) => {
      throw says(thrown, "file is too big")
        ? tooLarge("Telegram lets a bot fetch")
        : queryFailure(thrown, signal);
    });
  if ((file.file_size ?? 0) > maxBytes) throw tooLarge("is allowed here");
  const path = file.file_path ?? "";
  // A server of one's own that runs with --local tells paths of its disk, which are none of an URL.
  if (path === "" || path.startsWith("/") || path.split("/").includes("..")) {
    throw new GatewayError(
      "upstream_error",
      "The Bot API server does not hand out this file by HTTP. Run it without --local.",
    );
  }
  const { bytes, mimeType } = await download(api.fileUrl(path), { signal, maxBytes });
  // Telegram calls everything a stream of octets; what the message said of the file says more.
  const isTold = mimeType !== undefined && mimeType !== "application/octet-stream";
  return { bytes, mimeType: media.mimeType ?? (isTold ? mimeType : undefined) };
}

function tooLarge(limit: string): GatewayError {
  return new GatewayError("payload_too_large", `The file is larger than what ${limit}. Send a smaller one.`);
}
