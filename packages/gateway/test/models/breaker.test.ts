import assert from "node:assert/strict";
import { test } from "node:test";
import { onAbort } from "../../src/lib/signals.ts";
import { type Fault, UpstreamFailure } from "../../src/runtime/models/upstream-failure.ts";
import { createBreakers } from "../../src/services/models/breakers.ts";

const forever = new AbortController().signal;

function failure(fault: Fault, afterMs?: number): UpstreamFailure {
  return new UpstreamFailure(fault, "upstream_error", `it is ${fault}`, { afterMs });
}

/** Breakers on a clock of the test's own. */
function setUp() {
  let time = 1_000_000;
  const sleepers = new Set<{ at: number; wake(): void }>();
  const breakers = createBreakers({
    now: () => time,
    sleep: (ms, { signal }) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: time + ms, wake: resolve };
        sleepers.add(sleeper);
        onAbort(signal, () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
  });
  return {
    breakers,
    sleepers,
    pass(ms: number) {
      time += ms;
      for (const it of sleepers) if (it.at <= time) it.wake();
    },
    fail(pair: string, fault: Fault, afterMs?: number) {
      breakers.failed(breakers.enter(pair)!, failure(fault, afterMs));
    },
  };
}

test("a pair rests for 1 s, then 2 s, 4 s …, at most 5 min, and a success forgets it all", () => {
  const { breakers, pass, fail } = setUp();
  const rests: number[] = [];
  for (let count = 0; count < 11; count++) {
    fail("p", "down");
    let rest = 0;
    for (; breakers.enter("p") === undefined; rest += 500) pass(500);
    rests.push(rest);
    breakers.released({ pair: "p", isProbe: true }); // the loop has entered
  }
  assert.deepEqual(rests.slice(0, 5), [1_000, 2_000, 4_000, 8_000, 16_000]);
  assert.equal(rests.at(-1), 300_000);
  breakers.succeeded(breakers.enter("p")!);
  assert.equal(breakers.enter("p")!.isProbe, false);
  fail("p", "down");
  pass(1_000);
  assert.ok(breakers.enter("p"));
});

test("exactly one call probes; the others find the pair shut until it is through", () => {
  const { breakers, pass, fail } = setUp();
  fail("p", "down");
  assert.equal(breakers.enter("p"), undefined);
  pass(1_000);
  const probe = breakers.enter("p");
  assert.ok(probe?.isProbe);
  assert.equal(breakers.enter("p"), undefined);
  assert.equal(breakers.enter("p", "early"), undefined);
  breakers.succeeded(probe);
  assert.equal(breakers.enter("p")?.isProbe, false);
  assert.equal(breakers.enter("p")?.isProbe, false);
});

test("a probe that is called off gives its turn back at once", () => {
  const { breakers, pass, fail } = setUp();
  fail("p", "down");
  pass(1_000);
  breakers.released(breakers.enter("p")!);
  assert.ok(breakers.enter("p")?.isProbe);
});

test("what the provider asks for is respected, even by a call that would come early", () => {
  const { breakers, pass, fail } = setUp();
  fail("p", "limit", 30_000);
  pass(29_999);
  assert.equal(breakers.enter("p"), undefined);
  assert.equal(breakers.enter("p", "early"), undefined);
  pass(1);
  assert.ok(breakers.enter("p")?.isProbe);
});

test("too many requests are waited out even where the provider does not say how long", () => {
  const { breakers, pass, fail } = setUp();
  fail("p", "limit");
  assert.equal(breakers.enter("p", "early"), undefined);
  pass(1_000);
  assert.ok(breakers.enter("p"));
});

test("a refused key, an empty account and an unknown model rest for 5 min, but may be tried early", () => {
  for (const fault of ["key", "money", "model"] as const) {
    const { breakers, pass, fail } = setUp();
    fail("p", fault);
    pass(299_999);
    assert.equal(breakers.enter("p"), undefined);
    const probe = breakers.enter("p", "early");
    assert.ok(probe?.isProbe);
    breakers.released(probe);
    pass(1);
    assert.ok(breakers.enter("p"));
  }
});

test("calls that fail together are one failure", () => {
  const { breakers, pass } = setUp();
  const together = Array.from({ length: 20 }, () => breakers.enter("p")!);
  for (const one of together) breakers.failed(one, failure("down"));
  pass(1_000);
  assert.ok(breakers.enter("p")?.isProbe);
});

test("an absurd Retry-After shuts a pair for an hour, not for ever", () => {
  const { breakers, pass, fail } = setUp();
  fail("p", "limit", 10 ** 12);
  pass(60 * 60_000);
  assert.ok(breakers.enter("p"));
});

test("at most a thousand pairs are remembered, the latest ones", () => {
  const { breakers, fail } = setUp();
  for (let count = 0; count < 1_500; count++) fail(`p${count}`, "key");
  assert.equal(breakers.failedAt("p0"), undefined);
  assert.equal(breakers.failedAt("p499"), undefined);
  assert.ok(breakers.failedAt("p500") !== undefined);
  assert.ok(breakers.failedAt("p1499") !== undefined);
});

test("who waits is woken by the end of a rest or of a probe, and leaves no timer behind", async () => {
  const { breakers, sleepers, pass, fail } = setUp();
  fail("p", "down");
  const first = breakers.wait(["p"], 15_000, { signal: forever });
  pass(1_000);
  assert.equal(await first, "ready");
  const probe = breakers.enter("p")!;
  const second = breakers.wait(["p"], 15_000, { signal: forever });
  breakers.succeeded(probe);
  assert.equal(await second, "ready");
  sleepers.forEach((it) => {
    if (it.at > 1_001_000) assert.fail("a timer is left");
  });
});

test("a probe that takes long is told from a rest that takes long", async () => {
  const { breakers, pass, fail } = setUp();
  fail("p", "key");
  assert.equal(await breakers.wait(["p"], 15_000, { signal: forever }), "never");
  breakers.enter("p", "early");
  const waiting = breakers.wait(["p"], 15_000, { signal: forever });
  pass(15_000);
  assert.equal(await waiting, "timeout");
});

test("a wait ends with the signal's reason", async () => {
  const { breakers, sleepers, fail } = setUp();
  fail("p", "down");
  const abort = new AbortController();
  const waiting = breakers.wait(["p"], 15_000, { signal: abort.signal });
  abort.abort(new Error("gone"));
  await assert.rejects(waiting, /gone/);
  assert.equal(sleepers.size, 0);
});
