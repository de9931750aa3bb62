import { createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { GatewayError } from "../../../lib/errors.ts";
import { download } from "../../downloads.ts";
import type { Downloaded, InboundMedia } from "../../types.ts";

const reference = z.object({
  type: z.enum(["Image", "Audio", "Video", "Document"]),
  mediaKey: z.base64(),
  directPath: z.string().optional(),
  url: z.string().optional(),
});

const macBytes = 10;
/** Padding and signature that the encrypted file is longer by. */
const overhead = 16 + macBytes;

/**
 * Fetches and opens a received file: AES-256-CBC, its key and that of the HMAC-SHA256 behind it derived from the
 * message's by HKDF (WhatsApp's encryption overview, "Transmitting Media and Other Attachments",
 * https://www.whatsapp.com/security/WhatsApp-Security-Whitepaper.pdf). The address comes from the sender, so it must
 * be one of WhatsApp's stores; `extraOrigin` is that of another server in the settings.
 */
export async function downloadMedia(
  media: InboundMedia,
  {
    signal,
    maxBytes,
    extraOrigin,
  }: { signal: AbortSignal; maxBytes: number; extraOrigin: string | undefined },
): Promise<Downloaded> {
  const ref = reference.parse(media.ref);
  if (media.size !== undefined && media.size > maxBytes) {
    throw new GatewayError(
      "payload_too_large",
      `The file is larger than the ${maxBytes} bytes that are allowed.`,
    );
  }
  const url = addressOf(ref, extraOrigin);
  const sealed = await download(url, { signal, maxBytes: maxBytes + overhead, allowedOrigins: [url.origin] });
  return { bytes: open(Buffer.from(sealed.bytes), ref), mimeType: media.mimeType };
}

function addressOf({ directPath, url }: z.output<typeof reference>, extraOrigin: string | undefined): URL {
  const own = url === undefined ? null : URL.parse(url);
  if (own !== null && isStore(own, extraOrigin)) return own;
  const path = directPath === undefined ? null : URL.parse(directPath, "https://mmg.whatsapp.net");
  if (path !== null && isStore(path, extraOrigin)) return path;
  throw new GatewayError("upstream_error", "The file does not lie at WhatsApp. It was not fetched.");
}

function isStore(url: URL, extraOrigin: string | undefined): boolean {
  if (url.origin === extraOrigin) return true;
  return url.protocol === "https:" && url.port === "" && url.hostname.endsWith(".whatsapp.net");
}

function open(sealed: Buffer, { type, mediaKey }: z.output<typeof reference>): Uint8Array {
  const key = Buffer.from(mediaKey, "base64");
  const derived = Buffer.from(hkdfSync("sha256", key, Buffer.alloc(32), `WhatsApp ${type} Keys`, 112));
  const [iv, cipherKey, macKey] = [
    derived.subarray(0, 16),
    derived.subarray(16, 48),
    derived.subarray(48, 80),
  ];
  const body = sealed.subarray(0, -macBytes);
  const mac = createHmac("sha256", macKey).update(iv).update(body).digest().subarray(0, macBytes);
  if (sealed.length < overhead || !timingSafeEqual(mac, sealed.subarray(-macBytes))) throw broken();
  const decipher = createDecipheriv("aes-256-cbc", cipherKey, iv);
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    throw broken();
  }
}

function broken(): GatewayError {
  return new GatewayError("upstream_error", "The file is damaged. Ask for it to be sent again.");
}
