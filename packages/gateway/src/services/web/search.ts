import type { WebConfig } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import { createOutbound, type Outbound } from "../../lib/net.ts";
import type { Secret } from "../../lib/secrets.ts";
import type { WebPort } from "../../runtime/tools/ports.ts";
import { firstChars, seenText } from "./plain.ts";
import type { Found, SearchProvider } from "./search-provider.ts";

export interface Search {
  search: WebPort["search"];
  close(): void;
}

export interface SearchDeps {
  config: WebConfig["search"];
  /** The first of these environment variables that is set. */
  keyOf(variables: readonly string[]): Secret | undefined;
  userAgent: string;
}

interface Entry {
  /** Environment variables of its key; none: it needs no key. */
  readonly variables: readonly string[];
  /** Where its own address is public and fixed. */
  readonly baseUrl?: string;
  readonly load: () => Promise<SearchProvider>;
}

/** Every search provider by name. Adding one: a file and a line. */
const table = new Map<string, Entry>([
  [
    "brave",
    {
      variables: ["BRAVE_API_KEY"],
      baseUrl: "https://api.search.brave.com/res/v1",
      load: async () => (await import("./search-brave.ts")).provider,
    },
  ],
  [
    "tavily",
    {
      variables: ["TAVILY_API_KEY"],
      baseUrl: "https://api.tavily.com",
      load: async () => (await import("./search-tavily.ts")).provider,
    },
  ],
  ["searxng", { variables: [], load: async () => (await import("./search-searxng.ts")).provider }],
]);

const mostBytes = 1_000_000;
const longestTitle = 200;
const longestSnippet = 500;
const longestUrl = 2_000;

/** Asks the search provider that is set up; without one, says how to set one up. */
export function createSearch({ config, keyOf, userAgent }: SearchDeps): Search {
  let opened: Outbound | undefined;

  /** The base URL is the owner's word, so its host may be anywhere; no redirect takes the key elsewhere. */
  function outbound(baseUrl: URL): Outbound {
    opened ??= createOutbound({ allowPrivate: config.baseUrl === undefined ? [] : [baseUrl.hostname] });
    return opened;
  }

  return {
    close: () => opened?.close(),
    async search(query, { count, signal }) {
      const { name, baseUrl, key, load } = chosen(config, keyOf);
      const provider = await load();
      const base = new URL(baseUrl);
      const login = base.username === "" ? {} : { authorization: basic(base) };
      base.username = base.password = "";
      const asked = provider.request({
        baseUrl: base.href.replace(/\/+$/, ""),
        key: key?.reveal(),
        query,
        count,
      });
      const answer = await outbound(base).request(asked.url, {
        signal,
        maxBytes: mostBytes,
        redirects: 0,
        method: asked.body === undefined ? "GET" : "POST",
        headers: { "user-agent": userAgent, accept: "application/json", ...login, ...asked.headers },
        body: asked.body,
      });
      if (answer.status !== 200) throw refused(name, answer.status);
      const results = await found(provider, answer.body.toString(), name);
      return { provider: name, results: results.filter(isLink).slice(0, count).map(bounded) };
    },
  };
}

interface Chosen {
  name: string;
  baseUrl: string;
  key: { reveal(): string } | undefined;
  load: Entry["load"];
}

function chosen(config: WebConfig["search"], keyOf: SearchDeps["keyOf"]): Chosen {
  const names = [...table.keys()].join(", ");
  const name =
    config.provider ?? [...table].find(([, it]) => it.variables.length > 0 && keyOf(it.variables))?.[0];
  if (name === undefined) {
    throw unavailable(
      `No web search is set up. Set tools.web.search.provider to one of ${names}, with its apiKey.`,
    );
  }
  const entry = table.get(name);
  if (!entry)
    throw unavailable(
      `There is no search provider "${name}". Set tools.web.search.provider to one of ${names}.`,
    );
  const { variables, load } = entry;
  const own = config.apiKey;
  const key =
    own === undefined ? (variables.length > 0 ? keyOf(variables) : undefined) : { reveal: () => own };
  if (variables.length > 0 && !key) {
    throw unavailable(
      `The search provider ${name} has no key. Set tools.web.search.apiKey, or ${variables.join(" or ")}.`,
    );
  }
  const baseUrl = config.baseUrl ?? entry.baseUrl;
  if (baseUrl === undefined) {
    throw unavailable(`The search provider ${name} has no address. Set tools.web.search.baseUrl.`);
  }
  return { name, baseUrl, key, load };
}

/** Its faults are not handed on: a parser's message quotes what it read. */
async function found(provider: SearchProvider, body: string, name: string): Promise<Found[]> {
  try {
    return await provider.results(JSON.parse(body));
  } catch {
    throw new GatewayError(
      "upstream_error",
      `The search provider ${name} answered with something else than results.`,
    );
  }
}

function isLink({ url }: Found): boolean {
  return url.length <= longestUrl && /^https?:\/\//i.test(url);
}

function bounded({ title, url, snippet }: Found): Found {
  return { title: short(title, longestTitle), url: seenText(url), snippet: short(snippet, longestSnippet) };
}

function short(text: string, most: number): string {
  return firstChars(
    seenText(text.slice(0, 4 * most))
      .replace(/\s+/g, " ")
      .trim(),
    most,
  );
}

/** Never with what the provider said: it may repeat the key. */
function refused(name: string, status: number): GatewayError {
  if (status === 401 || status === 403) {
    return unavailable(
      `The search provider ${name} refused the key (${status}). Correct tools.web.search.apiKey.`,
    );
  }
  if (status === 429) {
    return new GatewayError(
      "rate_limited",
      `The search provider ${name} wants fewer requests (429). Try again later.`,
    );
  }
  return new GatewayError("upstream_error", `The search provider ${name} failed with status ${status}.`);
}

function unavailable(message: string): GatewayError {
  return new GatewayError("service_unavailable", message);
}

function basic({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}
