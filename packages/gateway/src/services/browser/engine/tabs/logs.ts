import type { Page, Request } from "playwright-core";
import { isoTime } from "../../../../lib/clock.ts";
import type { ConsolePage, NetworkPage } from "../base/types.ts";
import { plain } from "../base/words.ts";
import { inWords } from "./failures.ts";
import { boundedUrl } from "./tab-facts.ts";

type ConsoleEntry = ConsolePage["entries"][number];
type NetworkEntry = NetworkPage["entries"][number];

/** Entries of each kind that a tab keeps. */
const kept = 200;
const textLength = 2_000;

/** What a tab's pages have written to the console and requested, the newest of it. */
export interface Logs {
  /** Listens to a page, as long as that lives. */
  listen(page: Page): void;
  console(limit: number): ConsoleEntry[];
  network(limit: number): NetworkEntry[];
}

export function createLogs(now: () => number): Logs {
  const lines: ConsoleEntry[] = [];
  const requests: NetworkEntry[] = [];
  const entries = new WeakMap<Request, NetworkEntry & { began: number }>();

  function write(level: string, text: string, url: string): void {
    add(lines, { at: isoTime(now()), level, text: bounded(text), url: boundedUrl(url) });
  }

  function end(request: Request, error: string | null): void {
    const entry = entries.get(request);
    if (!entry) return;
    entry.ms = now() - entry.began;
    entry.error = error;
  }

  return {
    listen(page) {
      page.on("console", (message) => write(message.type(), message.text(), message.location().url));
      page.on("pageerror", (error) => write("error", String(error?.stack ?? error), page.url()));
      page.on("request", (request) => {
        const began = now();
        const entry = {
          at: isoTime(began),
          method: request.method(),
          url: boundedUrl(request.url()),
          type: request.resourceType(),
          status: null,
          ms: null,
          error: null,
          began,
        };
        entries.set(request, entry);
        add(requests, entry);
      });
      page.on("response", (response) => {
        const entry = entries.get(response.request());
        if (entry) entry.status = response.status();
      });
      page.on("requestfinished", (request) => end(request, null));
      page.on("requestfailed", (request) =>
        end(request, inWords(request.failure()?.errorText ?? "ERR_FAILED")),
      );
      page.on("websocket", (socket) => {
        const entry: NetworkEntry = {
          at: isoTime(now()),
          method: "GET",
          url: boundedUrl(socket.url()),
          type: "websocket",
          status: null,
          ms: null,
          error: null,
        };
        add(requests, entry);
        socket.on("socketerror", (error) => {
          entry.error = plain(error, 200);
        });
      });
    },
    console: (limit) => lines.slice(-limit),
    network: (limit) =>
      requests.slice(-limit).map(({ at, method, url, type, status, ms, error }) => ({
        at,
        method,
        url,
        type,
        status,
        ms,
        error,
      })),
  };
}

function add<T>(ring: T[], entry: T): void {
  if (ring.push(entry) > kept) ring.shift();
}

/** Lines stay lines here, unlike in sentences. */
function bounded(text: string): string {
  const whole = text.toWellFormed();
  return whole.length <= textLength ? whole : `${whole.slice(0, textLength)}…`;
}
