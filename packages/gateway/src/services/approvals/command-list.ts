import { basename, dirname, isAbsolute } from "node:path";
import type { ToolsConfig } from "openclaw-protocol";
import { isManyInOne, isSystemFolder, runsOthers } from "./programs.ts";

/** The commands that the config lets run. */
export interface CommandList {
  /** `words`: a command's, the first one the absolute path of its program; `real`: the file that this leads to. */
  matches(words: readonly string[], real: string): boolean;
  /** Sentences for the owner about entries that never match. */
  readonly warnings: readonly string[];
}

interface Entry {
  program: string;
  rest: readonly string[];
  /** Whether any more words may follow. */
  isOpen: boolean;
}

/**
 * Reads `tools.allowlist`. An entry matches word by word, never by patterns within a word; its program is an absolute
 * path, or a bare name, which stands for that program in a folder of the system. A last `*` allows any more words,
 * but not of programs that run others.
 */
export function createCommandList(entries: ToolsConfig["allowlist"]): CommandList {
  const read: Entry[] = [];
  const warnings: string[] = [];
  for (const entry of entries) {
    const words = typeof entry === "string" ? entry.split(/\s+/).filter((it) => it !== "") : entry;
    const isOpen = words.at(-1) === "*";
    const [program = "", ...rest] = isOpen ? words.slice(0, -1) : words;
    const fault = faultOf(program, isOpen);
    if (fault === undefined) read.push({ program, rest, isOpen });
    else warnings.push(`tools.allowlist: "${words.join(" ")}" never matches: ${fault}`);
  }
  return { matches: (words, real) => read.some((entry) => matches(entry, words, real)), warnings };
}

function faultOf(program: string, isOpen: boolean): string | undefined {
  if (program === "" || program === "*") return "it names no program.";
  if (program.includes("/") && !isAbsolute(program))
    return "a program is an absolute path or a bare name, never a path from some folder.";
  if (isOpen && runsOthers(program))
    return `${basename(program)} can run other programs, so list its commands in full, without a last *.`;
  return undefined;
}

function matches(
  { program, rest, isOpen }: Entry,
  [path = "", ...words]: readonly string[],
  real: string,
): boolean {
  const isProgram = isAbsolute(program)
    ? path === program
    : basename(path) === program && isSystemFolder(dirname(path));
  if (!isProgram || (isOpen && leadsToRunner(real))) return false;
  if (isOpen ? words.length < rest.length : words.length !== rest.length) return false;
  return rest.every((word, place) => words[place] === word);
}

/** A harmless name may be a link to a program that is not; what is many programs goes by the name it is called. */
function leadsToRunner(real: string): boolean {
  return runsOthers(real) && !isManyInOne(real);
}
