import type { PdfOptions, ScreenshotOptions } from "../browser-options.ts";
import { oneOf } from "../choices.ts";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { writeOutput } from "../file-output.ts";
import { goalOf, patience, placeOf } from "./browser.ts";

const pictures = ["png", "jpeg", "webp"] as const;
const papers = ["A4", "A3", "A5", "Letter", "Legal", "Tabloid"] as const;
const endings: Readonly<Record<string, string>> = { "image/jpeg": "jpg", "image/webp": "webp" };

/** Takes a picture and writes it into a file. */
export async function screenshot(context: Context, options: ScreenshotOptions): Promise<Output | undefined> {
  const { selector, fullPage, output } = options;
  const format = oneOf(pictures, "--format", options.format);
  const quality = qualityOf(options.quality);
  const { viewport } = goalOf(options);
  const params = {
    ...placeOf(options),
    ...(selector !== undefined && { selector }),
    ...(fullPage && { fullPage }),
    ...(format && { format }),
    ...(quality !== undefined && { quality }),
    ...(viewport && { viewport }),
  };
  const { client } = await connect(context);
  const { data, mimeType, width, height } = await client.call(
    "browser.screenshot",
    params,
    patience(context, params.timeoutMs),
  );
  const name = named("screenshot", endings[mimeType] ?? "png");
  const facts = { mimeType, width, height };
  return writeOutput(context, { output, name }, Buffer.from(data, "base64"), facts);
}

/** Prints the page into a file. */
export async function pdf(context: Context, options: PdfOptions): Promise<Output | undefined> {
  const format = oneOf(papers, "--format", options.format);
  const params = {
    ...placeOf(options),
    ...(format && { format }),
    ...(options.landscape && { landscape: true }),
    ...(options.background === false && { background: false }),
  };
  const { client } = await connect(context);
  const { data, mimeType } = await client.call("browser.pdf", params, patience(context, params.timeoutMs));
  const { output } = options;
  return writeOutput(context, { output, name: named("page", "pdf") }, Buffer.from(data, "base64"), {
    mimeType,
  });
}

function qualityOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= 0 && value <= 100) return value;
  throw new UsageError(`--quality must be a whole number from 0 to 100, not "${text}".`);
}

/** `screenshot-2026-01-31T12-30-00-123.png`: no colons, which not every file system takes. */
function named(what: string, ending: string): string {
  return `${what}-${new Date().toISOString().slice(0, -1).replace(/[:.]/g, "-")}.${ending}`;
}
