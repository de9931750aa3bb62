import assert from "node:assert/strict";
import { it } from "node:test";
import type { Page } from "playwright-core";
import type { LiveTab } from "../../src/services/browser/engine/tabs/live-tab.ts";
import { createPopups } from "../../src/services/browser/engine/tabs/popups.ts";
import { createNotes } from "../../src/services/browser/engine/tabs/tab-notes.ts";

/** What becomes of the tabs that a page opens at these times, without a browser. */
function opening(times: readonly number[]) {
  const told = { closed: 0, silenced: 0, floods: 0, at: [] as number[] };
  let at = 0;
  const page = {
    close: async () => void told.closed++,
    frames: () => [{ evaluate: async () => void told.silenced++ }],
  } as unknown as Page; // it is asked for nothing else
  const opener = { page, popups: [], notes: createNotes() } as unknown as LiveTab; // as above
  const popups = createPopups({
    now: () => at,
    adopt: () => undefined,
    onFlood() {
      told.floods++;
      told.at.push(at);
    },
  });
  for (at of times) popups(opener, page);
  return { ...told, notes: opener.notes.take() ?? [] };
}

const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => index * ms);

it("a page that opens tabs now and then is left alone", () => {
  const { silenced, floods } = opening(every(500, 200));
  assert.deepEqual([silenced, floods], [0, 0]);
});

it("the twentieth tab within two seconds takes the page's means from it", () => {
  assert.equal(opening(every(100, 19)).silenced, 0);
  const { silenced, floods, notes } = opening(every(100, 21));
  assert.deepEqual([silenced, floods], [2, 0]);
  assert.match(notes.join(), /it opens too many at once/);
});

it("the sixtieth tab within twenty seconds throws the page away, and then all is counted anew", () => {
  const { floods, at, closed, notes } = opening(every(300, 121));
  assert.deepEqual([floods, at, closed], [2, [59 * 300, 119 * 300], 121]);
  assert.match(notes.join(), /it opens them without end/);
});
