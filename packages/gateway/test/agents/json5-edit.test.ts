import assert from "node:assert/strict";
import { describe, test } from "node:test";
import JSON5 from "json5";
import { editJson5, type Json5Edit } from "../../src/config/json5-edit.ts";
import type { Json } from "../support/gateway.ts";
import { seeded } from "../support/random.ts";

const edit = (text: string, path: Json5Edit["path"], value: unknown) => editJson5(text, { path, value });

const byHand = `// The house.
{
  // who answers
  agents: {
    list: [
      { id: 'writer', name: "O'Brien" }, // rhymes
      /* the other one */
      {
        id: "coder", // codes
        tools: ['read', 'write',],
      },
    ],
  },
  "gateway": { port: 18789 }, // never 80: "//" is no comment in here
}
`;

describe("editing JSON5 as text", () => {
  test("a member is appended in the style of its neighbours, and every other byte stays", () => {
    const after = edit(byHand, ["agents", "list", 2], {
      id: "cook",
      model: { primary: "a/b", fallbacks: ["c/d"] },
    });
    const added = `      {
        id: "cook",
        model: {
          primary: "a/b",
          fallbacks: ["c/d"]
        }
      },
`;
    assert.ok(after.includes(added), after);
    assert.equal(after.replace(added, ""), byHand);
  });

  test("a value is replaced in its place, comments around it stay", () => {
    const after = edit(byHand, ["agents", "list", 1, "id"], "chef");
    assert.equal(after, byHand.replace('"coder"', '"chef"'));
    const other = edit(byHand, ["agents", "list", 0, "name"], "it's");
    assert.equal(other, byHand.replace(`"O'Brien"`, `"it's"`));
  });

  test("a member is taken out with its comma and its line", () => {
    const after = edit(byHand, ["agents", "list", 1], undefined);
    const whole = /\n {6}\{\n {8}id: "coder"[\s\S]*?\n {6}\},(?=\n)/;
    assert.equal(after, byHand.replace(whole, ""));
    assert.equal(edit("[1, 2, 3]", [1], undefined), "[1, 3]");
    assert.equal(edit("[1, 2, 3]", [0], undefined), "[2, 3]");
    assert.equal(edit("[1, 2, 3]", [2], undefined), "[1, 2]");
    assert.equal(edit('{ "a": 1 }', ["a"], undefined), "{ }");
    assert.equal(edit("{\n  a: 1, // one\n  b: 2\n}", ["b"], undefined), "{\n  a: 1 // one\n}");
  });

  test("a path that is not there is made", () => {
    assert.equal(
      edit("{}\n", ["agents", "list"], [{ id: "a" }]),
      `{
  "agents": {
    "list": [
      {
        "id": "a"
      }
    ]
  }
}
`,
    );
    assert.equal(edit("{ a: 1 }", ["b", "c"], true), "{ a: 1, b: { c: true } }");
    assert.equal(edit("{ a: [/* none */] }", ["a", 0], "x"), '{ a: [/* none */\n  "x"\n] }');
  });

  test("plain JSON stays plain JSON, and Windows line ends stay", () => {
    const text = '{\r\n\t"a": {\r\n\t\t"b": 1\r\n\t}\r\n}\r\n';
    const after = edit(text, ["a", "c"], { d: 2 });
    assert.equal(
      after,
      '{\r\n\t"a": {\r\n\t\t"b": 1,\r\n\t\t"c": {\r\n\t\t\t"d": 2\r\n\t\t}\r\n\t}\r\n}\r\n',
    );
    assert.deepEqual(JSON.parse(after), { a: { b: 1, c: { d: 2 } } });
  });

  test("nothing is put into a comment, wherever comments stand", () => {
    const odd = [
      "{ a: 1 // end\n}",
      "{ a: 1, // end\n /* more */ }",
      "{ a: 1 /* two\n lines */ }",
      "{ /* a: 0 */ a: 1, }",
      "{// a: {\n a: 1\n\n // last\n}",
      "{ 'a': 1 /* } */ }",
      `{ a: 1, z: '}, // " \\' \\\n x' }`,
      "\uFEFF{\n\u00A0a\u2028:1}",
    ];
    for (const text of odd) {
      const before = JSON5.parse(text);
      assert.deepEqual(JSON5.parse(edit(text, ["b"], { c: 2 })), { ...before, b: { c: 2 } }, text);
      assert.deepEqual(JSON5.parse(edit(text, ["a"], [0])), { ...before, a: [0] }, text);
      const { a: _, ...rest } = before;
      assert.deepEqual(JSON5.parse(edit(text, ["a"], undefined)), rest, text);
    }
  });

  test("of a key that stands there twice the last one counts, in whatever quotes", () => {
    assert.deepEqual(JSON5.parse(edit(`{ a: 1, "\\u0061": 2 }`, ["a"], 3)), { a: 3 });
  });

  test("any edits of any text mean what they are meant to mean", () => {
    const random = seeded(20_261_123);
    const int = (below: number) => Math.floor(random() * below);
    for (let round = 0; round < 1_000; round++) {
      const { text } = written(int, 0);
      const before = JSON5.parse(`{ top: ${text} }`);
      const [path, parent] = somewhere(before, int);
      const isArray = Array.isArray(parent);
      const step = isArray ? int(parent.length + 1) : ["a", "b", "new-key"][int(3)]!;
      const value = int(3) === 0 ? undefined : [7, "s", { k: [1, { l: null }] }, []][int(4)];
      const expected = structuredClone(before);
      let at = expected;
      for (const key of path) at = at[key];
      if (value !== undefined) at[step] = value;
      else if (isArray) at.splice(step, 1);
      else delete at[step];
      const after = edit(`{ top: ${text} }`, [...path, step], value);
      assert.deepEqual(
        JSON5.parse(after),
        expected,
        `${JSON.stringify([path, step, value])} in\n${text}\ngave\n${after}`,
      );
    }
  });
});

type Int = (below: number) => number;

/** Some JSON5 in an odd dress. */
function written(int: Int, depth: number): { text: string } {
  const blank = () => ["", " ", "\n", "\n    ", " /* , } ] */ ", " // ' \" {\n", "\r\n\t"][int(7)]!;
  const kind = depth > 3 ? 0 : depth === 0 ? 1 + int(2) : int(3);
  if (kind === 0) {
    const scalars = [
      "1",
      "'a\\'b'",
      '"x // y"',
      "null",
      "+.5e3",
      "0xFF",
      "'multi\\\nline'",
      "true",
      "-Infinity",
    ];
    return { text: scalars[int(scalars.length)]! };
  }
  const count = int(4);
  const keys = ["a", "'b'", '"c"', "$d"].slice(0, count);
  const members = Array.from({ length: count }, (_, index) => {
    const label = kind === 1 ? `${keys[index]}${blank()}:${blank()}` : "";
    return `${blank()}${label}${written(int, depth + 1).text}${blank()}`;
  });
  const inner = members.join(",") + (count > 0 && int(2) ? `,${blank()}` : blank());
  return { text: kind === 1 ? `{${inner}}` : `[${inner}]` };
}

/** A container somewhere in the tree, and the way to it. */
function somewhere(root: Json, int: Int): [path: (string | number)[], container: Json] {
  const path: (string | number)[] = ["top"];
  let at = root.top;
  for (;;) {
    const inner = Object.entries(at).filter(([, it]) => it !== null && typeof it === "object");
    if (inner.length === 0 || int(2)) return [path, at];
    const [key, next] = inner[int(inner.length)]!;
    path.push(Array.isArray(at) ? Number(key) : key);
    at = next;
  }
}
