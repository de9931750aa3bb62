import { setImmediate as breathe } from "node:timers/promises";

export interface Edit {
  readonly old: string;
  readonly new: string;
  /** Every match; else there must be one only. */
  readonly all?: boolean | undefined;
}

const mostMatches = 10_000;
/** Most characters that edits may make of a text. */
const longest = 2 * 1024 * 1024;

/**
 * Replaces text, one edit after the other. Where the file ends its lines with CR LF, edits written with LF alone are
 * taken to mean that. Throws, telling which edit found what, where one does not match as it should.
 */
export async function editText(
  text: string,
  edits: readonly Edit[],
  { signal }: { signal: AbortSignal },
): Promise<{ text: string; replacements: number }> {
  const isCrlf = text.includes("\r\n");
  const adapt = (it: string) => (isCrlf && !it.includes("\r") ? it.replaceAll("\n", "\r\n") : it);
  let replacements = 0;
  let edited = text;
  for (const [index, edit] of edits.entries()) {
    await breathe(); // others' turn: each edit may go through megabytes
    signal.throwIfAborted();
    const which = edits.length > 1 ? `Edit ${index + 1}: ` : "";
    const old = adapt(edit.old);
    const places = matchesOf(edited, old);
    if (places.length === 0)
      throw new Error(`${which}The old text is not in the file. ${nearest(edited, edit.old)}`);
    if (places.length > mostMatches)
      throw new Error(`${which}More than ${mostMatches} matches; write the file anew.`);
    if (places.length > 1 && !edit.all) {
      throw new Error(
        `${which}The old text is there ${places.length} times, at lines ${linesOf(edited, places)}; give more of the text around it, or set all.`,
      );
    }
    const fresh = adapt(edit.new);
    if (edited.length + places.length * (fresh.length - old.length) > longest) {
      throw new Error(`${which}The file would become too large.`);
    }
    edited = replaceAt(edited, places, old.length, fresh);
    replacements += places.length;
  }
  return { text: edited, replacements };
}

function matchesOf(text: string, old: string): number[] {
  const places: number[] = [];
  for (
    let at = text.indexOf(old);
    at >= 0 && places.length <= mostMatches;
    at = text.indexOf(old, at + old.length)
  ) {
    places.push(at);
  }
  return places;
}

function replaceAt(text: string, places: readonly number[], length: number, fresh: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (const at of places) {
    pieces.push(text.slice(from, at), fresh);
    from = at + length;
  }
  pieces.push(text.slice(from));
  return pieces.join("");
}

/** The first few lines at which something starts. */
function linesOf(text: string, places: readonly number[]): string {
  const few = places.slice(0, 5).map((at) => lineAt(text, at));
  return few.join(", ") + (places.length > few.length ? ", …" : "");
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next >= 0 && next < at; next = text.indexOf("\n", next + 1)) line += 1;
  return line;
}

/** Where the old text may be meant: its first telling line, whatever stands before and after that. */
function nearest(text: string, old: string): string {
  const telling = old.split("\n", 50).map((it) => it.trim());
  for (const line of telling.filter((it) => it.length > 3)) {
    const at = text.indexOf(line);
    if (at < 0) continue;
    return `Line ${lineAt(text, at)} has ${JSON.stringify(line.slice(0, 120))}; compare what is around it, blanks too.`;
  }
  return "None of its lines are there; read the file again.";
}
