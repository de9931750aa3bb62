import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { plainHost } from "./addresses.ts";
import { GatewayError } from "./errors.ts";
import { ask, type HttpAnswer, type HttpRequest } from "./outbound-answer.ts";
import { createUrlJudge } from "./outbound-judge.ts";
import { type Lookup, lookupAll, openSocket } from "./outbound-socket.ts";
import { onAbort } from "./signals.ts";

export interface OutboundRequest {
  readonly signal: AbortSignal;
  readonly method?: "GET" | "POST" | undefined;
  /** Sent to the URL's own origin; of them a redirect elsewhere gets those alone that name no one. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Most bytes of the decoded body; the rest is not read. */
  readonly maxBytes: number;
  /** Most redirects that are followed; a POST follows none. */
  readonly redirects: number;
}

export interface OutboundAnswer {
  /** Where the redirects ended. */
  url: string;
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether the body was longer than `maxBytes`. */
  truncated: boolean;
}

/**
 * The one way to call addresses that come from outside: judged as written, looked up once, connected to what was
 * judged, and all of it again at each redirect. Proxies of the environment are not used, connections not kept.
 */
export interface Outbound {
  /** Throws `invalid_request` for a refused URL, `timeout`, `upstream_error`, or the signal's reason. */
  request(url: string, request: OutboundRequest): Promise<OutboundAnswer>;
  /** Breaks off what is under way. */
  close(): void;
}

export interface OutboundLimits {
  /** For looking up, connecting and the TLS handshake, per redirect, ms. */
  connectMs: number;
  /** For everything, ms. */
  totalMs: number;
  /** Requests at a time. */
  atOnce: number;
}

const usualLimits: OutboundLimits = { connectMs: 10_000, totalMs: 30_000, atOnce: 32 };

/** Headers that say nothing about who asks. */
const harmless = new Set(["accept", "accept-language", "user-agent"]);

const redirectStatus = new Set([301, 302, 303, 307, 308]);

export interface OutboundDeps {
  /** What may be called though it is not public: IP addresses, CIDRs, host names. */
  allowPrivate: readonly string[];
  lookup?: Lookup | undefined;
  limits?: Partial<OutboundLimits> | undefined;
}

export function createOutbound({ allowPrivate, lookup = lookupAll, limits: own }: OutboundDeps): Outbound {
  const limits = { ...usualLimits, ...own };
  const judge = createUrlJudge(allowPrivate);
  const ports = { judge, lookup, connectMs: limits.connectMs };
  const inFlight = new Set<AbortController>();

  /** One request and its answer; a redirect comes back as where it leads. */
  async function hop(url: URL, request: HttpRequest, maxBytes: number, signal: AbortSignal) {
    let stopListening = () => {};
    let socket: Socket | undefined;
    try {
      const open = await openSocket(url, ports, signal);
      socket = open;
      signal.throwIfAborted(); // a request over a socket destroyed before would never end
      stopListening = onAbort(signal, () => open.destroy());
      const answer = await ask(open, url, request);
      const leadsTo = redirectOf(answer, url);
      if (leadsTo !== undefined) return { leadsTo };
      const { status, headers } = answer;
      return { answer: { url: url.href, status, headers, ...(await answer.read(maxBytes)) } };
    } catch (thrown) {
      throw thrown instanceof GatewayError ? thrown : brokenOff(url, thrown);
    } finally {
      stopListening();
      socket?.destroy();
    }
  }

  /** Follows redirects by hand; each is a URL from outside like the first. */
  async function follow(start: URL, request: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
    const { method = "GET", body, maxBytes } = request;
    let url = start;
    let headers = request.headers ?? {};
    for (let left = method === "POST" ? 0 : request.redirects; ; left--) {
      const { answer, leadsTo } = await hop(url, { method, headers, body }, maxBytes, signal);
      if (answer) return answer;
      if (left <= 0) {
        throw new GatewayError(
          "upstream_error",
          `${plainHost(url.hostname)} redirects too often. Try another page.`,
        );
      }
      const next = judge.judge(leadsTo);
      if (next.origin !== url.origin) headers = onlyHarmless(headers);
      url = next;
    }
  }

  return {
    async request(written, request) {
      request.signal.throwIfAborted();
      const url = judge.judge(written);
      if (inFlight.size >= limits.atOnce) {
        throw new GatewayError("rate_limited", "Too many pages are being fetched at once. Try again later.");
      }
      const stop = new AbortController();
      inFlight.add(stop);
      const stopListening = onAbort(request.signal, () => stop.abort(request.signal.reason));
      const timer = setTimeout(() => stop.abort(tooSlow(url, limits.totalMs)), limits.totalMs);
      try {
        return await follow(url, request, stop.signal);
      } catch (thrown) {
        throw stop.signal.aborted ? stop.signal.reason : thrown;
      } finally {
        clearTimeout(timer);
        stopListening();
        inFlight.delete(stop);
      }
    },
    close() {
      const reason = new GatewayError("service_unavailable", "The gateway is shutting down.");
      for (const stop of inFlight) stop.abort(reason);
    },
  };
}

function redirectOf({ status, headers }: HttpAnswer, from: URL): string | undefined {
  if (!redirectStatus.has(status) || !headers.location) return undefined;
  return URL.parse(headers.location, from)?.href ?? headers.location; // the judge says what is wrong with it
}

function onlyHarmless(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())));
}

function tooSlow(url: URL, ms: number): GatewayError {
  return new GatewayError(
    "timeout",
    `${plainHost(url.hostname)} took longer than ${ms / 1000} s. Try another page.`,
  );
}

const hints: Readonly<Record<string, string>> = {
  ENOTFOUND: "There is no such host",
  HPE_HEADER_OVERFLOW: "Its headers are too large",
};

/** The error's code alone: its message may name addresses of this machine's networks. */
function brokenOff(url: URL, thrown: unknown): GatewayError {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
  const why = code === undefined ? "" : ` (${hints[code] ?? code})`;
  const message = `${plainHost(url.hostname)} could not be read${why}. Check the address, or try another page.`;
  return new GatewayError("upstream_error", message, { cause: thrown });
}
