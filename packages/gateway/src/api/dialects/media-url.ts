import { GatewayError } from "../../lib/errors.ts";

/** What a URL of a picture or a file names: bytes in a data URL, or an http(s) address. Throws for anything else. */
export function mediaOf(
  url: string,
  param: string,
): { param: string } & ({ mimeType: string; data: string } | { url: string }) {
  const [, mimeType, data] = /^data:([^;,]+)(?:;[^,]*)?;base64,(.*)$/is.exec(url) ?? [];
  if (mimeType !== undefined && data !== undefined) return { mimeType: mimeType.toLowerCase(), data, param };
  if (/^https?:\/\//i.test(url)) return { url, param };
  throw new GatewayError("invalid_request", "This must be a data URL in base64 or an http(s) URL.", {
    param,
  });
}
