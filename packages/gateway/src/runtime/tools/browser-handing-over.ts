import { GatewayError } from "../../lib/errors.ts";
import { told, toldUrl } from "./browser-told.ts";
import type { BrowserInspection } from "./ports.ts";
import type { PreparedCall } from "./types.ts";

const things = { password: "a password", payment: "payment data" } as const;

/** What a call that would hit this means: its risks, and what whoever decides sees. */
export function handingOver(seen: BrowserInspection): Omit<PreparedCall, "run"> {
  const { submits } = seen;
  const facts = {
    url: toldUrl(seen.url),
    element: told(seen.element, 300),
    ...(seen.action !== null && { action: toldUrl(seen.action) }),
    ...(submits.length > 0 && { submits }),
  };
  const words = wordsOf(seen);
  if (submits.length === 0) return { risks: ["network-request"], facts, words };
  const what = submits.map((it) => things[it]).join(" and ");
  return {
    risks: ["network-request", "form-submit"],
    why: { "form-submit": `it hands over ${what}` },
    facts,
    words,
  };
}

/** "Always" is for a site, for where its form goes, and for what is handed over. None for what has no host. */
function wordsOf({ url, action, submits }: BrowserInspection): string[] | undefined {
  const host = URL.parse(url)?.host;
  if (!host) return undefined;
  const goal = action === null ? host : (URL.parse(action, url)?.host ?? "");
  return ["browser", host, ...(goal === host ? [] : ["to", goal]), ...[...submits].sort()];
}

/** Throws `conflict` if what is there now would hand over more, or to another site, than what was looked at before. */
export function demandNoMore(before: BrowserInspection, now: BrowserInspection): void {
  const isMore = now.submits.some((it) => !before.submits.includes(it));
  const isElsewhere = now.submits.length > 0 && wordsOf(now)?.join(" ") !== wordsOf(before)?.join(" ");
  if (!isMore && !isElsewhere && now.tabId === before.tabId) return;
  throw new GatewayError(
    "conflict",
    "The page has changed meanwhile: this would now hand over something else than before. Look at it again.",
  );
}
