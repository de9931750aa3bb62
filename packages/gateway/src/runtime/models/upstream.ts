import type Pool from "undici/lib/dispatcher/pool.js";
import { GatewayError } from "../../lib/errors.ts";
import { type Answer, exchange } from "./exchange.ts";
import { createFailures, type Failure, type Failures } from "./failures.ts";
import { withRetries } from "./retry.ts";
import type { CallOptions, ProviderSettings, WirePorts } from "./types.ts";
import { type WireLimits, wireLimits } from "./wire-limits.ts";

/** A provider's HTTP side: one pool, our retries, our failures. */
export interface Upstream {
  readonly failures: Failures;
  readonly limits: WireLimits;
  /** `path` is what follows the `baseUrl`. Resolves with a 2xx answer; everything else is thrown as `GatewayError`. */
  post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer,
    options: CallOptions,
  ): Promise<Answer>;
  close(): Promise<void>;
}

const longestErrorBody = 64 * 1024;

export function createUpstream(
  provider: ProviderSettings,
  ports: WirePorts,
  ownLimits: Partial<WireLimits> = {},
): Upstream {
  const limits = { ...wireLimits, ...ownLimits };
  const failures = createFailures(provider, ports.now);
  const base = parseBase(provider);
  refuseBrokenSecrets(provider);
  const ownHeaders = { ...basicAuthorisation(base), ...lowerCased(provider.headers) };
  const prefix = base.pathname.replace(/\/+$/, "");
  let pool: Promise<Pool> | undefined;

  return {
    failures,
    limits,
    async post(path, headers, body, options) {
      pool ??= openPool(base.origin, limits);
      const open = await pool;
      const request = {
        path: `${prefix}${path}${path.includes("?") ? base.search.replace("?", "&") : base.search}`,
        headers: flat({
          "user-agent": "openclaw",
          "content-type": "application/json",
          ...headers,
          ...ownHeaders,
        }),
        body,
        signal: options.signal,
        headersMs: options.whole ? limits.wholeMs : undefined,
        unreadBytes: limits.unreadBytes,
      };
      const attempt = async (): Promise<{ answer: Answer } | { failure: Failure }> => {
        let answer: Answer;
        try {
          answer = await exchange(open, request);
        } catch (thrown) {
          if (options.signal.aborted) throw options.signal.reason;
          return { failure: failures.ofNetwork(thrown, false) };
        }
        if (answer.status >= 200 && answer.status < 300) return { answer };
        const text = await readErrorBody(answer, options);
        return { failure: failures.ofStatus(answer.status, answer.headers, text) };
      };
      return withRetries(attempt, ports, limits, options);
    },
    async close() {
      await (await pool)?.close();
    },
  };
}

/** The whole body as text. Fails with `upstream_error` beyond the limit or when it breaks off. */
export async function readText(answer: Answer, upstream: Upstream, { signal }: CallOptions): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for (let read = await answer.read(); read !== null; read = await answer.read()) {
      for (const part of read) size += part.length;
      if (size > upstream.limits.answerBytes) throw upstream.failures.garbage("an answer that is too large");
      parts.push(...read);
    }
  } catch (thrown) {
    throw brokenOff(thrown, upstream, signal);
  } finally {
    answer.close();
  }
  return parts.length === 1 ? parts[0]!.toString() : Buffer.concat(parts).toString();
}

/** What `Answer.read` threw, as what the caller shall see. */
export function brokenOff(thrown: unknown, upstream: Upstream, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return thrown instanceof GatewayError ? thrown : upstream.failures.ofNetwork(thrown, true).error;
}

async function readErrorBody(answer: Answer, { signal }: CallOptions): Promise<string> {
  let text = "";
  try {
    for (let read = await answer.read(); read !== null; read = await answer.read()) {
      text += Buffer.concat(read).toString();
      if (text.length > longestErrorBody) break;
    }
  } catch {
    signal.throwIfAborted(); // a broken error body is still an error of that status
  } finally {
    answer.close();
  }
  return text.slice(0, longestErrorBody);
}

async function openPool(origin: string, limits: WireLimits): Promise<Pool> {
  const { default: Pool } = await import("undici/lib/dispatcher/pool.js");
  return new Pool(origin, {
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.silenceMs,
    keepAliveTimeout: 30_000,
  });
}

function parseBase(provider: ProviderSettings): URL {
  const url = URL.parse(provider.baseUrl);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new GatewayError(
    "service_unavailable",
    `The baseUrl of the provider "${provider.id}" is not an http(s) URL. Correct models.providers.${provider.id}.baseUrl.`,
  );
}

/** A pasted line break would otherwise fail every call, with an error about headers. */
function refuseBrokenSecrets(provider: ProviderSettings): void {
  const values = [provider.apiKey?.reveal() ?? "", ...Object.values(provider.headers)];
  if (values.every((it) => /^[\t\x20-\x7e\x80-\xff]*$/.test(it))) return;
  throw new GatewayError(
    "service_unavailable",
    `The key or a header of the provider "${provider.id}" has characters that no header can carry, perhaps a line break. Correct it.`,
  );
}

function basicAuthorisation(url: URL): Record<string, string> {
  if (url.username === "" && url.password === "") return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function flat(headers: Record<string, string>): string[] {
  const list: string[] = [];
  for (const name in headers) list.push(name, headers[name]!);
  return list;
}
