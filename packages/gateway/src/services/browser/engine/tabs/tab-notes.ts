import type { Notes } from "../base/tab.ts";

/** Different notes that are kept between two results. */
const atMost = 20;

/** Notes of a tab. Beyond the bound further ones are only counted, so that a page cannot fill the memory or a result. */
export function createNotes(): Notes {
  const times = new Map<string, number>();
  let more = 0;
  return {
    add(note) {
      const had = times.get(note);
      if (had === undefined && times.size >= atMost) more += 1;
      else times.set(note, (had ?? 0) + 1);
    },
    take() {
      if (times.size === 0) return undefined;
      const notes = [...times].map(([note, count]) => (count > 1 ? `${note} (${count} times)` : note));
      if (more > 0) notes.push(`${more} more things happened.`);
      times.clear();
      more = 0;
      return notes;
    },
  };
}
