import { randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Makes ids: `<prefix>-<time><random>`, sortable by the millisecond of their making, 80 random bits. */
export type MakeId = (prefix: string) => string;

/** The production id maker. Random bytes are drawn in blocks: one system call serves 100 ids. */
export function createIds(now: () => number = Date.now): MakeId {
  let block = Buffer.alloc(0);
  let used = 0;
  return (prefix) => {
    if (used + 16 > block.length) {
      block = randomBytes(1600);
      used = 0;
    }
    let random = "";
    for (let i = 0; i < 16; i++) random += alphabet[block[used + i]! % 36];
    used += 16;
    return `${prefix}-${now().toString(36).padStart(9, "0")}${random}`;
  };
}
