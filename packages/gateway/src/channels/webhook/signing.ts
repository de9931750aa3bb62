import { hmacSha256, sameText } from "../signatures.ts";
import type { WebhookRequest } from "../types.ts";

/** How far the sender's clock may be from ours; an older request is one that was recorded. */
const toleranceMs = 5 * 60_000;

/** The headers of a request with `body`: `sha256=<hex HMAC-SHA256 of "<timestamp>.<raw body>">`. */
export function signed(secret: string, body: string, nowMs: number): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    "x-openclaw-timestamp": timestamp,
    "x-openclaw-signature": `sha256=${hmacSha256(secret, timestamp, ".", body)}`,
  };
}

/** What a request claims about its signature. */
export interface Claim {
  readonly timestamp: string;
  readonly signature: string;
}

/** Reads the claim, or says what is wrong with it, before anything of the body is read. */
export function claimOf({ headers }: WebhookRequest, nowMs: number): Claim | "unsigned" | "replayed" {
  const timestamp = headers["x-openclaw-timestamp"];
  const signature = headers["x-openclaw-signature"];
  if (typeof timestamp !== "string" || !/^\d{1,12}$/.test(timestamp)) return "unsigned";
  if (typeof signature !== "string" || !/^sha256=[0-9a-f]{64}$/.test(signature)) return "unsigned";
  if (Math.abs(Number(timestamp) * 1000 - nowMs) > toleranceMs) return "replayed";
  return { timestamp, signature };
}

export function isSigned(secret: string, claim: Claim, body: Uint8Array): boolean {
  return sameText(claim.signature, `sha256=${hmacSha256(secret, claim.timestamp, ".", body)}`);
}
