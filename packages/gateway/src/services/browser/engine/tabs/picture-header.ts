import type { Size } from "../base/types.ts";

/**
 * The size that a picture's own header tells: PNG (https://www.w3.org/TR/png-3/#11IHDR), JPEG (ITU T.81, annex B) or WebP
 * (https://developers.google.com/speed/webp/docs/riff_container). Undefined: it is none of these.
 */
export function pictureSize(bytes: Uint8Array): Size | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length >= 24 && buffer.toString("latin1", 12, 16) === "IHDR") {
    return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) };
  }
  if (buffer.length >= 30 && buffer.toString("latin1", 8, 12) === "WEBP") return ofWebp(buffer);
  if (buffer.length >= 4 && buffer.readUInt16BE(0) === 0xffd8) return ofJpeg(buffer);
  return undefined;
}

function ofWebp(buffer: Buffer): Size | undefined {
  const kind = buffer.toString("latin1", 12, 16);
  if (kind === "VP8 ")
    return { width: buffer.readUInt16LE(26) & 0x3fff, height: buffer.readUInt16LE(28) & 0x3fff };
  if (kind === "VP8X") return { width: buffer.readUIntLE(24, 3) + 1, height: buffer.readUIntLE(27, 3) + 1 };
  if (kind !== "VP8L") return undefined;
  const bits = buffer.readUInt32LE(21);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** Walks from marker to marker up to the frame's header, SOF0 to SOF15 without DHT, JPG and DAC. */
function ofJpeg(buffer: Buffer): Size | undefined {
  let at = 2;
  while (at + 9 <= buffer.length && buffer[at] === 0xff) {
    const marker = buffer[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: buffer.readUInt16BE(at + 7), height: buffer.readUInt16BE(at + 5) };
    at += 2 + buffer.readUInt16BE(at + 2);
  }
  return undefined;
}
