import assert from "node:assert/strict";
import { test } from "node:test";
import { toDiscord } from "../../src/channels/discord/format.ts";
import { channel } from "../../src/channels/discord/index.ts";
import { setupOf } from "../support/adapter-rig.ts";

const cases: [what: string, markdown: string, expected: string][] = [
  ["formatting that Discord has stays", "**b** *i* ~~s~~ `c`", "**b** *i* ~~s~~ `c`"],
  ["names with underscores and sums are left alone", "snake_case and 2 * 3", "snake_case and 2 * 3"],
  ["what was escaped stays text", "\\*no\\* \\# no", "\\*no\\* # no"],
  ["a line that only looks like a heading stays text", "\\# no", "\\# no"],
  ["no text becomes a spoiler", "||hidden||", "\\|\\|hidden\\|\\|"],
  ["three levels of headings, bold below", "# a\n\n### b\n\n#### c", "# a\n\n### b\n\n**c**"],
  ["addresses are not previewed", "https://a.example/x_y", "<https://a.example/x_y>"],
  ["links have their label", "[a **b**](https://a.example)", "[a **b**](<https://a.example>)"],
  [
    "a label that looks like another address hides nothing",
    "[https://bank.example](https://evil.example)",
    "https://bank.example (<https://evil.example>)",
  ],
  ["images are links", "![a cat](https://a.example/c.png)", "[a cat](<https://a.example/c.png>)"],
  ["code keeps its language", "```ts\nlet a = `b`;\n```", "```ts\nlet a = `b`;\n```"],
  [
    "code inside of code does not end it",
    "````\n```\nx\n```\n````",
    "```\n`\u200b`\u200b`\nx\n`\u200b`\u200b`\n```",
  ],
  [
    "tables are columns of code",
    "| name | n |\n|---|---|\n| a | *2* |",
    "```\nname | n\n-----|----\na    | 2\n```",
  ],
  ["lists are nested by two spaces", "- a\n  - b\n    - c\n1. d", "- a\n  - b\n    - c\n\n1. d"],
  ["quotes are one level deep", "> a\n>\n> b", "> a\n> \n> b"],
];

for (const [what, markdown, expected] of cases) {
  test(what, () => {
    assert.equal(toDiscord(markdown), expected);
  });
}

test("a text counts as long as it is when it is sent", () => {
  const settings = channel.settings.parse({ botToken: "t" });
  const { traits } = channel.create(setupOf("discord", settings));
  assert.equal(traits.textLength?.("https://a.example"), "<https://a.example>".length);
});
