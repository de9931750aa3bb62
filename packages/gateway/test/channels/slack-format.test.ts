import assert from "node:assert/strict";
import { test } from "node:test";
import { mrkdwn } from "../../src/channels/slack/format.ts";

const cases: Record<string, string> = {
  "**bold** *italic* ~~gone~~ `code`": "*bold* _italic_ ~gone~ `code`",
  "# Title\n\ntext": "*Title*\n\ntext",
  "## A **b** c": "*A b c*",
  "- one\n- two\n  - inner": "• one\n• two\n    • inner",
  "1. one\n2. two": "1. one\n2. two",
  "- [ ] open\n- [x] done": "☐ open\n☑ done",
  "> said\n> twice": "> said\n> twice",
  "```ts\nconst a = 1 < 2;\n```": "```\nconst a = 1 &lt; 2;\n```",
  "[label](https://example.com/?a=1&b=2)": "<https://example.com/?a=1&amp;b=2|label>",
  "https://example.com": "<https://example.com>",
  "![a cat](https://example.com/cat.png)": "<https://example.com/cat.png|a cat>",
  "| one | two |\n|---|---|\n| 1 | <22 |": "```\none | two\n----|----\n1   | &lt;22\n```",
  "AT&T <3 5 > 4": "AT&amp;T &lt;3 5 &gt; 4",
  "---": "──────────",
};

for (const [markdown, wanted] of Object.entries(cases)) {
  test(`${JSON.stringify(markdown)} is written as Slack does`, () => assert.equal(mrkdwn(markdown), wanted));
}

test("nothing that a model writes mentions anybody or makes a link that is none", () => {
  const attempts = [
    "<!channel> <!here> <!everyone>",
    "<@U0ADA00001> <#C0GENERAL1> <!subteam^S012>",
    "`<!channel>`",
    "```\n<!channel>\n```",
    "> <!channel>",
    "- <!channel>",
    "# <!channel>",
    "[<!channel>](https://example.com)",
    "[x](https://example.com/<!channel>)",
    "[x](!channel)",
    "![<!here>](https://example.com/a.png)",
    "| <!here> |\n|---|\n| <@U0ADA00001> |",
    "&lt;!channel&gt;",
    "<!--\n-->!channel>",
  ];
  for (const attempt of attempts) assert.doesNotMatch(mrkdwn(attempt), /<[!@#]/, attempt);
});

test("a link's label cannot hide another address behind a bar", () => {
  assert.equal(mrkdwn("[a|b](https://example.com/x|y)"), "<https://example.com/x%7Cy|a¦b>");
});

test("backticks within code do not end it early", () => {
  assert.equal(mrkdwn("``a ` b``"), "a ` b");
  assert.equal(mrkdwn("````\n```\nx\n````"), "```\n``\u200b`\nx\n```");
});
