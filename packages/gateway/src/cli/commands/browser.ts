import type { Methods } from "openclaw-client";
import type { GoalOptions, PlaceOptions } from "../browser-options.ts";
import { oneOf } from "../choices.ts";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { positive } from "../numbers.ts";
import { plain } from "../plain.ts";
import { bytes, facts } from "../table.ts";
import { waiting } from "../waiting.ts";
import { tabRows } from "./browser-tabs.ts";

type Navigated = Methods["browser.act"]["result"];
type Goal = Pick<Methods["browser.navigate"]["params"], "waitUntil" | "viewport">;

const goals = ["load", "domcontentloaded", "networkidle", "commit"] as const;
/** Longest that an action may be given, s: the API's bound. */
const longestSeconds = 300;
/** How long an answer is waited for if no time is told: a browser may have to start first, ms. */
const patienceMs = 120_000;
/** How much longer than the action itself, ms. */
const marginMs = 15_000;

/** Whether there is a browser, and what it shows. */
export async function status(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.status", {}, waiting(context));
  const about = facts({
    Browser: data.enabled ? (data.running ? "running" : "not running; it starts by itself") : "switched off",
    Chromium: data.version === null ? undefined : plain(data.version),
    "Comes from": data.executable === null ? undefined : plain(data.executable),
    Profiles: data.profiles.map(plain).join(", ") || undefined,
    "Used last": data.profile === null ? undefined : plain(data.profile),
    Waiting: data.waiting > 0 ? `${data.waiting} for a browser to come free` : undefined,
    ...Object.fromEntries(
      data.processes.map((it) => [
        plain(it.profile),
        `since ${plain(it.startedAt)}${it.memoryBytes === null ? "" : `, ${bytes(it.memoryBytes)}`}`,
      ]),
    ),
  });
  return { data, text: data.tabs.length === 0 ? about : `${about}\n\n${tabRows(data.tabs)}` };
}

/** Starts the browser of a profile. */
export async function start(context: Context, { profile }: PlaceOptions): Promise<Output> {
  const { client } = await connect(context);
  const params = profile === undefined ? {} : { profile };
  const data = await client.call("browser.start", params, patience(context, undefined));
  const version = data.version === null ? "" : `: ${plain(data.version)}`;
  return { data, text: `The browser of ${plain(data.profile)} is running${version}.` };
}

/** Stops the browser of a profile, or all. */
export async function stop(context: Context, { profile }: PlaceOptions): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.stop", profile === undefined ? {} : { profile }, waiting(context));
  const text = data.stopped === 0 ? "No browser was running." : `Stopped ${data.stopped}.`;
  return { data, text };
}

/** Opens a page in the tab that is meant. */
export async function navigate(context: Context, url: string, options: GoalOptions): Promise<Output> {
  const { client } = await connect(context);
  const params = { url, ...placeOf(options), ...goalOf(options) };
  const data = await client.call("browser.navigate", params, patience(context, params.timeoutMs));
  return { data, text: told(data) };
}

/** Opens a page, or an empty one, in a tab of its own. */
export async function open(context: Context, url: string | undefined, options: GoalOptions): Promise<Output> {
  const { client } = await connect(context);
  const { tabId: _, ...place } = placeOf(options);
  const { waitUntil } = goalOf(options);
  const params = { ...(url !== undefined && { url }), ...place, ...(waitUntil && { waitUntil }) };
  const data = await client.call("browser.open", params, patience(context, params.timeoutMs));
  return { data, text: told(data) };
}

/** Goes through a tab's history, or loads its page again. */
export async function go(
  context: Context,
  way: "back" | "forward" | "reload",
  options: GoalOptions,
): Promise<Output> {
  const { client } = await connect(context);
  const { waitUntil } = goalOf(options);
  const params = { ...placeOf(options), ...(waitUntil && { waitUntil }) };
  const data = await client.call(`browser.${way}`, params, patience(context, params.timeoutMs));
  return { data, text: told(data) };
}

/** Which tab is meant, and the most time. */
export function placeOf({ profile, tab, timeout }: PlaceOptions): {
  profile?: string;
  tabId?: string;
  timeoutMs?: number;
} {
  const seconds = positive("--timeout", timeout);
  if (seconds !== undefined && seconds > longestSeconds) {
    throw new UsageError(`--timeout must be at most ${longestSeconds} seconds.`);
  }
  return {
    ...(profile !== undefined && { profile }),
    ...(tab !== undefined && { tabId: tab }),
    ...(seconds !== undefined && { timeoutMs: Math.max(1, Math.round(seconds * 1000)) }),
  };
}

/** How far a page has to be loaded, and its size. */
export function goalOf({ waitUntil: goal, width, height }: GoalOptions): Goal {
  const waitUntil = oneOf(goals, "--wait-until", goal);
  if ((width === undefined) !== (height === undefined)) {
    throw new UsageError("--width and --height go together: give both.");
  }
  const [wide, high] = [positive("--width", width), positive("--height", height)];
  return {
    ...(waitUntil && { waitUntil }),
    ...(wide !== undefined && high !== undefined && { viewport: { width: wide, height: high } }),
  };
}

/** How an action on a page is called: Ctrl+C ends it, and it is waited for a little longer than it may take. */
export function patience(
  { signal }: Context,
  timeoutMs: number | undefined,
): { signal: AbortSignal; timeoutMs: number } {
  return { signal, timeoutMs: timeoutMs === undefined ? patienceMs : timeoutMs + marginMs };
}

/** What an action has led to. */
export function told(it: Navigated): string {
  const about = facts({
    Done: it.detail === undefined ? undefined : plain(it.detail),
    Page: plain(it.title) || undefined,
    Address: plain(it.url),
    Status: it.status === null ? undefined : String(it.status),
    Tab: plain(it.tabId),
  });
  return [about, ...notesOf(it)].join("\n");
}

/** What else has happened, a line each. */
export function notesOf({ notes = [] }: { notes?: string[] | undefined }): string[] {
  return notes.map((note) => `Note: ${plain(note)}`);
}
