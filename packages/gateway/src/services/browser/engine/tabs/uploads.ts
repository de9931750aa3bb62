import type { Locator } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { Pointed, UploadFile } from "../base/types.ts";
import { locate } from "../page/locate.ts";
import { timeLeft } from "../page/time-left.ts";
import { fileName } from "./file-names.ts";
import { pageAsKnown, within } from "./tab-facts.ts";

/** Playwright takes files from memory up to this, all together: https://playwright.dev/docs/api/class-locator#locator-set-input-files */
const mostBytes = 50_000_000;
/** What a click may take until the page asks for a file, ms. */
const asksMs = 3_000;

interface Payload {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/**
 * Puts files into a file field, its label, or whatever asks for files when it is clicked; where nothing is named, into the
 * page's only field. Throws `invalid_request` (`ref`, `selector`, `files`), `payload_too_large`.
 */
export async function uploadInto(
  tab: Tab,
  at: Pointed,
  files: readonly UploadFile[],
  doing: Doing,
): Promise<void> {
  const bytes = files.reduce((sum, { data }) => sum + data.length, 0);
  if (bytes > mostBytes) {
    throw new GatewayError(
      "payload_too_large",
      `The files are larger than ${mostBytes / 1_000_000} MB together.`,
    );
  }
  const payloads = files.map(({ name, mimeType = "application/octet-stream", data }) => ({
    name: fileName(name),
    mimeType,
    buffer: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  }));
  const named = at.ref !== undefined || at.selector !== undefined;
  const element = named ? await locate(tab, at, doing, "") : await onlyField(tab);
  const field = await fieldOf(element);
  const param = at.ref === undefined ? "selector" : "ref";
  if (field === undefined) return byChooser(tab, element, payloads, param, doing);
  if (!field.multiple && payloads.length > 1) throw onlyOne();
  const target = field.isLabel ? element.locator("css=input[type=file]") : element;
  const options = { signal: doing.signal, timeout: timeLeft(doing) };
  if (field.isLabel && (await target.count()) === 0) return byChooser(tab, element, payloads, param, doing);
  await target.first().setInputFiles(payloads, options);
}

async function onlyField(tab: Tab): Promise<Locator> {
  const fields = tab.page.locator("css=input[type=file]");
  const count = await fields.count();
  if (count === 1) return fields.first();
  const message =
    count === 0
      ? `The page has no file field. It shows ${pageAsKnown(tab)}.`
      : `The page has ${count} file fields. Say which by ref or selector.`;
  throw new GatewayError("invalid_request", message, { param: "ref" });
}

/** Whether the element is a file field or the label of one, and takes several files. */
function fieldOf(element: Locator): Promise<{ isLabel: boolean; multiple: boolean } | undefined> {
  return element.evaluate((it) => {
    const isLabel = it instanceof HTMLLabelElement;
    const field = isLabel ? it.control : it;
    if (!(field instanceof HTMLInputElement) || field.type !== "file") return undefined;
    return { isLabel, multiple: field.multiple };
  });
}

/** Clicks, and answers what the page asks for then. */
async function byChooser(
  tab: Tab,
  element: Locator,
  payloads: Payload[],
  param: string,
  doing: Doing,
): Promise<void> {
  const { signal } = doing;
  const asking = tab.page.waitForEvent("filechooser", { timeout: timeLeft(doing), signal });
  asking.catch(() => undefined); // not waited for where the click fails
  await element.click({ signal, timeout: timeLeft(doing), noWaitAfter: true });
  const chooser = await within(timeLeft(doing, asksMs), asking);
  if (!chooser) {
    signal.throwIfAborted();
    throw new GatewayError("invalid_request", "That is no file field, and a click on it asks for no file.", {
      param,
    });
  }
  tab.notes
    .take()
    ?.filter((note) => !note.startsWith("The page asks for a file"))
    .forEach(tab.notes.add);
  if (!chooser.isMultiple() && payloads.length > 1) throw onlyOne();
  await chooser.setFiles(payloads, { signal, timeout: timeLeft(doing) });
}

function onlyOne(): GatewayError {
  return new GatewayError("invalid_request", "That field takes one file only.", { param: "files" });
}
