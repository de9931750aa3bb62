import assert from "node:assert/strict";
import { test } from "node:test";
import { telegramHtml, visibleText } from "../../src/channels/telegram/format.ts";
import { channel } from "../../src/channels/telegram/index.ts";
import { setupOf } from "../support/adapter-rig.ts";

/** Markdown, Telegram's HTML (https://core.telegram.org/bots/api#html-style), what people see. */
const table: [string, string, string][] = [
  ["plain", "plain", "plain"],
  ["1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2", "1 < 2 & 3 > 2"],
  ["<b>no</b> &amp; &lt;", "&lt;b&gt;no&lt;/b&gt; &amp; &lt;", "<b>no</b> & <"],
  ["**a _b_** ~~c~~", "<b>a <i>b</i></b> <s>c</s>", "a b c"],
  ["`a<b>`", "<code>a&lt;b&gt;</code>", "a<b>"],
  ["```ts\na < b\n```", '<pre><code class="language-ts">a &lt; b</code></pre>', "a < b"],
  ["```\nx\n```", "<pre>x</pre>", "x"],
  ['```t"s>\nx\n```', '<pre><code class="language-ts">x</code></pre>', "x"],
  ["[a](https://example.org/?a=1&b=2)", '<a href="https://example.org/?a=1&amp;b=2">a</a>', "a"],
  ["https://example.org/?a=1&b=2", "https://example.org/?a=1&amp;b=2", "https://example.org/?a=1&b=2"],
  ["[a](javascript:x)", "a (javascript:x)", "a (javascript:x)"],
  ["[write](mailto:a@example.org)", "write (mailto:a@example.org)", "write (mailto:a@example.org)"],
  ["![cat](https://example.org/c.png)", '<a href="https://example.org/c.png">cat</a>', "cat"],
  ["# Title\n\ntext", "<b>Title</b>\n\ntext", "Title\n\ntext"],
  ["- a\n  - b\n- c", "• a\n   ◦ b\n• c", "• a\n   ◦ b\n• c"],
  ["3. a\n4. b", "3. a\n4. b", "3. a\n4. b"],
  ["- [x] a\n- [ ] b", "☑ a\n☐ b", "☑ a\n☐ b"],
  ["> a\n> > b", "<blockquote>a\n\n&gt; b</blockquote>", "a\n\n> b"],
  ["a\n\n---\n\nb", "a\n\n———\n\nb", "a\n\n———\n\nb"],
  ["@everyone 👋🏽", "@everyone 👋🏽", "@everyone 👋🏽"],
  ["**open", "**open", "**open"],
  ["", "", ""],
];

for (const [markdown, html, seen] of table) {
  test(`${JSON.stringify(markdown)} is written in Telegram's form, and counted as it is seen`, () => {
    assert.equal(telegramHtml(markdown), html);
    assert.equal(visibleText(html), seen);
    const { traits } = channel.create(setupOf("telegram", channel.settings.parse({ token: "1:abc" })));
    assert.equal(traits.textLength?.(markdown), seen.length);
  });
}

test("a table is set in fixed width, with nothing of it lost", () => {
  const html = telegramHtml("| a | b<c |\n|---|---|\n| **1** | `2` |");
  assert.match(html, /^<pre>[^<>]*<\/pre>$/);
  for (const cell of ["a", "b&lt;c", "1", "2"]) assert.ok(html.includes(cell), cell);
});

test("whatever is written, tags are closed in the order in which they were opened", () => {
  const pieces = [
    "**",
    "_",
    "~~",
    "`",
    "> ",
    "- ",
    "# ",
    "[a](https://x.org)",
    "<b>",
    "</i>",
    "&",
    "\n",
    "\n\n",
    "x ",
  ];
  let state = 7;
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  for (let round = 0; round < 2_000; round++) {
    const markdown = Array.from({ length: 3 + next(15) }, () => pieces[next(pieces.length)]).join("");
    const open: string[] = [];
    const html = telegramHtml(markdown);
    for (const [, end, name] of html.matchAll(/<(\/?)([a-z]+)[^<>]*>/g)) {
      if (end === "") open.push(name ?? "");
      else assert.equal(open.pop(), name, `${JSON.stringify(markdown)} became ${JSON.stringify(html)}`);
    }
    assert.deepEqual(open, [], JSON.stringify(markdown));
  }
});
