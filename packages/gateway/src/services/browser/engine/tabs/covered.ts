import type { Tab } from "../base/tab.ts";

/** Values of this length and more are looked for inside of a secret, too: a field may have cut it. */
const shortest = 4;

/**
 * Covers fields of a page that hold a secret which was typed in the tab, in all its frames, so that it is on no picture.
 * The secrets themselves stay here: pages are asked for what their fields hold, not whether that is a secret. Returns how to
 * uncover them. Only to be called before a picture: it asks every frame.
 */
export async function coverSecrets(tab: Tab): Promise<() => Promise<void>> {
  const secrets = [...tab.secrets].filter((secret) => secret !== "");
  const uncover: (() => Promise<unknown>)[] = [];
  if (secrets.length === 0) return async () => {};
  const holds = (value: string) =>
    secrets.some((secret) => value.includes(secret) || (value.length >= shortest && secret.includes(value)));
  for (const frame of tab.page.frames()) {
    const fields = frame.locator("css=input, textarea");
    const values = await fields.evaluateAll((all) =>
      all.map((it) => ("value" in it && typeof it.value === "string" ? it.value.slice(0, 20_000) : "")),
    );
    if (!values.some(holds)) continue;
    for (const handle of await fields.elementHandles()) {
      const before = await handle.evaluate((it) => {
        if (!(it instanceof HTMLElement) || !("value" in it)) return null;
        return { value: String(it.value), style: it.getAttribute("style") };
      });
      if (!before || !holds(before.value)) continue;
      await handle.evaluate((it) => {
        if (it instanceof HTMLElement) it.style.setProperty("-webkit-text-security", "disc", "important");
      });
      uncover.push(() =>
        handle.evaluate((it, style) => {
          if (!(it instanceof Element)) return;
          it.setAttribute("style", style ?? ""); // Chromium does not remove what it has not written out yet
          if (style === null) it.removeAttribute("style");
        }, before.style),
      );
    }
  }
  return async () => {
    await Promise.allSettled(uncover.map((undo) => undo())); // what has left the page needs no uncovering
  };
}
