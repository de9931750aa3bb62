import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { callTool } from "../../src/runtime/tools/call.ts";
import type { Tool } from "../../src/runtime/tools/types.ts";
import { bareContext } from "../runtime/scripted-loop.ts";

test("a tool that does not hear the abort signal does not hold the abort up", async () => {
  const deaf: Tool = {
    ...{ name: "deaf", description: "", params: z.strictObject({}) },
    prepare: () => ({ risks: [], run: () => new Promise(() => {}) }),
  };
  const controller = new AbortController();
  const context = bareContext({ signal: controller.signal });
  const allow = async () => ({ allowed: true }) as const;
  const call = callTool(deaf, { id: "1", name: "deaf", arguments: "" }, context, allow);
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(call, reason);
  await assert.rejects(callTool(deaf, { id: "2", name: "deaf", arguments: "{}" }, context, allow), reason);
});
