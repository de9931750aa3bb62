import assert from "node:assert/strict";
import { test } from "node:test";
import { createLanes } from "../../src/services/runs/lanes.ts";

test("runs of a session become ready one after another, in the order in which they came", async () => {
  const lanes = createLanes();
  const order: number[] = [];
  const turns = [0, 1, 2, 3].map((index) => {
    const turn = lanes.enter("a");
    void turn.ready.then(() => order.push(index));
    return turn;
  });
  assert.deepEqual(
    turns.map((turn) => turn.queued),
    [false, true, true, true],
  );
  for (const turn of turns) {
    await turn.ready;
    turn.leave();
  }
  assert.deepEqual(order, [0, 1, 2, 3]);
  assert.equal(lanes.length("a"), 0);
});

test("a run that leaves the middle of the line holds nobody up and lets nobody overtake", async () => {
  const lanes = createLanes();
  const [first, second, third] = [lanes.enter("a"), lanes.enter("a"), lanes.enter("a")];
  let isThirdReady = false;
  void third.ready.then(() => {
    isThirdReady = true;
  });
  second.leave();
  second.leave();
  await Promise.resolve();
  assert.equal(isThirdReady, false);
  first.leave();
  await third.ready;
  assert.equal(lanes.length("a"), 1);
});

test("sessions do not wait for each other", async () => {
  const lanes = createLanes();
  lanes.enter("a");
  const other = lanes.enter("b");
  assert.equal(other.queued, false);
  await other.ready;
});
