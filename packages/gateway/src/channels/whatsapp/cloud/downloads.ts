import { z } from "zod";
import { GatewayError } from "../../../lib/errors.ts";
import { download } from "../../downloads.ts";
import type { Downloaded, InboundMedia } from "../../types.ts";
import type { Graph } from "./graph.ts";

const reference = z.object({ id: z.string().regex(/^[\w.=-]+$/) });
const described = z.object({
  url: z.url(),
  mime_type: z.string().optional(),
  file_size: z.coerce.number().optional(),
});

/** Where Meta keeps files; they ask for the token as well (https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media). */
const stores = ["https://lookaside.fbsbx.com", "https://graph.facebook.com"];

/** The bytes of a received file: its id leads to an address that lives five minutes. */
export async function downloadMedia(
  graph: Graph,
  media: InboundMedia,
  { signal, maxBytes }: { signal: AbortSignal; maxBytes: number },
): Promise<Downloaded> {
  const { id } = reference.parse(media.ref);
  const file = described.safeParse(await describe(graph, id, signal));
  if (!file.success) throw gone();
  const { url: address, mime_type: mimeType, file_size: size } = file.data;
  if (size !== undefined && size > maxBytes) {
    throw new GatewayError(
      "payload_too_large",
      `The file is larger than the ${maxBytes} bytes that are allowed.`,
    );
  }
  const url = new URL(address);
  const isCdn = url.protocol === "https:" && url.port === "" && url.hostname.endsWith(".fbcdn.net");
  const allowedOrigins = [...graph.origins, ...stores, ...(isCdn ? [url.origin] : [])];
  const found = await download(url, { headers: graph.headers, signal, maxBytes, allowedOrigins });
  return { bytes: found.bytes, mimeType: mimeType?.split(";")[0]?.trim() ?? found.mimeType };
}

async function describe(graph: Graph, id: string, signal: AbortSignal): Promise<unknown> {
  try {
    const { status, body } = await graph.get(id, signal);
    return status === 200 ? body : undefined;
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw new GatewayError("upstream_error", "WhatsApp could not be asked for the file. Try later.", {
      cause: thrown,
    });
  }
}

function gone(): GatewayError {
  return new GatewayError(
    "upstream_error",
    "WhatsApp does not have the file any more. Ask for it to be sent again.",
  );
}
