/** The beginning and the end of a stream of any length. */
export interface Ends {
  push(chunk: Buffer): void;
  /** With a mark where something is missing. `dropped`: bytes. */
  read(): { text: string; dropped: number };
}

export function createEnds(headBytes: number, tailBytes: number): Ends {
  const head: Buffer[] = [];
  let headSize = 0;
  const tail = createRing(tailBytes);
  return {
    push(chunk) {
      const part = chunk.subarray(0, headBytes - headSize);
      if (part.length > 0) {
        head.push(Buffer.from(part)); // a copy: the rest of the chunk need not be kept for it
        headSize += part.length;
      }
      if (part.length < chunk.length) tail.push(chunk.subarray(part.length));
    },
    read() {
      const { bytes, dropped } = tail.read(0, tailBytes);
      if (dropped === 0) return { text: Buffer.concat([...head, bytes]).toString("utf8"), dropped };
      const first = Buffer.concat(head);
      const start = first.subarray(0, wholeLength(first)).toString("utf8");
      const end = bytes.subarray(skipPartial(bytes)).toString("utf8");
      return { text: `${start}\n[… ${dropped} bytes left out …]\n${end}`, dropped };
    },
  };
}

/** The last bytes of a stream, addressed by their place in the whole stream. */
export interface Ring {
  /** Bytes so far: the place of the next one. */
  readonly size: number;
  push(chunk: Buffer): void;
  /** At most `limit` bytes from a place on; `dropped`: how many of those asked for are gone. */
  read(from: number, limit: number): { bytes: Buffer; from: number; dropped: number };
}

/** Small pieces are joined up to this, so that a stream of single bytes does not become a list of them. */
const pieceBytes = 4_096;

export function createRing(capacity: number): Ring {
  let pieces: Buffer[] = [];
  let size = 0;
  let kept = 0;
  return {
    get size() {
      return size;
    },
    push(chunk) {
      const last = pieces.at(-1);
      // Copied in any case: a small chunk is a view of a large buffer.
      if (last && last.length + chunk.length <= pieceBytes)
        pieces[pieces.length - 1] = Buffer.concat([last, chunk]);
      else pieces.push(Buffer.from(chunk));
      size += chunk.length;
      kept += chunk.length;
      while (kept - pieces[0]!.length >= capacity) kept -= pieces.shift()!.length; // what is kept is not empty
    },
    read(from, limit) {
      const held = Math.min(kept, capacity);
      const start = Math.min(Math.max(from, size - held), size);
      const all = Buffer.concat(pieces);
      pieces = all.length === 0 ? [] : [all];
      const at = all.length - (size - start);
      return {
        bytes: all.subarray(at, at + limit),
        from: start,
        dropped: Math.max(0, start - Math.max(0, from)),
      };
    },
  };
}

/** Length without the beginning of a UTF-8 character whose end is not there. */
export function wholeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!; // within its length
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < needed ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** How many bytes at the start belong to a character that began earlier. */
export function skipPartial(bytes: Buffer): number {
  let skip = 0;
  while (skip < Math.min(3, bytes.length) && (bytes[skip]! & 0xc0) === 0x80) skip++; // within its length
  return skip;
}
