import type { PlaceOptions } from "../browser-options.ts";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { positive } from "../numbers.ts";
import { plain } from "../plain.ts";
import { none, table } from "../table.ts";
import { waiting } from "../waiting.ts";
import { placeOf } from "./browser.ts";

type LogOptions = PlaceOptions & { limit?: string };

const atMost = 500;

/** What a page has written to its console, the newest last. */
export async function consoleOf(context: Context, options: LogOptions): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.console", queryOf(options), waiting(context));
  if (data.entries.length === 0) return { data, text: "The page has written nothing." };
  const rows = data.entries.map((it) => [plain(it.at), plain(it.level), plain(it.text)]);
  return { data, text: table(["when", "level", "text"], rows) };
}

/** What a page has requested, the newest last. */
export async function network(context: Context, options: LogOptions): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.network", queryOf(options), waiting(context));
  if (data.entries.length === 0) return { data, text: "The page has requested nothing." };
  const rows = data.entries.map((it) => [
    plain(it.method),
    it.status === null ? none : String(it.status),
    it.ms === null ? none : `${Math.round(it.ms)} ms`,
    plain(it.type),
    plain(it.url),
    it.error === null ? "" : plain(it.error),
  ]);
  return { data, text: table(["method", "status", "time", "type", "address", "error"], rows) };
}

function queryOf(options: LogOptions): { profile?: string; tabId?: string; limit?: number } {
  const { timeoutMs: _, ...place } = placeOf(options);
  const limit = positive("--limit", options.limit);
  if (limit !== undefined && limit > atMost) throw new UsageError(`--limit must be at most ${atMost}.`);
  return { ...place, ...(limit !== undefined && { limit }) };
}
