/** What a patch wants done with one file. */
export type PatchStep =
  | { readonly kind: "add"; readonly path: string; readonly content: string }
  | {
      readonly kind: "update";
      readonly path: string;
      readonly moveTo: string | undefined;
      readonly hunks: readonly Hunk[];
    }
  | { readonly kind: "delete"; readonly path: string };

/** A change within a file: lines that are there, that go and that come. */
export interface Hunk {
  /** Lines that stand before it, each after the one before. */
  readonly anchors: readonly string[];
  /** The line, from 1, at which a unified diff says that it starts. */
  readonly atLine: number | undefined;
  readonly lines: readonly { readonly mark: " " | "-" | "+"; readonly text: string }[];
  /** It ends where the file ends. */
  readonly atEnd: boolean;
  /** The file's last line is to end without a newline. */
  readonly noNewline: boolean;
}

/** Most files of one patch. */
const mostSteps = 100;

/**
 * Reads a patch: the `*** Begin Patch` envelope that many models know, or a unified diff (as of `diff -u` and git).
 * Throws, telling the line, where it is neither.
 */
export function parsePatch(patch: string): PatchStep[] {
  const lines = patch.split(/\r?\n/).map((it) => (it.startsWith("*** ") ? it.trimEnd() : it));
  while (lines.at(-1) === "") lines.pop();
  const first = lines.findIndex((it) => it !== "");
  const reader = newReader(first > 0 ? lines.slice(first) : lines);
  const steps = reader.peek() === "*** Begin Patch" ? envelope(reader) : unified(reader);
  if (steps.length === 0) throw new Error("The patch changes no file.");
  if (steps.length > mostSteps)
    throw new Error(`The patch names ${steps.length} files; ${mostSteps} is the most.`);
  return steps;
}

interface Reader {
  peek(ahead?: number): string | undefined;
  next(): string;
  fail(what: string): Error;
}

function newReader(lines: readonly string[]): Reader {
  let at = 0;
  return {
    peek: (ahead = 0) => lines[at + ahead],
    next: () => lines[at++] ?? "",
    fail: (what) =>
      new Error(`Line ${at + 1} of the patch, ${JSON.stringify((lines[at] ?? "").slice(0, 100))}: ${what}`),
  };
}

function envelope(reader: Reader): PatchStep[] {
  const steps: PatchStep[] = [];
  reader.next();
  for (;;) {
    const line = reader.peek();
    if (line === undefined) throw reader.fail("*** End Patch is missing.");
    if (line.trim() === "") {
      reader.next();
      continue;
    }
    if (line === "*** End Patch") break;
    const [, kind, path] = /^\*\*\* (Add|Update|Delete) File: (.+)$/.exec(line) ?? [];
    if (path === undefined) throw reader.fail("expected *** Add File:, *** Update File: or *** Delete File:");
    reader.next();
    if (kind === "Add") steps.push({ kind: "add", path: path.trim(), content: addedLines(reader) });
    else if (kind === "Delete") steps.push({ kind: "delete", path: path.trim() });
    else steps.push(update(reader, path.trim()));
  }
  reader.next();
  if (reader.peek() !== undefined) throw reader.fail("there is more after *** End Patch.");
  return steps;
}

function addedLines(reader: Reader): string {
  const lines: string[] = [];
  for (let line = reader.peek(); line !== undefined && !line.startsWith("*** "); line = reader.peek()) {
    if (!line.startsWith("+") && line.trim() !== "") throw reader.fail("lines of a new file start with +.");
    if (line.startsWith("+")) lines.push(`${line.slice(1)}\n`);
    reader.next();
  }
  return lines.join("");
}

function update(reader: Reader, path: string): PatchStep {
  const moved = /^\*\*\* Move to: (.+)$/.exec(reader.peek() ?? "");
  if (moved) reader.next();
  const isEnd = (line: string) => line.startsWith("*** ") && line !== "*** End of File";
  const hunks: Hunk[] = [];
  for (let line = reader.peek(); line !== undefined && !isEnd(line); line = reader.peek()) {
    if (line.trim() === "") reader.next();
    else hunks.push(hunk(reader, isEnd));
  }
  if (hunks.length === 0 && !moved) throw reader.fail(`the update of ${path} changes nothing.`);
  return { kind: "update", path, moveTo: moved?.[1]?.trim(), hunks };
}

function unified(reader: Reader): PatchStep[] {
  const steps: PatchStep[] = [];
  const isFile = (line: string | undefined, next: string | undefined) =>
    line?.startsWith("--- ") === true && next?.startsWith("+++ ") === true;
  while (reader.peek() !== undefined) {
    if (!isFile(reader.peek(), reader.peek(1))) {
      const line = reader.next();
      if (line !== "" && !isPreamble(line)) {
        throw reader.fail("expected *** Begin Patch before this, or --- and +++ of a unified diff.");
      }
      if (
        line.startsWith("diff ") &&
        ![0, 1, 2, 3, 4, 5].some((it) => isFile(reader.peek(it), reader.peek(it + 1)))
      ) {
        throw reader.fail("expected --- and +++ after diff; renames and modes alone cannot be applied.");
      }
      continue;
    }
    const names = [reader.next(), reader.next()].map((it) => it.slice(4).replace(/\t.*$/, "").trim());
    const isEnd = (line: string, next: string | undefined) => isFile(line, next) || isPreamble(line);
    const hunks: Hunk[] = [];
    for (let line = reader.peek(); line !== undefined && !isEnd(line, reader.peek(1)); line = reader.peek()) {
      if (!line.startsWith("@@")) throw reader.fail("expected @@ -line,count +line,count @@.");
      hunks.push(hunk(reader, isEnd));
    }
    steps.push(stepOf(names[0]!, names[1]!, hunks)); // both were just made
  }
  return steps;
}

/** Lines of git that stand before the names and say nothing that these and the hunks don't. */
function isPreamble(line: string): boolean {
  return /^(diff |index |new file mode |deleted file mode |similarity index |rename (from|to) |Index: |=====)/.test(
    line,
  );
}

function stepOf(from: string, to: string, hunks: readonly Hunk[]): PatchStep {
  const isGit = [from, to].every((it) => it === "/dev/null" || /^[ab]\//.test(it));
  const bare = (it: string) => (isGit ? it.slice(2) : it);
  if (to === "/dev/null") return { kind: "delete", path: bare(from) };
  if (hunks.length === 0) throw new Error(`The patch of ${JSON.stringify(bare(to))} has no hunks.`);
  if (from === "/dev/null") {
    const lines = hunks.flatMap((it) => it.lines.map(({ text }) => `${text}\n`)).join("");
    const content = hunks.some((it) => it.noNewline) ? lines.replace(/\n$/, "") : lines;
    return { kind: "add", path: bare(to), content };
  }
  return { kind: "update", path: bare(from), moveTo: from === to ? undefined : bare(to), hunks };
}

function lineOf(header: string): number | undefined {
  const [, line] = /^@@ -(\d{1,9})/.exec(header) ?? [];
  return line === undefined ? undefined : Number(line);
}

/** Reads one hunk: its `@@` lines, then what is marked. An empty line stands for an empty line that is there. */
function hunk(reader: Reader, isEnd: (line: string, next: string | undefined) => boolean): Hunk {
  const anchors: string[] = [];
  let atLine: number | undefined;
  while (reader.peek()?.startsWith("@@")) {
    const header = reader.next();
    atLine = lineOf(header);
    const anchor = header.slice(2).trim();
    if (atLine === undefined && anchor !== "") anchors.push(anchor);
  }
  const lines: Hunk["lines"][number][] = [];
  let bare = 0;
  let atEnd = false;
  let noNewline = false;
  for (let line = reader.peek(); line !== undefined; line = reader.peek()) {
    if (line.startsWith("@@") || isEnd(line, reader.peek(1))) break;
    if (line === "*** End of File") atEnd = true;
    else if (line.startsWith("\\")) noNewline = lines.at(-1)?.mark !== "-";
    else {
      const mark = line === "" ? " " : line[0];
      if (mark !== " " && mark !== "-" && mark !== "+") {
        throw reader.fail("lines of a hunk start with a blank, - or +.");
      }
      lines.push({ mark, text: line.slice(1) });
      bare = line === "" ? bare + 1 : 0;
    }
    reader.next();
    if (atEnd) break;
  }
  // Empty lines at its end part it from what follows rather than belong to it.
  if (bare > 0) lines.splice(-bare);
  if (lines.length === 0) throw reader.fail("the hunk before this is empty.");
  return { anchors, atLine, lines, atEnd, noNewline };
}
