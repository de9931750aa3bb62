/** What a shell would do something with, where it is not quoted. */
const meta = new Set("|&;<>()$`*?[]{}~\n\r!");

/**
 * Splits a command line into words as a shell would, and does nothing else that a shell does: whatever would need one
 * is refused, so that nobody takes for a word what was meant to be more. Quotes and backslashes work as in POSIX
 * (Shell Command Language, 2.2 Quoting).
 */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  /** Undefined: between words. */
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let i = 0; i < command.length; i++) {
    const char = command[i]!; // within its length
    if (quote === "'") {
      if (char === "'") quote = undefined;
      else word += char;
    } else if (char === "\\") {
      const next = command[++i];
      if (next === undefined || next === "\n") throw needsShell("\\");
      // Between double quotes a backslash is one, but for these.
      word = (word ?? "") + (quote && !'"\\$`'.includes(next) ? char + next : next);
    } else if (quote === '"') {
      if (char === '"') quote = undefined;
      else if (char === "$" || char === "`") throw needsShell(char);
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (char === " " || char === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (meta.has(char) || (char === "#" && word === undefined)) {
      throw needsShell(char);
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote) throw new Error(`command has an open ${quote}. Close it, or give argv: one string per word.`);
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw new Error("command is empty.");
  if (/^[A-Za-z_]\w*=/.test(words[0]!))
    throw new Error("command starts with a variable. Give variables as env.");
  return words;
}

function needsShell(char: string): Error {
  return new Error(
    `command is run without a shell, and ${JSON.stringify(char)} needs one. Quote it if it is meant literally; else give argv, e.g. ["sh","-c","…"].`,
  );
}
