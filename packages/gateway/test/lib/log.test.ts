import assert from "node:assert/strict";
import { test } from "node:test";
import { errorFields } from "../../src/lib/log.ts";

test("an error in the log has its type, text, code, stack and causes, and nothing that was hung on it", () => {
  const request = { headers: { authorization: "Bearer sk-secret" }, body: "what the user said" };
  const cause = Object.assign(new TypeError("below"), { code: "ECONNRESET", request });
  const error = Object.assign(new Error("above", { cause }), { request });
  const fields = JSON.stringify(errorFields(error));
  assert.doesNotMatch(fields, /sk-secret|what the user said/);
  const { message, type, cause: below } = JSON.parse(fields);
  assert.deepEqual([type, message], ["Error", "above"]);
  assert.deepEqual([below.type, below.message, below.code], ["TypeError", "below", "ECONNRESET"]);
});

test("an error's texts and its line of causes are cut off in the log", () => {
  let error = new Error("x".repeat(100_000));
  for (let count = 0; count < 50; count++) error = new Error("y".repeat(100_000), { cause: error });
  assert.ok(JSON.stringify(errorFields(error)).length < 50_000);
});

test("whatever else is thrown is told as text", () => {
  assert.equal(errorFields("gone"), "gone");
  assert.equal(errorFields(undefined), "undefined");
});
