import type { BrowserPage, BrowserTarget } from "./ports.ts";

/** Most characters of what a page says in a result's small fields. */
const titleAtMost = 200;
const urlAtMost = 2_000;
const noteAtMost = 500;
const notesAtMost = 20;

/** What a page says, on one line and no longer than that. */
export function told(text: string, most: number): string {
  const line = text
    .slice(0, most * 2)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line.toWellFormed();
}

export const toldUrl = (url: string) => told(url, urlAtMost);
export const toldTitle = (title: string) => told(title, titleAtMost);

/** Where a tab is now, for the model. */
export function pageResult(page: BrowserPage & { detail?: string | undefined }) {
  const { success, url, title, status, tabId, notes, detail } = page;
  return {
    success,
    ...(detail !== undefined && { detail: told(detail, noteAtMost) }),
    url: toldUrl(url),
    title: toldTitle(title),
    ...(status !== null && { status }),
    tabId,
    ...notesOf(notes),
  };
}

/** What happened by itself, for the model. */
export function notesOf(notes: readonly string[] | undefined): { notes?: string[] } {
  if (!notes || notes.length === 0) return {};
  return { notes: notes.slice(0, notesAtMost).map((it) => told(it, noteAtMost)) };
}

/** An element for whoever decides. */
export function targetFacts({ ref, selector }: BrowserTarget): Record<string, unknown> {
  return { ...(ref !== undefined && { ref }), ...(selector !== undefined && { selector }) };
}
