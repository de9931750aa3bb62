import assert from "node:assert/strict";
import { test } from "node:test";
import { createEnds, createRing, skipPartial, wholeLength } from "../../src/services/commands/output.ts";
import { seeded } from "../support/random.ts";

function chunks(random: () => number, count: number): Buffer[] {
  const text = "aä€😀".repeat(4_000);
  return Array.from({ length: count }, () => {
    const start = Math.floor(random() * 1_000);
    const size = Math.floor(random() ** 3 * 20_000);
    return Buffer.from(text).subarray(start, start + size);
  });
}

test("a ring gives back the last bytes of any stream, from any place", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    const capacity = 1 + Math.floor(random() * 50_000);
    const ring = createRing(capacity);
    let all = Buffer.alloc(0);
    for (const chunk of chunks(random, 20)) {
      ring.push(chunk);
      all = Buffer.concat([all, chunk]);
      const from = Math.floor(random() * (all.length + 10));
      const limit = Math.floor(random() * 30_000);
      const start = Math.min(Math.max(from, all.length - capacity), all.length);
      const read = ring.read(from, limit);
      assert.equal(ring.size, all.length);
      assert.equal(read.from, start);
      assert.equal(read.dropped, Math.max(0, start - from));
      assert.ok(read.bytes.equals(all.subarray(start, start + limit)), `seed ${seed}`);
    }
  }
});

test("the ends of a stream that fits are the stream; else what is left out is counted", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const ends = createEnds(3_000, 5_000);
    let all = Buffer.alloc(0);
    for (const chunk of chunks(seeded(seed), 1 + (seed % 6))) {
      ends.push(chunk);
      all = Buffer.concat([all, chunk]);
    }
    const { text, dropped } = ends.read();
    assert.equal(dropped, Math.max(0, all.length - 8_000));
    if (dropped === 0) assert.equal(text, all.toString("utf8"));
    else assert.match(text, new RegExp(`\\n\\[… ${dropped} bytes left out …\\]\\n`));
  }
});

test("a stream is cut between characters", () => {
  const bytes = Buffer.from("aä€😀");
  const firsts: number[] = [];
  for (let length = 0; length <= bytes.length; length++) firsts.push(wholeLength(bytes.subarray(0, length)));
  assert.deepEqual(firsts, [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10]);
  const lasts: number[] = [];
  for (let start = 0; start <= bytes.length; start++) lasts.push(start + skipPartial(bytes.subarray(start)));
  assert.deepEqual(lasts, [0, 1, 3, 3, 6, 6, 6, 10, 10, 10, 10]);
});
