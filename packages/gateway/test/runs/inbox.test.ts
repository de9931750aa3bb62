import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createInbox } from "../../src/services/runs/inbox.ts";
import { startTimeLimit } from "../../src/services/runs/time-limit.ts";

const message = { messageId: "m", parts: [{ type: "text" as const, text: "more" }] };

describe("a run's inbox", () => {
  test("gives what has come once, and waits for what is being stored", async () => {
    const inbox = createInbox();
    const place = inbox.reserve()!;
    let taken: unknown;
    const taking = inbox.take(true).then((it) => {
      taken = it;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(taken, undefined);
    place.fill(message);
    await taking;
    assert.deepEqual(taken, [message]);
    assert.deepEqual(await inbox.take(false), []);
  });

  test("is closed by a run that ends with nothing in it, and only then", async () => {
    const inbox = createInbox();
    await inbox.take(false);
    inbox.reserve()!.fill(message);
    assert.equal((await inbox.take(true)).length, 1);
    inbox.reserve()!.giveBack();
    assert.equal((await inbox.take(true)).length, 0);
    assert.equal(inbox.reserve(), undefined);
  });

  test("takes a bounded number", () => {
    const inbox = createInbox();
    for (let i = 0; i < 100; i++) inbox.reserve()!.fill(message);
    assert.equal(inbox.reserve(), undefined);
  });
});

describe("a run's time limit", () => {
  test("stands still while somebody is asked, and goes on with what was left", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    let over = false;
    const limit = startTimeLimit(1_000, () => {
      over = true;
    });
    const answer = Promise.withResolvers<void>();
    const asked = limit.pauseFor(answer.promise);
    context.mock.timers.tick(10_000);
    assert.equal(over, false);
    answer.resolve();
    await asked;
    context.mock.timers.tick(1_001);
    assert.equal(over, true);
    limit.clear();
  });
});
