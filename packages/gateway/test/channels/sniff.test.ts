import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sniff } from "../../src/lib/sniff.ts";

/** One sign per byte. */
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const frame = "\xff\xfb\x90\x00".padEnd(417, "\0"); // MPEG 1, layer III, 128 kbit/s, 44.1 kHz

const cases: [mimeType: string, kind: string, bytes: Uint8Array][] = [
  ["image/png", "image", bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR")],
  ["image/jpeg", "image", bytes("\xff\xd8\xff\xe0\0\x10JFIF")],
  ["image/gif", "image", bytes("GIF89a\x01\0\x01\0")],
  ["image/webp", "image", bytes("RIFF\x24\0\0\0WEBPVP8 ")],
  ["image/bmp", "image", bytes(`BM${"\0".repeat(12)}\x28\0\0\0${"\0".repeat(20)}`)],
  ["image/tiff", "image", bytes("II*\0\x08\0\0\0")],
  ["image/tiff", "image", bytes("MM\0*\0\0\0\x08")],
  ["image/heic", "image", bytes("\0\0\0\x18ftypheic\0\0\0\0mif1heic")],
  ["image/heic", "image", bytes("\0\0\0\x18ftypmif1\0\0\0\0mif1heic")],
  ["image/avif", "image", bytes("\0\0\0\x1cftypavif\0\0\0\0avifmif1")],
  ["image/avif", "image", bytes("\0\0\0\x1cftypmif1\0\0\0\0mif1avif")],
  ["image/svg+xml", "image", bytes('<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="…">')],
  ["image/svg+xml", "image", bytes("\n<SVG onload=alert(1)>")],
  ["audio/mpeg", "audio", bytes("ID3\x04\0\0\0\0\0\0")],
  ["audio/mpeg", "audio", bytes(frame + frame)],
  ["audio/aac", "audio", bytes("\xff\xf1\x50\x80\0\0")],
  ["audio/wav", "audio", bytes("RIFF\x24\0\0\0WAVEfmt ")],
  ["audio/flac", "audio", bytes("fLaC\0\0\0\x22")],
  ["audio/amr", "audio", bytes("#!AMR\n")],
  ["audio/ogg", "audio", bytes("OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead")],
  ["video/ogg", "video", bytes("OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x2a\x80theora")],
  ["audio/mp4", "audio", bytes("\0\0\0\x20ftypM4A \0\0\0\0")],
  ["video/mp4", "video", bytes("\0\0\0\x20ftypisom\0\0\x02\0")],
  ["video/quicktime", "video", bytes("\0\0\0\x14ftypqt  ")],
  ["video/3gpp", "video", bytes("\0\0\0\x18ftyp3gp4")],
  ["video/webm", "video", bytes("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm")],
  ["video/x-matroska", "video", bytes("\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska")],
  ["application/pdf", "file", bytes("%PDF-1.7\n%\xe2\xe3\xcf\xd3")],
  ["application/zip", "file", bytes("PK\x03\x04\x14\0\0\0\0\0")],
  ["application/gzip", "file", bytes("\x1f\x8b\x08\0")],
  [
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "file",
    bytes(`PK\x03\x04${"\0".repeat(26)}[Content_Types].xml…PK\x01\x02word/document.xml`),
  ],
  [
    "application/vnd.oasis.opendocument.text",
    "file",
    bytes(`PK\x03\x04${"\0".repeat(26)}mimetypeapplication/vnd.oasis.opendocument.textPK\x03\x04`),
  ],
  ["text/html", "file", bytes("\n <!DOCTYPE html><html>")],
  ["text/html", "file", bytes("<script>alert(1)</script>")],
  ["application/xml", "file", bytes('<?xml version="1.0"?><feed/>')],
  ["text/plain", "file", new TextEncoder().encode("Grüße, 你好 😀\n\x1b[1mbold")],
];

for (const [mimeType, kind, content] of cases) {
  test(`${JSON.stringify(Buffer.from(content).toString("latin1").slice(0, 16))} is ${mimeType}`, () => {
    assert.deepEqual(sniff(content), { mimeType, kind });
  });
}

test("bytes that are nothing known are not guessed at", () => {
  for (const content of [
    "",
    "\0\0\0\0",
    "\xff\xfe\x00a",
    "a\0b",
    "\xc3(",
    "\xff\xfb\x90",
    "BMW is a car",
    "FORM",
  ]) {
    const found = sniff(bytes(content))?.mimeType ?? "text/plain";
    assert.equal(found, "text/plain", JSON.stringify(content));
  }
  assert.equal(sniff(bytes("\xff\xfb\x90\x00".padEnd(500, "\x55"))), undefined);
});

test("a text is known by its beginning, though a character lies across its bound", () => {
  assert.equal(sniff(new TextEncoder().encode(`x${"ß".repeat(50_000)}`))?.mimeType, "text/plain");
});

test("whatever the bytes, nothing is thrown", () => {
  const heads = fc.constantFrom(...cases.map(([, , content]) => content));
  fc.assert(
    fc.property(heads, fc.nat(40), fc.uint8Array({ maxLength: 64 }), (head, cut, tail) => {
      sniff(Buffer.concat([head.subarray(0, cut), tail]));
    }),
    { numRuns: 500 },
  );
});
