import { type Line, lineAt } from "./chunk-lines.ts";
import { spansOf } from "./chunk-spans.ts";

/** Borders from best to worst, each with how full a piece has to be at least to end there. */
const least = { block: 0.4, part: 0.5, line: 0.5, sentence: 0.5, word: 0.25 };
/** How far behind the end the end of a link or of emphasis is looked for. */
const ahead = 2_000;

/** What would be a heading, a quote, an item … if a line began with it. */
const blockSign = /^(?:#{1,6}(?:\s|$)|>|[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)|`{3}|~{3}|[-=_*]{2,}\s*$|\||\s)/m;

/** The best place to end a piece that begins at `from` and must end by `end`. Always beyond `from`. */
export function bestBorder(text: string, lines: readonly Line[], from: number, end: number): number {
  if (end >= text.length) return text.length;
  const inside = spansOf(text.slice(from, Math.min(text.length, end + ahead)));
  const isFree = (place: number) => inside[place - from] === 0;
  const isFull = (place: number, share: number) => place - from >= (end - from) * share;
  const last: { block?: number; part?: number; line?: number; torn?: number } = {};
  for (let index = lineAt(lines, end + 1); index > 0 && lines[index]!.start - 1 > from; index -= 1) {
    const line = lines[index]!;
    const place = line.start - 1;
    if (place > end) continue;
    const kind = kindOfBorder(lines, index);
    if (!kind) continue;
    const name = line.fence || isFree(place) ? kind : "torn";
    last[name] ??= place;
    if (name === "block" || !isFull(place, least.block)) break;
  }
  for (const kind of ["block", "part", "line"] as const) {
    if (last[kind] !== undefined && isFull(last[kind], least[kind])) return last[kind];
  }
  const words = wordBorders(text, lines, from, end, isFree);
  if (words.sentence !== undefined && isFull(words.sentence, least.sentence)) return words.sentence;
  if (words.word !== undefined && isFull(words.word, least.word)) return words.word;
  const any = last.block ?? last.part ?? last.line ?? words.sentence ?? words.word ?? last.torn ?? words.torn;
  return any ?? graphemeBorder(text, from, lastInFence(lines, from, end));
}

/** What lies before a line; undefined: it must stay with the line before. */
function kindOfBorder(lines: readonly Line[], index: number): "block" | "part" | "line" | undefined {
  const after = lines[index]!;
  const before = lines[index - 1]!;
  if (after.fence && before.fence === after.fence) {
    if (after.start <= after.fence.bodyStart || after.start === after.fence.bodyEnd) return undefined;
    return after.isBlank || before.isBlank ? "part" : "line";
  }
  if (after.table && before.table === after.table) {
    return after.start <= after.table.bodyStart ? undefined : "part";
  }
  if (before.isHeading || (before.isBlank && lines[index - 2]?.isHeading)) return "line";
  if (after.isBlank || before.isBlank || after.fence || before.fence || after.isHeading) {
    return after.isInList && after.indent > 0 ? "part" : "block";
  }
  if (after.isItem) return "part";
  return after.isUnderline ? undefined : "line";
}

interface WordBorders {
  sentence?: number;
  word?: number;
  /** The last one, though within a link or emphasis. */
  torn?: number;
}

/** The last of each kind. */
function wordBorders(
  text: string,
  lines: readonly Line[],
  from: number,
  end: number,
  isFree: (place: number) => boolean,
): WordBorders {
  const found: WordBorders = {};
  for (let place = end; place > from; place -= 1) {
    const isAfterStop = /[。！？]/.test(text[place - 1]!);
    if (!isAfterStop && (!/[ \t]/.test(text[place]!) || /\s/.test(text[place - 1]!))) continue;
    const line = lines[lineAt(lines, place)]!;
    if (text[place] === "\n" || place <= line.start + line.quote.length + line.indent) continue;
    if (!line.fence && blockSign.test(text.slice(place, place + 20).trimStart())) continue;
    if (line.fence && (place < line.fence.bodyStart || place >= line.fence.bodyEnd)) continue;
    if (!line.fence && !isFree(place)) {
      found.torn ??= place;
      continue;
    }
    found.word ??= place;
    const isSentence =
      isAfterStop || /[.!?…:;][)"'”’»*_~]*$/.test(text.slice(Math.max(from, place - 6), place));
    if (isSentence) {
      found.sentence = place;
      break;
    }
    if (place - from < (end - from) * least.word) break;
  }
  return found;
}

/** The line that ends a block of code is not cut itself. */
function lastInFence(lines: readonly Line[], from: number, end: number): number {
  const { fence } = lines[lineAt(lines, from)]!;
  return fence && from < fence.bodyEnd ? Math.max(from + 1, Math.min(end, fence.bodyEnd - 1)) : end;
}

/** A place between two characters as people see them, or at least between two code points. */
function graphemeBorder(text: string, from: number, end: number): number {
  const start = Math.max(from, end - 100);
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(
    text.slice(start, end + 100),
  );
  let place = start + (segments.containing(end - start)?.index ?? 0);
  if (place <= from) place = end;
  const entity = /&#?\w{0,31}$/.exec(text.slice(Math.max(from + 1, place - 33), place));
  if (entity && /^#?\w{0,31};/.test(text.slice(place, place + 33))) place -= entity[0].length;
  else if (text[place - 1] === "\\" && place - 1 > from) place -= 1;
  const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;
  if (place > from + 1 && isLow(text.charCodeAt(place))) place -= 1;
  else if (place === from + 1 && isLow(text.charCodeAt(place))) place += 1;
  return place;
}
