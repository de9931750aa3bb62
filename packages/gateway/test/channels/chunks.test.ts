import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderMarkdown } from "../../src/channels/markdown.ts";
import { chunkMarkdown } from "../../src/services/channels/chunks.ts";
import { htmlStyle, visibleStyle } from "../support/markdown-styles.ts";

const plain = (text: string) => text.length;
const html = (text: string) => renderMarkdown(text, htmlStyle).length;
const chunks = (text: string, limit: number) => chunkMarkdown(text, limit, plain);

test("no text makes no pieces, and a text that fits is one piece", () => {
  assert.deepEqual(chunks("", 10), []);
  assert.deepEqual(chunks(" \n\n\t", 10), []);
  assert.deepEqual(chunks("Hello\n", 10), ["Hello"]);
  assert.deepEqual(chunks("exactly 10", 10), ["exactly 10"]);
});

test("pieces end between blocks, else between lines, sentences, words, characters", () => {
  assert.deepEqual(chunks("First block of it.\n\nSecond block of it.", 30), [
    "First block of it.",
    "Second block of it.",
  ]);
  assert.deepEqual(chunks("line number one\nline number two\nline number three", 33), [
    "line number one\nline number two",
    "line number three",
  ]);
  assert.deepEqual(chunks("One sentence is here. And another one is there.", 30), [
    "One sentence is here.",
    "And another one is there.",
  ]);
  assert.deepEqual(chunks("many words without any end of them", 20), [
    "many words without",
    "any end of them",
  ]);
  assert.deepEqual(chunks("x".repeat(25), 10), ["x".repeat(10), "x".repeat(10), "x".repeat(5)]);
  assert.deepEqual(chunks("これは文です。これも文です。", 10), ["これは文です。", "これも文です。"]);
});

test("a heading stays with what it is about", () => {
  const text = `${"Before it. ".repeat(5).trim()}\n\n# Heading\n\n${"After it. ".repeat(4).trim()}`;
  assert.deepEqual(chunks(text, 72), [
    "Before it. ".repeat(5).trim(),
    `# Heading\n\n${"After it. ".repeat(4).trim()}`,
  ]);
});

test("characters that belong together stay together", () => {
  for (const sign of ["😀", "👩‍👩‍👧‍👦", "é", "🇩🇪"]) {
    for (const piece of chunks(sign.repeat(30), 25)) {
      assert.equal(piece.length % sign.length, 0, `${sign} was cut`);
    }
  }
  for (const piece of chunks(`a${"&amp;".repeat(20)}`, 12)) assert.match(piece, /^a?(?:&amp;)+$/);
  for (const piece of chunks("\\*".repeat(20), 9)) assert.match(piece, /^(?:\\\*)+$/);
});

test("a block of code that has to be cut is ended and begun again with its language", () => {
  const code = Array.from({ length: 12 }, (_, at) => `const x${at} = ${at};`);
  const pieces = chunks(`Look:\n\n\`\`\`ts\n${code.join("\n")}\n\`\`\`\n\nDone.`, 80);
  assert.ok(pieces.length > 2);
  for (const piece of pieces) {
    assert.ok(piece.length <= 80);
    assert.equal(piece.match(/^```/gm)!.length, 2, piece);
  }
  for (const piece of pieces.slice(1)) assert.ok(piece.startsWith("```ts\nconst x"), piece);
  assert.ok(pieces.at(-1)!.endsWith("```\n\nDone."));
  const lines = pieces.join("\n").split("\n");
  assert.deepEqual(
    lines.filter((it) => it.startsWith("const")),
    code,
  );
});

test("code keeps its indentation and empty lines, and a block without an end gets one", () => {
  const code = "if (a) {\n    b();\n\n    c();\n}";
  const pieces = chunks(`\`\`\`\`\n${code}\n\n${code}`, 40);
  for (const piece of pieces) assert.match(piece, /^````\n.*\n````$/s);
  const body = pieces.map((it) => it.replace(/^````\n/, "").replace(/\n````$/, "")).join("\n");
  assert.equal(body.replace(/\n+/g, "\n"), `${code}\n${code}`.replace(/\n+/g, "\n"));
  assert.ok(body.includes("\n    b();"));
});

test("code in an item of a list and in a quote is begun again as it stood there", () => {
  const inList = `- item\n\n    \`\`\`js\n${"    call();\n".repeat(10)}    \`\`\`\n- next`;
  const fromList = chunks(inList, 60);
  assert.ok(fromList.length > 1);
  for (const piece of fromList.slice(1, -1)) assert.match(piece, /^```js\n(?:call\(\);\n)+```$/);
  const inQuote = `> said\n> \`\`\`js\n${"> call();\n".repeat(10)}> \`\`\``;
  const fromQuote = chunks(inQuote, 60);
  assert.ok(fromQuote.length > 1);
  for (const piece of fromQuote.slice(1)) assert.match(piece, /^> ```js\n(?:> call\(\);\n)+> ```$/);
});

test("a table begins again with its head", () => {
  const rows = Array.from({ length: 20 }, (_, at) => `| row ${at} | ${at * at} |`);
  const head = "| name | square |\n|------|-------:|";
  const pieces = chunks(`${head}\n${rows.join("\n")}`, 110);
  assert.ok(pieces.length > 2);
  for (const piece of pieces) assert.ok(piece.startsWith(`${head}\n| row`) && piece.length <= 110, piece);
  assert.deepEqual(
    pieces.flatMap((it) => it.split("\n").filter((line) => line.startsWith("| row"))),
    rows,
  );
});

test("a list is cut between its items, and inner items do not become code", () => {
  const list = Array.from(
    { length: 6 },
    (_, at) => `${at + 1}. item ${at}\n    - inner of it\n    - other of it`,
  );
  const pieces = chunks(list.join("\n"), 60);
  assert.ok(pieces.length > 2);
  for (const piece of pieces) {
    assert.match(piece, /^(?:\d+\. |- )/);
    assert.doesNotMatch(renderMarkdown(piece, htmlStyle), /<pre>/);
  }
});

test("a quote that is cut within a line stays a quote", () => {
  const pieces = chunks(`> ${"words of the quote and ".repeat(6).trim()}`, 50);
  assert.ok(pieces.length > 2);
  for (const piece of pieces) assert.match(piece, /^> \S/);
});

test("links, code in a line and emphasis are not cut while there is another place", () => {
  const text = "Some words stand here, then [a link that has many words](https://example.org/page) and more";
  assert.deepEqual(chunks(text, 66), [
    "Some words stand here, then",
    "[a link that has many words](https://example.org/page) and more",
  ]);
  const bold = "Some words that stand here, then **a few bold words in a row** and more";
  assert.deepEqual(chunks(bold, 50), [
    "Some words that stand here, then",
    "**a few bold words in a row** and more",
  ]);
});

test("emphasis that goes over several lines is not cut at their ends", () => {
  const text = "These are words of a line, and\n**bold ones begin here\nand end here** and more words";
  assert.deepEqual(chunks(text, 58), [
    "These are words of a line, and",
    "**bold ones begin here\nand end here** and more words",
  ]);
});

test("a word that would be a sign of Markdown at the beginning of a line does not begin a piece", () => {
  const pieces = chunks("The sum of it all is 5 - 3 and # 7 of them > 2 of it", 24);
  for (const piece of pieces) assert.doesNotMatch(piece, /^(?:[-#>]|\d+\.)/);
});

test("pieces fit as the platform counts them, though formatting makes them longer or shorter", () => {
  const long = "a & b < c > **d** ".repeat(200);
  for (const piece of chunkMarkdown(long, 200, html)) assert.ok(html(piece) <= 200);
  const links = `[word](https://example.org/${"path/".repeat(20)}) `.repeat(40);
  const seen = (text: string) => renderMarkdown(text, visibleStyle).length;
  const pieces = chunkMarkdown(links, 100, seen);
  assert.ok(pieces.length <= 4, `${pieces.length} pieces`);
  for (const piece of pieces) assert.ok(seen(piece) <= 100);
});

const word = fc.stringMatching(/^[a-zäß😀.,&]{1,12}$/u);
const words = fc.array(word, { minLength: 1, maxLength: 30 }).map((it) => it.join(" "));
const block = fc.oneof(
  words,
  words.map((it) => `## ${it}`),
  words.map((it) => `> ${it}`),
  words.map((it) => `**${it}** and \`${it}\``),
  fc.array(words, { minLength: 1, maxLength: 5 }).map((it) => it.map((line) => `- ${line}`).join("\n")),
  fc.array(words, { minLength: 1, maxLength: 5 }).map((it) => `\`\`\`js\n${it.join("\n")}\n\`\`\``),
);
const document = fc.array(block, { maxLength: 12 }).map((it) => it.join("\n\n"));

/** What of a source is text: without white space, fences and signs of quotes, which are repeated. */
const essence = (text: string) => text.replace(/^\s*(?:> ?)*(?:```|~~~).*$/gm, "").replace(/[\s>]/g, "");
const fences = (text: string) => (text.match(/^```/gm) ?? []).length;

test("whatever the text and the limit, pieces fit, nothing is lost, and every fence has its other", () => {
  fc.assert(
    fc.property(
      document,
      fc.integer({ min: 30, max: 400 }),
      fc.constantFrom(plain, html),
      (text, limit, lengthOf) => {
        const pieces = chunkMarkdown(text, limit, lengthOf);
        for (const piece of pieces) {
          if (lengthOf === plain) assert.ok(lengthOf(piece) <= limit, piece);
          assert.equal(fences(piece) % 2, 0, piece);
          assert.ok(piece.isWellFormed() && piece.trim() !== "");
        }
        assert.equal(essence(pieces.join("\n")), essence(text));
      },
    ),
    { numRuns: 300 },
  );
});

test("any text at all is cut into pieces that fit, without losing a character", () => {
  const any = fc.string({
    unit: fc.constantFrom(..."ab \n`~>*_#|-[](){}\\&;.1é😀", "\n\n", "```", "| ", "- "),
    maxLength: 400,
  });
  fc.assert(
    fc.property(any, fc.integer({ min: 20, max: 100 }), (text, limit) => {
      const pieces = chunks(text, limit);
      for (const piece of pieces) assert.ok(piece.length <= limit, JSON.stringify(piece));
      const signs = (it: string) => it.replace(/[^ab#.1é😀&;(){}]/gu, "").length;
      assert.ok(signs(pieces.join("")) >= signs(text.replace(/^[\s>]*(?:```|~~~).*$/gm, "")));
    }),
    { numRuns: 500 },
  );
});

test("a megabyte takes few calls of the length and little time", () => {
  const paragraph = "This is **a paragraph** with `code` and [a link](https://example.org). ".repeat(8);
  const code = `\`\`\`ts\n${"const value = compute(1, 2, 3);\n".repeat(40)}\`\`\``;
  const text = `${paragraph}\n\n- one\n- two\n\n${code}\n\n`.repeat(500);
  let calls = 0;
  const before = process.cpuUsage();
  const pieces = chunkMarkdown(text, 4_000, (it) => {
    calls += 1;
    return it.length;
  });
  assert.ok(text.length > 900_000);
  assert.ok(calls < pieces.length * 4, `${calls} calls for ${pieces.length} pieces`);
  for (const hostile of [
    "x",
    "`",
    "[",
    "*a ",
    "> ",
    "- ",
    "|",
    "<",
    "\\",
    "&",
    "a\n",
    "```\n",
    "字",
    "_a_",
  ]) {
    for (const piece of chunks(hostile.repeat(100_000 / hostile.length), 2_000))
      assert.ok(piece.length <= 2_000);
  }
  assert.ok(process.cpuUsage(before).user < 30_000_000);
});
