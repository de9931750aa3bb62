const longestLink = 1_500;
const longestCode = 2_000;
const deepest = 50;

/**
 * Where a text must not be cut if it can be helped: 1 at each place within a link, code in a line, or emphasis.
 * An estimate: it knows less than a parser of Markdown, and is much quicker. Places before a character, as in `slice`.
 */
export function spansOf(text: string): Uint8Array {
  const inside = new Uint8Array(text.length + 1);
  let open: { sign: string; at: number }[] = [];
  for (let at = 0; at < text.length; ) {
    const sign = text[at]!;
    const length = lengthOfSpan(text, at);
    if (length > 1) {
      inside.fill(1, at + 1, at + length);
      at += length;
    } else if (sign === "\n" && /^\n[ \t]*\n/.test(text.slice(at, at + 80))) {
      open = []; // no emphasis goes on in the next paragraph
      at += 1;
    } else if (sign === "*" || sign === "_" || sign === "~") {
      let end = at + 1;
      while (text[end] === sign && end - at < 3) end += 1;
      const run = text.slice(at, end);
      const before = text[at - 1] ?? " ";
      const after = text[end] ?? " ";
      const isInWord = sign === "_" && isLetter(before) && isLetter(after);
      const started = open.findLastIndex((it) => it.sign === run);
      if (!isInWord && started !== -1 && before.trim() !== "") {
        inside.fill(1, open[started]!.at + 1, end);
        open.length = started;
      } else if (!isInWord && after.trim() !== "" && open.length < deepest) open.push({ sign: run, at });
      at = end;
    } else at += 1;
  }
  return inside;
}

/** How long an escape, code in a line, a link or an address is that begins here; 1: none does. */
function lengthOfSpan(text: string, at: number): number {
  switch (text[at]) {
    case "\\":
      return 2;
    case "&":
      return /^&#?\w{1,31};/.exec(text.slice(at, at + 34))?.[0].length ?? 1;
    case "`":
      return lengthOfCode(text, at);
    case "<":
      return /^<[^\s<>]*>/.exec(text.slice(at, at + 500))?.[0].length ?? 1;
    case "!":
      return text[at + 1] === "[" ? Math.max(1, 1 + lengthOfLink(text, at + 1)) : 1;
    case "[":
      return Math.max(1, lengthOfLink(text, at));
    default:
      return 1;
  }
}

function lengthOfCode(text: string, at: number): number {
  const signs = /^`+/.exec(text.slice(at, at + longestCode))![0];
  const rest = text.slice(at + signs.length, at + longestCode);
  for (let end = rest.indexOf(signs); end !== -1; ) {
    let stop = end + signs.length;
    while (rest[stop] === "`") stop += 1;
    if (stop === end + signs.length) return signs.length + stop;
    end = rest.indexOf(signs, stop);
  }
  return signs.length;
}

/** 0: it is no link. */
function lengthOfLink(text: string, at: number): number {
  const found =
    /^\[(?:[^\][\\]|\\.|\[[^\][]*\])*\](?:\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\)|\[[^\][]*\])/s;
  return found.exec(text.slice(at, at + longestLink))?.[0].length ?? 0;
}

function isLetter(sign: string): boolean {
  return /[\p{L}\p{N}_]/u.test(sign);
}
