import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing, Files, Navigation } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { DownloadedFile, EngineConfig, Pointed } from "../base/types.ts";
import { grouped, plain, quoted } from "../base/words.ts";
import { locate } from "../page/locate.ts";
import { timeLeft } from "../page/time-left.ts";
import { inSeconds } from "./deadline.ts";
import type { Downloads, Expectation } from "./downloads.ts";
import { pageAsKnown, within } from "./tab-facts.ts";
import { uploadInto } from "./uploads.ts";

export interface FilesOptions {
  config: Pick<EngineConfig, "folder">;
  tabs: { downloads: Downloads };
  navigation: Pick<Navigation, "open">;
}

/** What a click may take until a file begins to come, ms; sites make some of them first. */
const beginsMs = 20_000;

/** Files that go into pages and come out of them. */
export function createFiles({ tabs, navigation }: FilesOptions): Files {
  async function download(
    tab: Tab,
    from: Pointed & { url?: string | undefined },
    doing: Doing,
  ): Promise<DownloadedFile> {
    const expected = tabs.downloads.expect(tab);
    const giveUp = () => expected.giveUp();
    doing.signal.addEventListener("abort", giveUp, { once: true });
    try {
      if (from.url !== undefined) await open(tab, from.url, expected, doing);
      else await click(tab, from, expected, doing);
      return await whole(expected, doing);
    } finally {
      doing.signal.removeEventListener("abort", giveUp);
      expected.giveUp();
    }
  }

  async function open(tab: Tab, url: string, expected: Expectation, doing: Doing): Promise<void> {
    const { success, status, notes = [] } = await navigation.open(tab, url, { waitUntil: "commit" }, doing);
    for (const note of notes) tab.notes.add(note); // they belong to the result of a page, which this is not
    if (expected.begun() || (success && status === null && (await within(1_000, expected.started)))) return;
    const what = success ? "is a page and no file" : `was answered with HTTP ${status ?? 204} and no file`;
    throw new GatewayError("invalid_request", `${plain(url, 200)} ${what}.`, { param: "url" });
  }

  async function click(tab: Tab, at: Pointed, expected: Expectation, doing: Doing): Promise<void> {
    const element = await locate(tab, at, doing, "");
    const { signal } = doing;
    await element.click({ signal, timeout: timeLeft(doing), noWaitAfter: true });
    const ms = timeLeft(doing, beginsMs);
    if (await within(ms, expected.started)) return;
    signal.throwIfAborted();
    const param = at.ref === undefined ? "selector" : "ref";
    throw new GatewayError(
      "invalid_request",
      `No file has come within ${inSeconds(ms)} of the click. The page shows ${pageAsKnown(tab)}.`,
      { param },
    );
  }

  /** The file, once it has come; what has not come by the deadline is cancelled. */
  async function whole(expected: Expectation, doing: Doing): Promise<DownloadedFile> {
    let timer: NodeJS.Timeout | undefined;
    const began = Date.now();
    const ms = timeLeft(doing);
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const so = `${grouped(expected.bytes())} bytes of it have come`;
        const message = `The file ${quoted(expected.name())} had not come after ${inSeconds(Date.now() - began)}: ${so}. Its download was cancelled.`;
        reject(new GatewayError("timeout", message));
      }, ms);
    });
    try {
      return await Promise.race([expected.file, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  return { upload: uploadInto, download };
}
