import { createHmac } from "node:crypto";
import type { WebhookRequest } from "../../src/channels/types.ts";
import { GatewayError } from "../../src/lib/errors.ts";

/** A request as Meta posts it, signed with the secret. */
export function posted(
  body: object | string,
  secret: string,
  changes: Partial<WebhookRequest> = {},
): WebhookRequest {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const signature = createHmac("sha256", secret).update(bytes).digest("hex");
  return {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    query: new URLSearchParams(),
    async body(maxBytes) {
      if (bytes.length > maxBytes) throw new GatewayError("payload_too_large", "too large");
      return bytes;
    },
    ...changes,
  };
}

export function asked(query: Record<string, string>): WebhookRequest {
  return {
    method: "GET",
    headers: {},
    query: new URLSearchParams(query),
    body: async () => new Uint8Array(),
  };
}
