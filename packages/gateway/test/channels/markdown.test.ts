import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type MarkdownStyle, plainTable, renderMarkdown } from "../../src/channels/markdown.ts";
import { htmlStyle, visibleStyle } from "../support/markdown-styles.ts";

const html = (markdown: string) => renderMarkdown(markdown, htmlStyle);
const visible = (markdown: string) => renderMarkdown(markdown, visibleStyle);

const cases: [what: string, markdown: string, html: string][] = [
  ["emphasis", "**a** *b* ***c*** _d_ ~~e~~", "<b>a</b> <i>b</i> <i><b>c</b></i> <i>d</i> <s>e</s>"],
  ["signs that are no emphasis", "snake_case_name 2 * 3 * 4 \\*x\\*", "snake_case_name 2 * 3 * 4 *x*"],
  ["no bold in bold", "**a **b** c**", "<b>a b c</b>"],
  ["headings", "# A **b**\n\nC *d*\n===", "<h1>A b</h1>\n\n<h1>C <i>d</i></h1>"],
  [
    "code in a line",
    "`a < b` ``c ` d`` `&amp;`",
    "<code>a &lt; b</code> <code>c ` d</code> <code>&amp;amp;</code>",
  ],
  ["blocks of code", "```ts x\na < b\n\nc\n```", "<pre ts>a &lt; b\n\nc</pre>"],
  ["indented code", "    a\n    b", "<pre>a\nb</pre>"],
  ["a block of code without an end", "~~~\na", "<pre>a</pre>"],
  ["line breaks", "a  \nb\\\nc\nd", "a\nb\nc\nd"],
  ["paragraphs", "a\n\n\n\nb", "a\n\nb"],
  ["lists", "- a\n- b\n\n3. c\n4. d", "<li0 ->a</li0>\n<li0 ->b</li0>\n\n<li0 3.>c</li0>\n<li0 4.>d</li0>"],
  ["lists in lists", "- a\n  1. b\n     - c", "<li0 ->a\n<li1 1.>b\n<li2 ->c</li2></li1></li0>"],
  [
    "tasks",
    "- [x] a\n- [ ] **b**\n1. [x] c",
    "<li0 [x]>a</li0>\n<li0 [ ]><b>b</b></li0>\n\n<li0 1. [x]>c</li0>",
  ],
  ["items of several blocks", "- a\n\n  b\n\n      c\n", "<li0 ->a\nb\n<pre>c</pre></li0>"],
  ["quotes", "> a\n> > b\n>\n> c", "<q0>a\n\n<q1>b</q1>\n\nc</q0>"],
  ["rules", "a\n\n***\n\nb", "a\n\n<hr>\n\nb"],
  ["links", '[*a* b](https://x.org/?a=1&amp;b=2 "t")', "<a https://x.org/?a=1&amp;b=2><i>a</i> b</a>"],
  ["links by reference", "[a][r] [r]\n\n[r]: https://x.org", "<a https://x.org>a</a> <a https://x.org>r</a>"],
  ["definitions that nothing uses", "a\n\n[r]: https://x.org", "a\n\n[r]: https://x.org"],
  [
    "a second definition of a name",
    "[r]\n\n[r]: https://x.org\n[r]: https://y.org",
    "<a https://x.org>r</a>\n\n<a https://x.org>r</a>: <a https://y.org>https://y.org</a>",
  ],
  [
    "bare addresses",
    "see https://x.org/a_b_c(d), www.y.org.",
    "see <a https://x.org/a_b_c(d)>https://x.org/a_b_c(d)</a>, <a http://www.y.org>www.y.org</a>.",
  ],
  [
    "addresses in brackets of a sentence",
    "(https://x.org/a?b=c)",
    "(<a https://x.org/a?b=c>https://x.org/a?b=c</a>)",
  ],
  [
    "addresses in angle brackets",
    "<https://x.org> <a@b.org>",
    "<a https://x.org>https://x.org</a> <a mailto:a@b.org>a@b.org</a>",
  ],
  [
    "entities of an address stay",
    "https://x.org/?a&amp;b",
    "<a https://x.org/?a&amp;amp;b>https://x.org/?a&amp;amp;b</a>",
  ],
  [
    "links that must not be followed",
    "[a](javascript:alert(1)) [b](data:text/html,x) [c](file:///etc)",
    "a (javascript:alert(1)) b (data:text/html,x) c (file:///etc)",
  ],
  ["links within the document", "[a](b.md) [](#c)", "a (b.md) #c"],
  ["a link without a text", "[](https://x.org)", "<a https://x.org>https://x.org</a>"],
  ["an address with signs of HTML", '[a](<https://x.org/" b>)', "<a https://x.org/%22%20b>a</a>"],
  ["pictures", "![a *b*](https://x.org/i.png) ![c](d.png)", "<img https://x.org/i.png a b> c (d.png)"],
  ["a picture in a link", "[![a](https://x.org/i)](https://y.org)", "<a https://y.org>a</a>"],
  [
    "HTML",
    "<b>a</b> <!-- c -->\n\n<script>\nx\n</script>",
    "&lt;b&gt;a&lt;/b&gt; &lt;!-- c --&gt;\n\n&lt;script&gt;\nx\n&lt;/script&gt;",
  ],
  ["line breaks of HTML", "a<br>b<BR/>c", "a\nb\nc"],
  [
    "entities, once",
    "&lt;b&gt; &amp;lt; &#39; &#x26;amp; &nbsp;. &unknown; &#0; &#xd800;",
    "&lt;b&gt; &amp;lt; ' &amp;amp; \u00a0. &amp;unknown; &amp;#0; &amp;#xd800;",
  ],
  ["an escaped entity", "\\&amp;", "&amp;amp;"],
  ["marks of platforms", "<@U1> <!channel> \\@everyone", "&lt;@U1&gt; &lt;!channel&gt; @everyone"],
  [
    "tables",
    "| a | **b** |\n|---|:-:|\n| `x\\|y` | z<br>q |",
    "<table>\na   | b\n----|----\nx|y | z q</table>",
  ],
  ["tables with too many cells stay text", "| a |\n|---|\n| 1 | 2 |", "| a |\n|---|\n| 1 | 2 |"],
  ["nothing", " \n", ""],
];

for (const [what, markdown, expected] of cases) {
  test(`Markdown's ${what}`, () => assert.equal(html(markdown), expected));
}

test("neighbouring pieces of text are escaped as one, so that nothing hides between them", () => {
  const seen: string[] = [];
  renderMarkdown("a\\@every&#111;ne<!here>", { ...htmlStyle, text: (raw) => String(seen.push(raw)) });
  assert.deepEqual(seen, ["a@everyone<!here>"]);
});

test("cells of a table come escaped and plain, and the plain ones make columns", () => {
  const tables: string[][][] = [];
  renderMarkdown("| a | b |\n|-|-|\n| <x> | 漢字 |", {
    ...htmlStyle,
    table: (...both) => String(tables.push(...both)),
  });
  assert.deepEqual(tables, [
    [
      ["a", "b"],
      ["&lt;x&gt;", "漢字"],
    ],
    [
      ["a", "b"],
      ["<x>", "漢字"],
    ],
  ]);
  assert.equal(
    plainTable([
      ["name", "n"],
      ["漢字", "1"],
      ["é", "2"],
    ]),
    "name | n\n-----|----\n漢字 | 1\né    | 2",
  );
  assert.equal(plainTable([]), "");
});

test("a style may say how lists, paragraphs and lines are put together", () => {
  const style: MarkdownStyle = {
    ...htmlStyle,
    list: (items, isOrdered) => `<${isOrdered ? "ol" : "ul"}>${items.join("")}</>`,
    paragraph: (inner) => `<p>${inner}</p>`,
    lineBreak: () => "<br>",
  };
  assert.equal(renderMarkdown("a\nb\n\n1. c", style), "<p>a<br>b</p>\n\n<ol><li0 1.>c</li0></>");
});

const word = fc.stringMatching(/^[a-z0-9äß😀]{1,10}$/u);
const inline = fc.oneof(
  word,
  word.map((it) => `**${it}**`),
  word.map((it) => `~~${it}~~`),
  word.map((it) => `\`${it}\``),
  word.map((it) => `[${it}](https://example.org)`),
);
const line = fc.array(inline, { minLength: 1, maxLength: 8 }).map((it) => it.join(" "));
const block = fc.oneof(
  line,
  line.map((it) => `## ${it}`),
  line.map((it) => `> ${it}\n> - ${it}`),
  line.map((it) => `- ${it}\n   - [ ] ${it}`),
  word.map((it) => `\`\`\`${it}\n${it}\n\`\`\``),
  fc.tuple(word, word).map(([a, b]) => `| ${a} | ${b} |\n|---|---|\n| ${b} | ${a} |`),
);

test("no word of a document is lost, nor its place", () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
      const source = blocks
        .join("\n\n")
        .replace(/```\S*\n/g, "```\n")
        .replaceAll("(https://example.org)", "");
      const words = (text: string) => text.match(/[a-z0-9äß😀]+/gu) ?? [];
      assert.deepEqual(words(visible(blocks.join("\n\n"))), words(source));
    }),
    { numRuns: 300 },
  );
});

const signs = [
  ..."ab \n`~>*_#|-[](){}!\\&;<.:1\t\u0000é😀",
  "\n\n",
  "```",
  "| ",
  "- ",
  "> ",
  "1. ",
  "http://",
  "www.",
  "&lt;",
  "<b>",
  "[a]: ",
  "\ud800",
];

test("whatever the text, no HTML comes through and nothing is thrown", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...signs), { maxLength: 120 }), (parts) => {
      const escaped = renderMarkdown(parts.join(""), {
        ...visibleStyle,
        text: () => "",
        code: () => "",
        codeBlock: () => "",
        image: () => "",
      });
      assert.doesNotMatch(escaped, /[<>&]/);
    }),
    { numRuns: 500 },
  );
});

test("hostile text of 100 kB takes a bounded time", () => {
  const nested = (open: string, close: string, count: number) =>
    `${open.repeat(count)}a${close.repeat(count)}`;
  const hostile = [
    ..."[*>`_~<!&\\|#-=@.(".split("").map((it) => it.repeat(100_000)),
    ...[
      "> ",
      "- ",
      "1. ",
      "![",
      "[](",
      "[a](",
      "*a ",
      "**a_b ",
      "a**b",
      "~a",
      "_*",
      "<a ",
      "<!--",
      "www.",
      "http://a.",
      "a@",
      "|a",
      "a\n",
      "- a\n",
      "> a\n",
      "(*x*),",
      "&lt;",
      "\\[",
    ].map((it) => it.repeat(100_000 / it.length)),
    `${"a".repeat(100_000)}@`,
    `a${" ".repeat(100_000)}b`,
    `- a\n${"b\n".repeat(50_000)}`,
    `${"- ".repeat(20_000)}!${"<\n|".repeat(10_000)}`,
    `${"> ".repeat(20_000)}${'  \n"'.repeat(10_000)}`,
    `|a|b|\n|-|-|\n${"|x|y|\n".repeat(15_000)}`,
    `[a]: b\n${"[a]".repeat(30_000)}`,
    nested("*", "*", 50_000),
    nested("[", "]", 50_000),
    nested("![", "](b)", 15_000),
    nested("> - ", "", 20_000),
    Array.from({ length: 400 }, (_, at) => `${"  ".repeat(at % 200)}- a`).join("\n"),
  ];
  for (const text of hostile) {
    const before = process.cpuUsage();
    html(text);
    const took = process.cpuUsage(before).user / 1_000;
    assert.ok(took < 10_000, `${JSON.stringify(text.slice(0, 20))}… took ${took} ms`);
  }
});
