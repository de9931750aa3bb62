import type { Page } from "playwright-core";
import type { Tab } from "../base/tab.ts";
import { listed, plain, quoted } from "../base/words.ts";
import { inFrame } from "./in-page.ts";

/** A page that does not answer so fast is told of without its title, ms. */
const atMostMs = 600;

/** Where a tab is now, for a sentence: `"Shop" (http://…)`. Never rejects. */
export async function pageInWords(tab: Tab): Promise<string> {
  const title = await soon(tab.page.title(), tab.title);
  const url = plain(tab.page.url(), 200);
  return title.trim() === "" ? url : `${quoted(title)} (${url})`;
}

/** The things on a page that can be acted on and look most like what was asked for. Never rejects. */
export async function likelyThings(page: Page, asked: string): Promise<string> {
  const found = await soon(page.evaluate(likely, asked), []);
  if (found.length === 0) return "nothing on it that can be acted on";
  return listed(
    found.map(({ role, name }) => (name ? `${plain(role, 30)} ${quoted(name, 60)}` : plain(role, 30))),
  );
}

const likely = inFrame((asked: string, eyes) => {
  const words = asked.toLowerCase().match(/[a-z0-9]{3,}/g) ?? [];
  const all = document.querySelectorAll(
    "a[href],button,input:not([type=hidden]),select,textarea,summary,[role],[contenteditable]",
  );
  const found: { role: string; name: string; likeness: number }[] = [];
  for (const element of [...all].slice(0, 3_000)) {
    if (!element.checkVisibility()) continue;
    const { role, name } = eyes.describe(element);
    const said =
      `${name} ${element.id} ${element.className} ${element.getAttribute("name")} ${element.tagName}`.toLowerCase();
    if (name || /field|box/.test(role))
      found.push({ role, name, likeness: words.filter((word) => said.includes(word)).length });
  }
  found.sort((a, b) => b.likeness - a.likeness);
  return found.slice(0, 8).map(({ role, name }) => ({ role, name }));
});

async function soon<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), atMostMs);
  });
  try {
    return await Promise.race([answer, late]);
  } catch {
    return otherwise; // a page that goes away has nothing to tell
  } finally {
    clearTimeout(timer);
  }
}
