import assert from "node:assert/strict";
import { test } from "node:test";
import { hmacSha256, sameText } from "../../src/channels/signatures.ts";

test("a signature is that of RFC 4231, however the bytes are cut into parts", () => {
  const expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"; // RFC 4231, test case 2
  assert.equal(hmacSha256("Jefe", "what do ya want for nothing?"), expected);
  assert.equal(hmacSha256("Jefe", "what do ya ", Buffer.from("want for "), "nothing?"), expected);
});

test("texts are the same only if every character is, whatever their lengths", () => {
  assert.equal(sameText("sha256=ab", "sha256=ab"), true);
  assert.equal(sameText("", ""), true);
  assert.equal(sameText("sha256=ab", "sha256=ac"), false);
  assert.equal(sameText("sha256=ab", "sha256=abc"), false);
  assert.equal(sameText("", "a"), false);
  assert.equal(sameText("ä", "a"), false);
});
