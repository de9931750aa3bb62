import { randomBytes } from "node:crypto";
import { plainHost } from "../../../../lib/addresses.ts";
import { GatewayError } from "../../../../lib/errors.ts";

/** Marks the guard's own answers. A site's headers of that name are not handed on. */
export const refusalHeader = "x-openclaw-guard";
export const failureHeader = "x-openclaw-guard-failure";

/** Why a request came to nothing: it was refused, or the site was not reached. */
export interface Trouble {
  readonly kind: "refused" | "failed";
  readonly why: string;
}

/** Of the system's and Node's error codes, those that a reader can do something with. */
const words: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "its name could not be looked up now",
  ECONNREFUSED: "it refuses connections",
  ECONNRESET: "it broke the connection off",
  EPIPE: "it broke the connection off",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  ETIMEDOUT: "it did not answer in time",
  HPE_HEADER_OVERFLOW: "its headers are too large",
};

/** What is to be said of an error. Its own message is not: it may name addresses of this machine's networks. */
export function troubleOf(url: URL, thrown: unknown): Trouble {
  if (thrown instanceof GatewayError) {
    return { kind: thrown.code === "invalid_request" ? "refused" : "failed", why: thrown.message };
  }
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const host = plainHost(url.hostname).slice(0, 253);
  const known = words[code] ?? (/^HPE_/.test(code) ? "what it sends is not HTTP" : "the connection broke");
  return { kind: "failed", why: `${host} could not be reached: ${known}.` };
}

/** The nonce of one guard's answers, so that no site can make its own look like them. */
export function createNonce(): string {
  return randomBytes(16).toString("base64url");
}

/** A short page of the guard's, with the headers to be sent with it. */
export function troublePage(trouble: Trouble, nonce: string) {
  const isRefusal = trouble.kind === "refused";
  const title = isRefusal ? "Not opened" : "Not reached";
  const body = `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${escaped(trouble.why)}</p>\n`;
  return {
    status: isRefusal ? 403 : 502,
    body,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "no-store",
      [isRefusal ? refusalHeader : failureHeader]: nonce,
    },
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
