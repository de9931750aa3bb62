import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA256 (RFC 2104) of the parts, one after the other, in lower-case hex. Text counts as UTF-8. */
export function hmacSha256(secret: string, ...parts: (string | Uint8Array)[]): string {
  const hmac = createHmac("sha256", secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** Whether two texts are the same, in a time that tells nothing of either. Their lengths may differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
