import type { Page } from "playwright-core";
import { quoted } from "../base/words.ts";

/** More dialogs than this in so short a time are a trap, not questions. */
const flood = { count: 30, ms: 15_000 };

/**
 * Answers what would stop a page until somebody clicks: alerts are closed, questions answered with Cancel, and leaving a
 * page is never prevented. The listener lives as long as the page.
 */
export function answerDialogs(
  page: Page,
  { note, onFlood, now }: { note(text: string): void; onFlood(): void; now: () => number },
): void {
  const times: number[] = [];
  page.on("dialog", (dialog) => {
    const type = dialog.type();
    if (type === "beforeunload") {
      note("The page asked to stay on it; it was left all the same.");
      dialog.accept().catch(() => undefined); // the page may be gone already
      return;
    }
    const did = type === "alert" ? "It was closed." : "It was answered with Cancel.";
    const what = type === "alert" ? "said" : "asked";
    note(`The page ${what} in a dialog: ${quoted(dialog.message(), 300)}. ${did}`);
    dialog.dismiss().catch(() => undefined); // the page may be gone already
    times.push(now());
    if (times.length > flood.count && now() - times.shift()! <= flood.ms) {
      times.length = 0;
      onFlood();
    }
  });
}
