import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import type { Caller } from "../../src/services/access.ts";
import { createLockout } from "../../src/services/lockout.ts";
import { createGate } from "../../src/transport/gate.ts";

/** A guess as it comes from another machine. */
function guess(number: number): IncomingMessage {
  const headers = { authorization: `Bearer guess-${number}` };
  return { headers, socket: { remoteAddress: "192.0.2.7" } } as unknown as IncomingMessage; // all that the gate reads
}

test("guesses that are sent all at once are not all looked up before the first has failed", async () => {
  let lookedUp = 0;
  const wrong = async (): Promise<Caller> => {
    lookedUp += 1;
    await new Promise((resolve) => setImmediate(resolve));
    throw new GatewayError("unauthorized", "wrong");
  };
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const gate = createGate({
    credentials: { authenticate: wrong, revoked() {}, replace() {}, close() {} },
    lockout: createLockout({ clock: { now: () => 0 } }),
    log: silent,
  });
  const codes = await Promise.all(
    Array.from({ length: 500 }, async (_, number) => {
      try {
        await gate.identify(guess(number), undefined);
        return "in";
      } catch (error) {
        return (error as GatewayError).code; // the gate throws nothing else
      }
    }),
  );
  assert.equal(lookedUp, 10);
  assert.equal(codes.filter((code) => code === "unauthorized").length, 10);
  assert.equal(codes.filter((code) => code === "rate_limited").length, 490);
  assert.throws(() => gate.identify(guess(501), undefined), { code: "rate_limited" }, "locked out now");
});
