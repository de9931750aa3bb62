import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { openFile, saying } from "../../lib/contained-files.ts";
import { type Place, quoted } from "../../lib/paths.ts";

/** Most bytes of a file that is read to its end for the sake of some of its lines. */
const scannedAtMost = 32 * 1024 * 1024;
const chunkSize = 256 * 1024;

export interface Lines {
  text: string;
  /** The first and the last line of `text`, from 1; `to` is less than `from` where there is none. */
  from: number;
  to: number;
  total: number;
  /** `text` ends within its last line, which is too long. */
  cut: boolean;
}

/** Reads a text file whole. Throws where it is no text, or larger than `atMost` bytes. */
export async function readText(
  place: Place,
  { atMost, signal }: { atMost: number; signal: AbortSignal },
): Promise<{ text: string; version: BigIntStats }> {
  const { handle, stats } = await openFile(place);
  try {
    demandSize(stats, atMost, place, "");
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const chunk of chunksOf(handle, place, signal)) {
      size += chunk.length;
      if (size > atMost) throw tooLarge(place, size, atMost, "");
      pieces.push(chunk);
    }
    return { text: decode(Buffer.concat(pieces), place, stats), version: stats };
  } finally {
    await handle.close();
  }
}

/** Reads some lines of a text file: `count` from line `from` on, at most `maxBytes` of them. */
export async function readLines(
  place: Place,
  want: { from: number; count: number; maxBytes: number; signal: AbortSignal },
): Promise<Lines> {
  const { handle, stats } = await openFile(place);
  try {
    demandSize(stats, scannedAtMost, place, " Look for what you need with search.");
    const taker = takeLines(want);
    let seen = 0;
    for await (const chunk of chunksOf(handle, place, want.signal)) {
      if (seen === 0 && chunk.subarray(0, 8_192).includes(0)) throw notText(place, stats, chunk);
      seen += chunk.length;
      if (seen > scannedAtMost) throw tooLarge(place, seen, scannedAtMost, "");
      taker.take(chunk);
    }
    const { bytes, ...rest } = taker.end();
    return { text: decode(bytes, place, stats), ...rest };
  } finally {
    await handle.close();
  }
}

/** Counts all lines and keeps the bytes of the wanted ones. Whole lines, except where the first one alone is too long. */
function takeLines({ from, count, maxBytes }: { from: number; count: number; maxBytes: number }) {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let line = 1;
  let to = from - 1;
  let lineBytes = 0;
  let full = false;
  let cut = false;

  function keep(part: Buffer): void {
    const isWanted = line >= from && line < from + count && !full;
    if (isWanted && keptBytes + part.length > maxBytes) {
      full = true;
      if (to >= from) dropUnfinished();
      else keepBeginning(part);
    } else if (isWanted) {
      kept.push(part);
      keptBytes += part.length;
    }
  }

  /** The line that did not fit began in earlier parts. */
  function dropUnfinished(): void {
    const all = Buffer.concat(kept);
    kept.splice(0, kept.length, all.subarray(0, all.lastIndexOf(10) + 1));
  }

  function keepBeginning(part: Buffer): void {
    cut = true;
    to = line;
    const all = Buffer.concat([...kept, part.subarray(0, maxBytes - keptBytes)]);
    kept.splice(0, kept.length, wholeCharacters(all));
  }

  return {
    take(chunk: Buffer): void {
      for (let start = 0; start < chunk.length; ) {
        const newline = chunk.indexOf(10, start);
        const end = newline < 0 ? chunk.length : newline + 1;
        keep(chunk.subarray(start, end));
        lineBytes += end - start;
        if (newline >= 0) {
          if (line >= from && line < from + count && !full) to = line;
          line += 1;
          lineBytes = 0;
        }
        start = end;
      }
    },
    end() {
      const total = lineBytes > 0 ? line : line - 1;
      if (lineBytes > 0 && line >= from && line < from + count && !full) to = line;
      return { bytes: Buffer.concat(kept), from, to, total, cut };
    },
  };
}

/** Without the beginning of a character at its end that it does not hold whole. */
function wholeCharacters(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes.length - end < 4 && (bytes[end - 1]! & 0xc0) === 0x80) end -= 1;
  const lead = bytes[end - 1] ?? 0;
  const needs = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return bytes.length - (end - 1) >= needs ? bytes : bytes.subarray(0, end - 1);
}

async function* chunksOf(handle: FileHandle, place: Place, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead, buffer } = await saying(place, () =>
      handle.read(Buffer.allocUnsafe(chunkSize), 0, chunkSize, position),
    );
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function demandSize(stats: BigIntStats, atMost: number, place: Place, advice: string): void {
  if (stats.size > BigInt(atMost)) throw tooLarge(place, Number(stats.size), atMost, advice);
}

function tooLarge(place: Place, size: number, atMost: number, advice: string): Error {
  return new Error(
    `${quoted(place.written)} has ${megabytes(size)}, ${megabytes(atMost)} is the most.${advice}`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function decode(bytes: Buffer, place: Place, stats: BigIntStats): string {
  if (bytes.subarray(0, 8_192).includes(0)) throw notText(place, stats, bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notText(place, stats, bytes);
  }
}

function notText(place: Place, stats: BigIntStats, head: Buffer): Error {
  const kind = signatures.find(([start]) =>
    head.subarray(0, start.length).equals(Buffer.from(start, "latin1")),
  );
  return new Error(
    `${quoted(place.written)} is no UTF-8 text but ${kind?.[1] ?? "binary data"}, ${stats.size} bytes.`,
  );
}

const signatures: readonly (readonly [start: string, kind: string])[] = [
  ["\x89PNG", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["GIF8", "a GIF image"],
  ["%PDF", "a PDF"],
  ["PK\x03\x04", "a ZIP archive (also docx, xlsx, jar)"],
  ["\x1f\x8b", "gzip data"],
  ["\x7fELF", "a program"],
  ["SQLite format 3\0", "an SQLite database"],
  ["RIFF", "RIFF media (WebP, WAV, AVI)"],
];
