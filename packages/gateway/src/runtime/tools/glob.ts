const mostAlternatives = 64;

/**
 * Tells whether a path (relative, with /) matches a glob: `*` and `?` within a name, `**` for any folders, `{a,b}` for
 * either. Without a / in it the name alone is matched. Everything else is literal. Takes time in proportion to glob ×
 * path, whatever is written. Throws where there are too many alternatives.
 */
export function globMatcher(glob: string): (path: string) => boolean {
  const patterns = expand(glob).map((it) => it.replace(/^\.\//, "").split("/"));
  return (path) => {
    const names = path.split("/");
    return patterns.some((pattern) =>
      pattern.length === 1 ? nameMatches(pattern[0]!, names.at(-1)!) : pathMatches(pattern, names),
    );
  };
}

/** `a{b,c}d` → `abd`, `acd`; inner braces first. */
function expand(glob: string): string[] {
  let globs = [glob];
  for (;;) {
    const found = globs.map((it) => /\{([^{}]*)\}/.exec(it));
    if (found.every((it) => it === null)) return globs;
    globs = globs.flatMap((it, index) => {
      const braces = found[index];
      if (!braces) return [it];
      const after = it.slice(braces.index + braces[0].length);
      return braces[1]!.split(",").map((part) => it.slice(0, braces.index) + part + after);
    });
    if (globs.length > mostAlternatives)
      throw new Error(`The glob has more than ${mostAlternatives} alternatives.`);
  }
}

const pathMatches = (pattern: readonly string[], names: readonly string[]) =>
  matches(pattern, names, (it) => it === "**", nameMatches);

const nameMatches = (pattern: string, name: string) =>
  matches(
    [...pattern],
    [...name],
    (it) => it === "*",
    (it, letter) => it === "?" || it === letter,
  );

/** Matches with wildcards for any run: a mismatch goes back to the last wildcard only, which is enough. */
function matches(
  pattern: readonly string[],
  items: readonly string[],
  isAny: (part: string) => boolean,
  isOne: (part: string, item: string) => boolean,
): boolean {
  let at = 0;
  let lastAny = -1;
  let retryFrom = 0;
  for (let item = 0; item < items.length; ) {
    const part = pattern[at];
    if (part !== undefined && isAny(part)) {
      lastAny = at++;
      retryFrom = item;
    } else if (part !== undefined && isOne(part, items[item]!)) {
      at += 1;
      item += 1;
    } else if (lastAny >= 0) {
      at = lastAny + 1;
      item = ++retryFrom;
    } else return false;
  }
  while (at < pattern.length && isAny(pattern[at]!)) at += 1;
  return at === pattern.length;
}
