/** Elements without content, which have no end. Source: the HTML standard, "void elements". */
export const voidElements: ReadonlySet<string> = new Set(
  "area base br col embed hr img input link meta param source track wbr".split(" "),
);

/** Elements whose content is no text for a reader. */
export const neverShown: ReadonlySet<string> = new Set(
  (
    "script style noscript template svg math iframe object canvas audio video map select datalist button textarea " +
    "dialog noembed noframes progress meter"
  ).split(" "),
);

/** What stands around the content of a page, as elements and as roles. */
export const aroundContent: ReadonlySet<string> = new Set("nav aside footer header".split(" "));
export const aroundRoles: ReadonlySet<string> = new Set(
  "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar".split(" "),
);

/** Elements that begin a line of their own; those of the second set have an empty line around them. */
export const blocks: ReadonlySet<string> = new Set(
  (
    "address article aside body caption center dd details div dl dt fieldset figcaption figure footer form header " +
    "hgroup html legend li main nav option section summary tbody tfoot thead tr"
  ).split(" "),
);
export const paragraphs: ReadonlySet<string> = new Set(
  "p h1 h2 h3 h4 h5 h6 ul ol dl table pre blockquote".split(" "),
);

/** Elements that an opening tag ends, as their own end tags may be left out. */
const endedBy: ReadonlyMap<string, readonly string[]> = new Map([
  ["li", ["li"]],
  ["dt", ["dt", "dd"]],
  ["dd", ["dt", "dd"]],
  ["tr", ["tr", "td", "th"]],
  ["td", ["td", "th"]],
  ["th", ["td", "th"]],
  ["a", ["a"]],
  ["body", ["head"]],
]);

/** Elements beyond which no tag is ended from within. */
const borders: ReadonlySet<string> = new Set("ul ol dl table body html main article section div".split(" "));

/**
 * Where in the stack of open elements an opening tag ends some, if it does: they are cut off there.
 * A short look, not the standard's tree building: it is for telling where hidden parts and list items end.
 */
export function impliedEnd(open: readonly { name: string }[], name: string): number | undefined {
  const ended = endedBy.get(name) ?? (blocks.has(name) || paragraphs.has(name) ? ["p"] : undefined);
  if (!ended) return undefined;
  let cut: number | undefined;
  for (let i = open.length - 1; i >= 0 && i >= open.length - 16; i--) {
    const it = open[i]!.name;
    if (ended.includes(it)) cut = i;
    else if (borders.has(it)) break;
  }
  return cut;
}
