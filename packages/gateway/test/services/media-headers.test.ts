import assert from "node:assert/strict";
import { test } from "node:test";
import { mediaHeaders } from "../../src/services/media-headers.ts";

const headers = (mimeType: string, name = "a.bin") => mediaHeaders({ name, mimeType });

test("whatever could run in a browser is saved, never shown", () => {
  const dangerous = ["text/html", "image/svg+xml", "application/xml", "text/xml", "application/xhtml+xml"];
  const others = [
    "application/pdf",
    "application/javascript",
    "text/css",
    "application/octet-stream",
    "nonsense",
  ];
  for (const type of [...dangerous, ...others, "text/html; charset=x", "image/png\r\nX: y"]) {
    assert.match(headers(type)["Content-Disposition"]!, /^attachment; /, type);
  }
  for (const type of ["image/png", "image/webp", "text/plain", "audio/mpeg", "video/mp4"]) {
    assert.match(headers(type)["Content-Disposition"]!, /^inline; /, type);
  }
  for (const type of [...dangerous, "image/png"]) {
    assert.equal(headers(type)["Content-Security-Policy"], "default-src 'none'; sandbox");
  }
  assert.equal(headers("image/png\r\nX: y")["Content-Type"], "application/octet-stream");
});

test("a name comes through whole, and cannot break out of its header", () => {
  const shown = (name: string) => headers("text/html", name)["Content-Disposition"];
  assert.equal(shown("a.txt"), `attachment; filename="a.txt"; filename*=UTF-8''a.txt`);
  assert.equal(
    shown("Größe (1)'s.txt"),
    `attachment; filename="Gr__e (1)'s.txt"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%281%29%27s.txt`,
  );
  const hostile = shown('x"; filename=evil.exe\r\nSet-Cookie: a=b\\\ud800')!;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a header must not have them
  assert.doesNotMatch(hostile, /[\x00-\x1f\x7f-\uffff\\]/);
  assert.equal(hostile.split('"').length, 3);
});
