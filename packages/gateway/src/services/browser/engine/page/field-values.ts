import type { Frame, Page } from "playwright-core";
import { mask } from "../base/redact.ts";
import { type FieldKind, inFrame } from "./in-page.ts";

/** More frames than this are not looked at; what their fields hold is masked. */
const framesAtMost = 60;
/** A frame that hangs is not waited for any longer, ms. */
const frameMs = 2_000;

export interface FieldValues {
  /** The value, or the mask if it is one of a password or a payment, or of a field that nobody could look at. */
  shown(value: string): string;
  /** The text, unless it is such a value as a whole. */
  text(text: string): string;
  /** Those that nobody may see and that are long enough to be looked for everywhere. */
  readonly hidden: ReadonlySet<string>;
}

const longEnough = 8;

/** Which values of a page's fields may be shown, of all its frames. One that nobody has seen here is not shown. */
export async function fieldValues(page: Page): Promise<FieldValues> {
  const frames = await Promise.all(page.frames().slice(0, framesAtMost).map(ofFrame));
  const open = new Set<string>();
  const closed = new Set<string>();
  for (const { value, kind } of frames.flat()) (kind ? closed : open).add(flat(value));
  const hidden = new Set([...closed].filter((it) => it.length >= longEnough));
  const text = (it: string): string => (closed.has(flat(it)) ? mask : it);
  return { hidden, text, shown: (value) => (open.has(flat(value)) ? text(value) : mask) };
}

async function ofFrame(frame: Frame): Promise<{ value: string; kind: FieldKind | undefined }[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<[]>((resolve) => {
    timer = setTimeout(() => resolve([]), frameMs);
  });
  try {
    // A frame that goes away meanwhile has no values any more.
    return await Promise.race([frame.evaluate(readValues, undefined).catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}

const readValues = inFrame((_arg: undefined, eyes) => {
  const fields: { value: string; kind: FieldKind | undefined }[] = eyes.fields().flatMap((field) => {
    const value = field instanceof HTMLSelectElement ? (field.selectedOptions[0]?.label ?? "") : field.value;
    return value ? [{ value: value.slice(0, 20_000), kind: eyes.kindOf(field) }] : [];
  });
  const others =
    "[contenteditable],[role=textbox],[role=searchbox],[role=combobox],[role=spinbutton],[role=slider]";
  for (const element of document.querySelectorAll(others)) {
    if ("value" in element) continue;
    fields.push({ value: (element.textContent ?? "").slice(0, 20_000), kind: undefined });
  }
  return fields;
});

/** As Playwright's tree writes values, so that they compare. */
function flat(value: string): string {
  return value
    .replace(/[\u200b\u00ad]/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 5_000);
}
