import assert from "node:assert/strict";
import { test } from "node:test";
import { withResultMedia } from "../../src/api/dialects/result-media.ts";
import type { PromptMessage, UserPart } from "../../src/runtime/models/types.ts";

const picture: UserPart = { type: "image", mimeType: "image/png", data: "AAAA" };

const result = (toolCallId: string, media?: UserPart[]): PromptMessage => ({
  ...{ role: "tool", toolCallId, name: "see", result: "done", isError: false },
  ...(media && { media }),
});

const introduction = { type: "text", text: "What came with the result of the tool see:" };

test("providers whose results are text alone are sent the pictures behind all results, as the user's", () => {
  const later: PromptMessage = { role: "user", content: [{ type: "text", text: "and?" }] };
  const told = withResultMedia([result("a", [picture]), result("b"), later], "openai-completions");
  assert.deepEqual(told, [
    result("a"),
    result("b"),
    { role: "user", content: [introduction, picture, ...later.content] },
  ]);
});

test("where the results are the last word, or the assistant goes on, the pictures stand between", () => {
  const said: PromptMessage = { role: "assistant", content: "I see." };
  const told = withResultMedia([result("a", [picture]), said, result("b", [picture])], "demo");
  const shown = { role: "user", content: [introduction, picture] };
  assert.deepEqual(told, [result("a"), shown, said, result("b"), shown]);
});

test("other providers are sent them within the results", () => {
  const messages = [result("a", [picture])];
  assert.equal(withResultMedia(messages, "anthropic-messages"), messages);
});
