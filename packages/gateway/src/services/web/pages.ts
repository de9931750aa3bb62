import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Outbound, OutboundAnswer } from "../../lib/net.ts";
import type { WebPage } from "../../runtime/tools/ports.ts";
import { bodyText } from "./charset.ts";
import { createPageCache, type Page } from "./page-cache.ts";
import { firstChars, seenText } from "./plain.ts";

export interface Pages {
  /** A page of the web as text. Throws `invalid_request` for what is not opened, `upstream_error`, `timeout`. */
  fetch(url: string, options: { maxChars: number; signal: AbortSignal }): Promise<WebPage>;
}

const mostBytes = 750_000;
const mostRedirects = 3;
/** Most characters of a page's text that are kept, whatever is asked for. */
const mostChars = 200_000;

const accepted = "text/html, application/xhtml+xml, text/markdown, text/plain, application/json, */*;q=0.5";

export interface PagesDeps {
  outbound: Outbound;
  clock: Clock;
  userAgent: string;
}

export function createPages({ outbound, clock, userAgent }: PagesDeps): Pages {
  const cache = createPageCache(clock);

  async function load(url: string, signal: AbortSignal): Promise<Page> {
    const answer = await outbound.request(url, {
      signal,
      maxBytes: mostBytes,
      redirects: mostRedirects,
      headers: { "user-agent": userAgent, accept: accepted, "accept-language": "en, *;q=0.5" },
    });
    const page = await pageOf(answer, signal);
    if (mayKeep(answer)) cache.put(url, page);
    return page;
  }

  return {
    async fetch(written, { maxChars, signal }) {
      const url = written.replace(/#.*$/s, "");
      const kept = cache.get(url);
      const page = kept ?? (await load(url, signal));
      return {
        ...page,
        text: firstChars(page.text, maxChars),
        truncated: page.truncated || page.text.length > maxChars,
        cached: kept !== undefined,
      };
    },
  };
}

/** Only what the site gives to everybody. */
function mayKeep({ status, headers }: OutboundAnswer): boolean {
  const control = headers["cache-control"]?.toLowerCase() ?? "";
  return status === 200 && headers["set-cookie"] === undefined && !/\b(no-store|private)\b/.test(control);
}

async function pageOf(answer: OutboundAnswer, signal: AbortSignal): Promise<Page> {
  const { url, status, headers, body } = answer;
  const written = headers["content-type"] ?? "";
  const contentType = essence(written) ?? (looksLikeText(body) ? "text/plain" : "application/octet-stream");
  const kind = kindOf(contentType, body);
  if (kind === "other") {
    const size = headers["content-length"] ?? `${answer.truncated ? "more than " : ""}${body.length}`;
    throw new GatewayError(
      "upstream_error",
      `The address holds ${contentType} of ${size} bytes (status ${status}), which cannot be read as text. Look for a page about it.`,
    );
  }
  const text = await bodyText(body, written);
  if (kind === "text") {
    return {
      url,
      status,
      contentType,
      title: null,
      text: seenText(firstChars(text, mostChars)),
      truncated: answer.truncated || text.length > mostChars,
    };
  }
  const { readableText } = await import("./readable.ts");
  const read = await readableText(text, { url, mostChars, signal });
  return { url, status, contentType, ...read, truncated: answer.truncated || read.truncated };
}

/** `type/subtype` alone, as the rest may be anything. */
function essence(contentType: string): string | undefined {
  return /^\s*([\w.+-]{1,60}\/[\w.+-]{1,60})\s*(?:;|$)/.exec(contentType)?.[1]?.toLowerCase();
}

function kindOf(contentType: string, body: Buffer): "html" | "text" | "other" {
  if (contentType === "text/html" || contentType === "application/xhtml+xml") return "html";
  if (
    contentType === "text/plain" &&
    /^\s*<(?:!doctype html|html)\b/i.test(body.toString("latin1", 0, 512))
  ) {
    return "html";
  }
  const isText =
    /^text\//.test(contentType) ||
    /^application\/(?:.+\+)?(?:json|xml|yaml|x-yaml|toml|javascript|x-ndjson|jsonl)$/.test(contentType);
  return isText ? "text" : "other";
}

function looksLikeText(body: Buffer): boolean {
  return !body.subarray(0, 1024).includes(0);
}
