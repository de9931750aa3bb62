/** What people would call it: all that is no picture, sound or film is a file. */
export type FileKind = "image" | "audio" | "video" | "file";

export interface Sniffed {
  mimeType: string;
  kind: FileKind;
}

/** How much of a text is looked at. */
const textBytes = 65_536;
/** How much of an archive's end is searched for the names of its files. */
const directoryBytes = 65_536;
/** Declared types that say more than "text/plain" and are no more dangerous. */
const textual =
  /^text\/(?!html\b)|^application\/(?:json|xml|yaml|x-yaml|toml|javascript|typescript|sql|x-sh)$|\+json$/;

/** Of a large file, what `sniff` looks at: this much of its beginning and of its end, one after the other, will do. */
export const sampleBytes = textBytes + 1;

/** What a file begins with: ASCII, one sign per byte, from an offset; `?` stands for any byte. */
const beginnings: readonly [mimeType: string, kind: FileKind, begins: string, at?: number][] = [
  ["image/png", "image", "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", "image", "\xff\xd8\xff"],
  ["image/gif", "image", "GIF87a"],
  ["image/gif", "image", "GIF89a"],
  ["image/webp", "image", "RIFF????WEBP"],
  ["image/tiff", "image", "II*\0"],
  ["image/tiff", "image", "MM\0*"],
  ["image/jxl", "image", "\0\0\0\x0cJXL \r\n\x87\n"],
  ["image/vnd.adobe.photoshop", "image", "8BPS\0\x01"],
  ["audio/wav", "audio", "RIFF????WAVE"],
  ["video/x-msvideo", "video", "RIFF????AVI "],
  ["audio/flac", "audio", "fLaC"],
  ["audio/mpeg", "audio", "ID3"],
  ["audio/amr", "audio", "#!AMR"],
  ["audio/midi", "audio", "MThd\0\0\0\x06"],
  ["audio/x-caf", "audio", "caff\0\x01"],
  ["audio/aiff", "audio", "FORM????AIF"],
  ["application/pdf", "file", "%PDF-"],
  ["application/gzip", "file", "\x1f\x8b\x08"],
  ["application/x-7z-compressed", "file", "7z\xbc\xaf\x27\x1c"],
  ["application/vnd.rar", "file", "Rar!\x1a\x07"],
  ["application/x-bzip2", "file", "BZh?1AY&SY"],
  ["application/x-xz", "file", "\xfd7zXZ\0"],
  ["application/zstd", "file", "\x28\xb5\x2f\xfd"],
  ["application/x-tar", "file", "ustar", 257],
  ["application/vnd.sqlite3", "file", "SQLite format 3\0"],
  ["application/x-elf", "file", "\x7fELF"],
  ["application/wasm", "file", "\0asm"],
  ["application/x-ole-storage", "file", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
  ["font/woff2", "file", "wOF2"],
];

/** Brands of ISO media files (https://mp4ra.org/registered-types/brands), which say what is in them. */
const brands: readonly [brand: RegExp, mimeType: string, kind: FileKind][] = [
  [/^(?:avif|avis)/, "image/avif", "image"],
  [/^(?:hei[cxms]|hev[cxms]|mif1|msf1)/, "image/heic", "image"],
  [/^(?:M4A |M4B |M4P )/, "audio/mp4", "audio"],
  [/^qt {2}/, "video/quicktime", "video"],
  [/^3g/, "video/3gpp", "video"],
  [/^/, "video/mp4", "video"],
];

/** Office documents are archives, told apart by a file that each has. */
const office: readonly [file: string, mimeType: string][] = [
  ["word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"],
];

/**
 * What a file is by its own bytes (https://mimesniff.spec.whatwg.org and the formats' documents), whatever it is
 * called. Text is UTF-8 without control characters. Undefined: nothing that is known.
 */
export function sniff(bytes: Uint8Array): Sniffed | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = buffer.toString("latin1", 0, 512);
  for (const [mimeType, kind, begins, at = 0] of beginnings) {
    if (beginsWith(head, begins, at)) return { mimeType, kind };
  }
  if (head.startsWith("BM") && buffer.length >= 26 && buffer.readUInt32LE(14) <= 124) {
    return { mimeType: "image/bmp", kind: "image" };
  }
  if (head.startsWith("ftyp", 4)) return ofBrand(head);
  if (head.startsWith("OggS")) return ofOgg(head);
  if (head.startsWith("\x1a\x45\xdf\xa3")) {
    return { mimeType: head.includes("webm") ? "video/webm" : "video/x-matroska", kind: "video" };
  }
  if (head.startsWith("PK\x03\x04") || head.startsWith("PK\x05\x06")) return ofArchive(buffer);
  if (isMpegAudio(buffer)) return { mimeType: "audio/mpeg", kind: "audio" };
  if (buffer[0] === 0xff && (buffer[1]! & 0xf6) === 0xf0) return { mimeType: "audio/aac", kind: "audio" };
  return ofText(buffer);
}

/**
 * What a file is, where somebody has declared a type as well (a header's value; "" or undefined: nobody has). Its bytes
 * are believed first. `isSound`: a container that may hold either is known to hold sound.
 */
export function typeOfFile(bytes: Uint8Array, declaredType: string | undefined, isSound = false): Sniffed {
  const declared = (declaredType ?? "").replace(/;.*$/s, "").trim().toLowerCase();
  const found = sniff(bytes);
  if (!found) {
    // Every picture is known by its bytes: what says it is one and is not, is none.
    const isLie = declared === "" || /^(?:image\/|text\/|application\/pdf$)/.test(declared);
    if (isLie) return { mimeType: "application/octet-stream", kind: "file" };
    const [family] = declared.split("/");
    return { mimeType: declared, kind: family === "audio" || family === "video" ? family : "file" };
  }
  if (found.mimeType === "text/plain" && textual.test(declared)) return { ...found, mimeType: declared };
  const container = /^video\/(mp4|webm|ogg|3gpp)$/.exec(found.mimeType)?.[1];
  const sounds = declared.startsWith("audio/") || isSound;
  return container && sounds ? { mimeType: `audio/${container}`, kind: "audio" } : found;
}

function beginsWith(head: string, begins: string, at: number): boolean {
  for (let index = 0; index < begins.length; index += 1) {
    if (begins[index] !== "?" && head[at + index] !== begins[index]) return false;
  }
  return true;
}

function ofBrand(head: string): Sniffed {
  const main = head.slice(8, 12);
  const [, mimeType, kind] = brands.find(([brand]) => brand.test(main))!; // the last takes any
  if (mimeType !== "image/heic" || !head.slice(16, 64).includes("avif")) return { mimeType, kind };
  return { mimeType: "image/avif", kind };
}

function ofOgg(head: string): Sniffed {
  const isVideo = head.slice(0, 128).includes("theora");
  return isVideo ? { mimeType: "video/ogg", kind: "video" } : { mimeType: "audio/ogg", kind: "audio" };
}

function ofArchive(buffer: Buffer): Sniffed {
  const kind = "file";
  const first = buffer.toString("latin1", 30, 160);
  const named = /^mimetype(application\/[a-z0-9.+-]+)/.exec(first)?.[1]?.replace(/PK$/, "");
  if (named !== undefined) return { mimeType: named, kind };
  const end = buffer.subarray(-directoryBytes);
  if (end.includes("[Content_Types].xml") || first.startsWith("[Content_Types].xml")) {
    const found = office.find(([file]) => end.includes(file));
    if (found) return { mimeType: found[1], kind };
  }
  return { mimeType: "application/zip", kind };
}

/** Two frames in a row (ISO 11172-3): one alone is soon found anywhere. */
function isMpegAudio(buffer: Buffer): boolean {
  const length = mpegFrame(buffer, 0);
  return length > 0 && (buffer.length < length + 4 || mpegFrame(buffer, length) > 0);
}

/** The length of a frame of layer III; 0: none begins there. */
function mpegFrame(buffer: Buffer, at: number): number {
  if (buffer.length < at + 4 || buffer[at] !== 0xff || (buffer[at + 1]! & 0xe6) !== 0xe2) return 0;
  const version = (buffer[at + 1]! >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const rate = buffer[at + 2]! >> 4;
  const frequency = (buffer[at + 2]! >> 2) & 3;
  if (version === 1 || rate === 0 || rate === 15 || frequency === 3) return 0;
  const one = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
  const two = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
  const hertz = [44_100, 48_000, 32_000][frequency]! / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const bits = (version === 3 ? one : two)[rate]! * 1_000;
  return Math.floor(((version === 3 ? 144 : 72) * bits) / hertz) + ((buffer[at + 2]! >> 1) & 1);
}

function ofText(buffer: Buffer): Sniffed | undefined {
  if (buffer.length === 0) return undefined;
  let text: string;
  try {
    const part = buffer.subarray(0, textBytes);
    text = new TextDecoder("utf-8", { fatal: true }).decode(part, { stream: buffer.length > textBytes });
  } catch {
    return undefined;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what text does not have
  if (/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text)) return undefined;
  const begin = text.slice(0, 1_024).trimStart().toLowerCase();
  const root = begin.replace(/^(?:<\?xml[^>]*>|<!--.*?-->|<!doctype [^>]*>|\s)+/s, "");
  if (/^<svg[\s>]/.test(root)) return { mimeType: "image/svg+xml", kind: "image" };
  if (
    /^<!doctype html|^<(?:html|head|body|script|iframe|style|title|table|meta|div|h1|a|p|br|b)[\s>/]/.test(
      begin,
    )
  ) {
    return { mimeType: "text/html", kind: "file" };
  }
  if (begin.startsWith("<?xml")) return { mimeType: "application/xml", kind: "file" };
  return { mimeType: "text/plain", kind: "file" };
}
