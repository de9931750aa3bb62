import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { changeNote, systemPrompt, toolSchemas } from "../../src/runtime/prompt.ts";
import { loadTools, toolNames } from "../../src/runtime/tools/index.ts";
import type { Tool } from "../../src/runtime/tools/types.ts";
import { templates } from "../../src/services/agents/templates.ts";
import { toldFileNames } from "../../src/services/agents/told-files.ts";

/** 3,000 tokens of four bytes. */
const budget = 12_000;

const bare = { agentName: "Assistant", files: [], startedAt: Date.UTC(2026, 10, 23) };
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("the prompt", () => {
  test("with the files of a new workspace and every tool of the build takes at most 12,000 bytes", async () => {
    const files = toldFileNames.map((name) => ({ name, text: templates[name]!.trim() }));
    const messages = [
      { role: "system", content: systemPrompt({ ...bare, files }) },
      { role: "user", content: "hello" },
    ];
    const schemas = toolSchemas(await loadTools(toolNames));
    const tools = schemas.map((it) => ({ type: "function", function: it }));
    const sizes = schemas.map((it) => `${it.name} ${bytes(it)}`).join(", ");
    const total = bytes(messages) + bytes(tools);
    assert.ok(
      total <= budget,
      `${total} bytes: messages ${bytes(messages)}, tools ${bytes(tools)}: ${sizes}`,
    );
  });

  test("without instructions and files takes at most 1,600 bytes, and fewer without tools", () => {
    const all = systemPrompt(bare);
    assert.ok(Buffer.byteLength(all) <= 1_600, `${Buffer.byteLength(all)} bytes`);
    const none = systemPrompt({ ...bare, tools: [] });
    assert.ok(!none.includes("# Tools") && !none.includes("MEMORY.md"));
    assert.ok(none.includes("# Safety"));
    assert.equal(systemPrompt({ ...bare, tools: toolNames.concat("read") }), all);
  });

  test("holds a file under its name once, and nothing of one that is not there", () => {
    const text = systemPrompt({
      ...bare,
      files: [
        { name: "A.md", text: "# A.md\nfirst" },
        { name: "B.md", text: "second" },
        { name: "C.md", text: undefined },
      ],
    });
    assert.ok(text.includes("\n\n# A.md\nfirst\n\n# B.md\nsecond\n\nThis session began"));
    assert.ok(!text.includes("C.md"));
  });

  test("what has changed is told in few words, and where nothing has, nothing is", () => {
    assert.equal(changeNote([], undefined), undefined);
    assert.equal(changeNote([], Date.UTC(2027, 0, 1)), "Today is Friday, 1 January 2027 (UTC).");
  });
});

test("tool schemas come in the order of their names, without what tells a model nothing", () => {
  const params = z.strictObject({
    count: z.int().describe("How many"),
    size: z.int().min(2).max(10).default(3),
    place: z.int().min(1).max(1e9).optional(),
    word: z.string().min(1).max(64).optional(),
    additionalProperties: z.literal(false).optional(),
    $schema: z.string().optional(),
    list: z.array(z.strictObject({ old: z.string() })).optional(),
  });
  const tool = { description: "Does it.", params, prepare: () => ({ risks: [], run: async () => null }) };
  const tools = new Map<string, Tool>([
    ["b", { ...tool, name: "b" } as unknown as Tool], // a tool of some params is a tool
    ["a", { ...tool, name: "a", params: z.strictObject({}) } as unknown as Tool],
  ]);
  const [a, b] = toolSchemas(tools);
  assert.deepEqual(a, { name: "a", description: "Does it.", parameters: { type: "object", properties: {} } });
  assert.deepEqual(b!.parameters, {
    type: "object",
    properties: {
      count: { type: "integer", description: "How many" },
      size: { type: "integer", minimum: 2, maximum: 10, default: 3 },
      place: { type: "integer" },
      word: { type: "string" },
      additionalProperties: { type: "boolean", const: false },
      $schema: { type: "string" },
      list: {
        type: "array",
        items: { type: "object", properties: { old: { type: "string" } }, required: ["old"] },
      },
    },
    required: ["count"],
  });
  assert.equal(
    JSON.stringify(toolSchemas(tools)),
    JSON.stringify(toolSchemas(new Map([...tools].reverse()))),
  );
});
