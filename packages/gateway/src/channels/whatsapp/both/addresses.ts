import { GatewayError } from "../../../lib/errors.ts";

/** Digits of a phone number with country code (ITU-T E.164: 15 at most), from how people write it; undefined if it is none. */
export function phoneDigits(written: string): string | undefined {
  const number = written
    .trim()
    .replace(/^whatsapp:/i, "")
    .replace(/@(s\.whatsapp\.net|c\.us)$/i, "")
    .replace(/:\d+$/, "");
  if (!/^\+?[\d\s().\-/]+$/.test(number)) return undefined;
  const digits = number.replace(/\D/g, "").replace(/^00/, "");
  return /^[1-9]\d{5,14}$/.test(digits) ? digits : undefined;
}

export function noAddress(examples: string): GatewayError {
  return new GatewayError("invalid_request", `That is no WhatsApp address. Write ${examples}.`, {
    param: "to",
  });
}
