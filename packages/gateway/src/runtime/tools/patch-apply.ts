import { setImmediate as breathe } from "node:timers/promises";
import type { Hunk } from "./patch-format.ts";

/** Most comparisons of lines for one hunk and for all: others get their turn between two hunks. */
const mostEffort = { hunk: 1_000_000, all: 20_000_000 } as const;
const mostLines = 100_000;

/**
 * The text that hunks make of another. What a hunk expects must be there, blanks at the ends of lines aside, and in
 * one place only, unless an anchor or a line number tells which. The lines that stay are the file's own, line ends and
 * all. Throws, telling which hunk does not fit.
 */
export async function applyHunks(
  text: string,
  hunks: readonly Hunk[],
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const eol = text.includes("\r\n") ? "\r" : "";
  const lines = text.split("\n", mostLines + 1);
  if (lines.length > mostLines) throw new Error(`It has more than ${mostLines} lines; use edit instead.`);
  let newline = lines.at(-1) === "";
  if (newline) lines.pop();
  const trimmed = lines.map((it) => it.trimEnd());
  const effort: Effort = { hunk: 0, all: 0 };
  const made: string[] = [];
  let at = 0;
  for (const [index, hunk] of hunks.entries()) {
    await breathe();
    signal.throwIfAborted();
    effort.hunk = 0;
    const start = placeOf(hunk, trimmed, at, effort, `Hunk ${index + 1}`);
    for (; at < start; at++) made.push(lines[at]!);
    for (const { mark, text: own } of hunk.lines) {
      if (mark === "+") made.push(own + eol);
      else if (mark === " ") made.push(lines[at++]!);
      else at += 1;
    }
    if (hunk.noNewline) newline = false;
    else if (at === lines.length && hunk.lines.at(-1)?.mark === "+") newline = true;
  }
  for (; at < lines.length; at++) made.push(lines[at]!);
  return made.length === 0 ? "" : made.join("\n") + (newline ? "\n" : "");
}

interface Effort {
  hunk: number;
  all: number;
}

/** The line, from 0, at which a hunk starts. The lines are without the blanks at their ends. */
function placeOf(hunk: Hunk, lines: readonly string[], from: number, effort: Effort, which: string): number {
  let start = from;
  let afterAnchor = from;
  for (const anchor of hunk.anchors) {
    const found = lines.findIndex(
      (line, index) => spend(effort) && index >= afterAnchor && line.trim() === anchor,
    );
    if (found < 0)
      throw new Error(`${which}: no line ${JSON.stringify(anchor.slice(0, 120))} from line ${from + 1} on.`);
    start = found; // some repeat the anchor as the first line that they expect
    afterAnchor = found + 1;
  }
  const expected = hunk.lines.filter((it) => it.mark !== "+").map((it) => it.text.trimEnd());
  if (expected.length === 0) {
    if (hunk.anchors.length > 0) return afterAnchor;
    return Math.max(from, Math.min(hunk.atLine ?? lines.length, lines.length));
  }
  const places = hunk.atEnd
    ? placesOf(expected, lines, Math.max(start, lines.length - expected.length), effort)
    : placesOf(expected, lines, start, effort);
  if (places.length === 0) throw new Error(`${which}: ${mismatch(expected, lines, start)}`);
  const { atLine } = hunk;
  if (atLine !== undefined) {
    return places.reduce((best, it) => (Math.abs(it + 1 - atLine) < Math.abs(best + 1 - atLine) ? it : best));
  }
  if (places.length > 1 && hunk.anchors.length === 0) {
    const few = places.slice(0, 5).map((it) => it + 1);
    throw new Error(
      `${which} fits at lines ${few.join(", ")}${places.length > 5 ? ", …" : ""}; give more lines around it, or an @@ line.`,
    );
  }
  return places[0]!; // there is one
}

function placesOf(
  expected: readonly string[],
  lines: readonly string[],
  from: number,
  effort: Effort,
): number[] {
  const places: number[] = [];
  for (let at = from; at + expected.length <= lines.length; at++) {
    if (expected.every((text, index) => spend(effort) && lines[at + index] === text)) places.push(at);
  }
  return places;
}

function spend(effort: Effort): true {
  if (++effort.hunk > mostEffort.hunk || ++effort.all > mostEffort.all)
    throw new Error("Too much of the file looks alike; write it anew instead.");
  return true;
}

function mismatch(expected: readonly string[], lines: readonly string[], start: number): string {
  const telling = expected.find((it) => it.trim().length > 3)?.trim();
  const found = telling === undefined ? -1 : lines.findIndex((it) => it.includes(telling));
  const what = `what it expects is not there from line ${start + 1} on.`;
  return found < 0
    ? `${what} Read the file again.`
    : `${what} Line ${found + 1} has ${JSON.stringify(telling?.slice(0, 120))}; compare what is around it.`;
}
