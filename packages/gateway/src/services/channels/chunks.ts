import { bestBorder } from "./chunk-borders.ts";
import { type Fence, type Line, lineAt, readLines } from "./chunk-lines.ts";

/** A piece may be so full, then nothing more is tried. */
const fullEnough = 0.75;
const attemptsAtMost = 12;

/**
 * Markdown as pieces whose `lengthOf` is at most `limit`, cut between blocks, else lines, sentences, words or
 * characters. A block of code that has to be cut is ended in one piece and begun again in the next, a table begins
 * again with its head, and a quote stays one. Apart from that the pieces are the text, without the white space at
 * the cuts. Links that are defined at the end of the text lose their definition. No text, no pieces.
 */
export function chunkMarkdown(
  markdown: string,
  limit: number,
  lengthOf: (markdown: string) => number,
): string[] {
  const text = markdown.replace(/\r\n?/g, "\n").trimEnd();
  const lines = readLines(text);
  const pieces: string[] = [];
  let perUnit = 1; // characters of the source for one of `lengthOf`, as in the last piece
  for (let at = nextStart(text, lines, 0); at < text.length; ) {
    const piece = fittingPiece(text, lines, at, { limit, lengthOf, perUnit });
    if (piece.text.trim() !== "") pieces.push(piece.text);
    if (piece.length > 0) perUnit = Math.min(16, Math.max(0.05, (piece.end - at) / piece.length));
    at = nextStart(text, lines, piece.end);
  }
  return pieces;
}

interface Piece {
  text: string;
  end: number;
  length: number;
}

interface Bounds {
  limit: number;
  lengthOf: (markdown: string) => number;
  perUnit: number;
}

/** The piece that begins at a place. It is looked for from a guess, so that `lengthOf` is called a few times only. */
function fittingPiece(text: string, lines: readonly Line[], at: number, bounds: Bounds): Piece {
  const { limit, lengthOf } = bounds;
  const lead = leadAt(text, lines, at, limit);
  const most = lead.mostEnd - at;
  const guess = Math.max(1, Math.floor(limit * bounds.perUnit) - lead.length);
  let size = most <= guess * 1.5 ? most : guess;
  let best: Piece | undefined;
  let tooMuch = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < attemptsAtMost || !best; attempt += 1) {
    const end = at + size >= lead.mostEnd ? lead.mostEnd : bestBorder(text, lines, at, at + size);
    if (end === best?.end) break;
    const piece = pieceOf(text, lines, at, end, lead);
    const length = lengthOf(piece);
    if (length <= limit || size === 1) {
      best = { text: piece, end, length };
      if (end >= lead.mostEnd || length >= limit * fullEnough || length > limit) break;
      size = Math.min(most, tooMuch - 1, Math.ceil(size * Math.min(4, (limit / Math.max(1, length)) * 0.97)));
      if (size <= end - at) break;
    } else {
      tooMuch = Math.min(tooMuch, size);
      const share = Math.max(0.1, Math.min(0.9, (limit / length) * 0.95));
      const smaller = size > guess && !best ? guess : Math.floor(Math.min(size, end - at) * share);
      size = Math.max(1, smaller, best ? Math.ceil((best.end - at + tooMuch) / 2) : 0);
      if (best && size >= tooMuch) break;
    }
  }
  return best!; // the loop goes on until there is one: at size 1 anything is taken
}

/** What a piece begins with that does not stand at its place in the text, and how far it may go. */
interface Lead {
  text: string;
  /** The block of code that goes on. */
  fence: Fence | undefined;
  /** White space at the beginning of the lines of a list, without which the piece would be code. */
  indent: number;
  mostEnd: number;
  /** Of what is added at both ends. */
  length: number;
}

function leadAt(text: string, lines: readonly Line[], at: number, limit: number): Lead {
  const index = lineAt(lines, at);
  const line = lines[index]!;
  const isMidLine = at > line.start;
  const none = { fence: undefined, indent: 0, mostEnd: text.length, length: 0 };
  const quote = isMidLine && line.quote !== "" ? line.quote : "";
  if (isInside(line.fence, at)) {
    const { fence } = line;
    const open = [fence.open, fence.bare].find((it) => it.length + fence.close.length + 2 <= limit / 2);
    if (open === undefined) return { ...none, text: quote };
    const indent = line.isInList && fence.open.startsWith(" ") ? fence.open.search(/\S/) : 0;
    return {
      ...none,
      text: `${open}\n${quote}`,
      fence,
      indent,
      length: open.length + fence.close.length + 2,
    };
  }
  if (line.table && at >= line.table.bodyStart) {
    // What is left of a row that had to be cut stands alone: it is no row any more.
    if (isMidLine) return { ...none, text: "", mostEnd: line.end };
    const { head } = line.table;
    if (head.length <= limit / 2) return { ...none, text: `${head}\n`, length: head.length + 1 };
  }
  const before = lines[index - 1];
  const isCode = !line.isInList && (before === undefined || before.isBlank || before.indent >= 4);
  return { ...none, text: quote, indent: isMidLine || isCode || quote !== "" ? 0 : line.indent };
}

function pieceOf(text: string, lines: readonly Line[], at: number, end: number, lead: Lead): string {
  const { fence } = lines[lineAt(lines, end)]!;
  const isOpen =
    isInside(fence, end) &&
    (fence !== lines[lineAt(lines, at)]!.fence || lead.fence !== undefined || at < fence.bodyStart);
  const body = text.slice(at, end);
  const whole = lead.text + (isOpen ? `${body.replace(/\n$/, "")}\n${fence.close}` : body.trimEnd());
  return lead.indent > 0 ? dedented(whole, lead.indent) : whole;
}

/** Whether a place is in the body of a block of code, or at the end of one that has no last line. */
function isInside(fence: Fence | undefined, place: number): fence is Fence {
  if (!fence) return false;
  return (
    (place >= fence.bodyStart && place < fence.bodyEnd) || (place === fence.bodyEnd && place === fence.after)
  );
}

/** Where the next piece begins. White space between is left out, apart from that of code. */
function nextStart(text: string, lines: readonly Line[], end: number): number {
  const { fence } = lines[lineAt(lines, end)]!;
  let at = end;
  if (isInside(fence, end)) {
    if (text[at] === "\n") at += 1;
    if (at < fence.bodyEnd) return at;
    at = fence.after;
  }
  for (let line = lines[lineAt(lines, at)]!; at < text.length; line = lines[lineAt(lines, at)]!) {
    if (at > line.start) {
      const rest = text.slice(at, line.end);
      if (rest.trim() !== "") return at + rest.search(/\S/);
    } else if (!line.isBlank || (line.quote !== "" && line.fence)) {
      const { fence: next } = line;
      return next && at < next.bodyStart && next.bodyStart < next.bodyEnd ? next.bodyStart : at;
    }
    at = Math.min(text.length, line.end + 1);
  }
  return at;
}

/** Takes so much white space from the beginning of the lines, up to the first that has less. */
function dedented(text: string, indent: number): string {
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const own = line.search(/\S/);
    if (own !== -1 && own < indent) break;
    lines[index] = line.slice(own === -1 ? Math.min(line.length, indent) : indent);
  }
  return lines.join("\n");
}
