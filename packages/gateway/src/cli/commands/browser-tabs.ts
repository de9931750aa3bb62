import type { BrowserTab } from "openclaw-client";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { plain } from "../plain.ts";
import { none, table } from "../table.ts";
import { waiting } from "../waiting.ts";

const titleShown = 40;

/** The open tabs. */
export async function list(context: Context, { profile }: { profile?: string }): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.tabs", profile === undefined ? {} : { profile }, waiting(context));
  return { data, text: data.tabs.length === 0 ? "No tab is open." : tabRows(data.tabs) };
}

/** Makes a tab the one that is meant where none is named. */
export async function activate(context: Context, tabId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.activate", { tabId }, waiting(context));
  return { data, text: tabRows([data]) };
}

/** Closes a tab. */
export async function close(context: Context, tabId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.close", { tabId }, waiting(context));
  return { data, text: `Closed ${plain(data.tabId)}.` };
}

export function tabRows(tabs: readonly BrowserTab[]): string {
  const rows = tabs.map((it) => [
    plain(it.id),
    it.active ? "yes" : "",
    plain(it.profile),
    it.sessionKey === null ? none : plain(it.sessionKey),
    brief(it.title),
    plain(it.url),
  ]);
  return table(["tab", "active", "profile", "session", "title", "address"], rows);
}

function brief(text: string): string {
  const shown = plain(text);
  return shown.length <= titleShown ? shown : `${shown.slice(0, titleShown - 1)}…`;
}
