import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { BrowserAction } from "openclaw-client";
import type { ActionOptions, PlaceOptions } from "../browser-options.ts";
import { oneOf } from "../choices.ts";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { positive } from "../numbers.ts";
import { plain } from "../plain.ts";
import { facts } from "../table.ts";
import { notesOf, patience, placeOf, told } from "./browser.ts";

const buttons = ["left", "middle", "right"] as const;
const directions = ["up", "down", "left", "right", "top", "bottom"] as const;

/** The page as a tree of what can be read and used. */
export async function snapshot(
  context: Context,
  options: PlaceOptions & { page?: string; selector?: string },
): Promise<Output> {
  const page = positive("--page", options.page);
  const { selector } = options;
  const params = {
    ...placeOf(options),
    ...(selector !== undefined && { selector }),
    ...(page !== undefined && { page }),
  };
  const { client } = await connect(context);
  const data = await client.call("browser.snapshot", params, patience(context, params.timeoutMs));
  const more =
    data.page < data.pages ? `Part ${data.page} of ${data.pages}: --page ${data.page + 1} goes on.` : "";
  const head = facts({
    Page: plain(data.title) || undefined,
    Address: plain(data.url),
    Tab: plain(data.tabId),
  });
  return {
    data,
    text: [head, ...notesOf(data), "", lines(data.snapshot), ...(more ? ["", more] : [])].join("\n"),
  };
}

/** Does something on the page. */
export async function act(context: Context, action: BrowserAction, options: PlaceOptions): Promise<Output> {
  const params = { ...placeOf(options), action };
  const { client } = await connect(context);
  const data = await client.call("browser.act", params, patience(context, params.timeoutMs));
  return { data, text: told(data) };
}

export function clickOf(target: string, options: ActionOptions): BrowserAction {
  const button = oneOf(buttons, "--button", options.button);
  return {
    kind: "click",
    ...pointed(target),
    ...(button && { button }),
    ...(options.double && { double: true }),
  };
}

export function hoverOf(target: string): BrowserAction {
  return { kind: "hover", ...pointed(target) };
}

/** `words`: the text, which may be empty; none: there is a secret instead. */
export function typeOf(target: string, words: readonly string[], options: ActionOptions): BrowserAction {
  const { secret } = options;
  if ((secret === undefined) === (words.length === 0)) {
    throw new UsageError("Give either a text or --secret with the name of one in browser.secrets.");
  }
  return {
    kind: "type",
    ...pointed(target),
    ...(secret === undefined ? { text: words.join(" ") } : { secret }),
    ...(options.submit && { submit: true }),
    ...(options.append && { append: true }),
  };
}

export function selectOf(target: string, values: readonly string[]): BrowserAction {
  return { kind: "select", ...pointed(target), values: [...values] };
}

export function pressOf(key: string, { at }: ActionOptions): BrowserAction {
  return { kind: "press", ...(at !== undefined && pointed(at)), key };
}

export function scrollOf(way: string | undefined, options: ActionOptions): BrowserAction {
  const direction = oneOf(directions, "The direction", way);
  const pixels = positive("--pixels", options.pixels);
  return {
    kind: "scroll",
    ...(options.at !== undefined && pointed(options.at)),
    ...(direction && { direction }),
    ...(pixels !== undefined && { pixels: Math.round(pixels) }),
  };
}

export function waitOf({ text, gone, selector, address, seconds }: ActionOptions): BrowserAction {
  const given = positive("--seconds", seconds);
  const action: BrowserAction = {
    kind: "wait",
    ...(text !== undefined && { text }),
    ...(gone !== undefined && { gone }),
    ...(selector !== undefined && { selector }),
    ...(address !== undefined && { url: address }),
    ...(given !== undefined && { ms: Math.round(given * 1000) }),
  };
  if (Object.keys(action).length > 1) return action;
  throw new UsageError("What for? Give --text, --gone, --selector, --address or --seconds.");
}

/** Runs JavaScript on the page and prints its value. */
export async function evaluate(context: Context, expression: string, options: PlaceOptions): Promise<Output> {
  const params = { ...placeOf(options), expression };
  const { client } = await connect(context);
  const data = await client.call("browser.evaluate", params, patience(context, params.timeoutMs));
  return { data, text: lines(JSON.stringify(data.value, null, 2) ?? "undefined") };
}

/** Puts files of this machine into a file field of the page. */
export async function upload(
  context: Context,
  target: string,
  paths: readonly string[],
  options: PlaceOptions,
): Promise<Output> {
  const files = await Promise.all(paths.map(fileOf));
  const params = { ...placeOf(options), ...pointed(target), files };
  const { client } = await connect(context);
  const data = await client.call("browser.upload", params, patience(context, params.timeoutMs));
  return { data, text: told(data) };
}

async function fileOf(path: string): Promise<{ name: string; data: string }> {
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read (${error.code}). Check the path.`);
  });
  return { name: basename(path), data: content.toString("base64") };
}

/** `e12` and `f1e2` are refs of a snapshot; all else is CSS. */
function pointed(target: string): { ref: string } | { selector: string } {
  return /^(?:f\d+)?e\d+$/.test(target) ? { ref: target } : { selector: target };
}

/** Several lines of a page's own. */
function lines(text: string): string {
  return text.split("\n").map(plain).join("\n");
}
