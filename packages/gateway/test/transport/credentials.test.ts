import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { Secret } from "../../src/lib/secrets.ts";
import { createCredentials, type NamedToken, type TokenStore } from "../../src/services/credentials.ts";
import { createLockout } from "../../src/services/lockout.ts";
import { createTickets } from "../../src/services/tickets.ts";

const clockAt = (ms: number) => ({ ms, now: () => clock.ms });
const clock = clockAt(1_000_000);

function build(tokens: TokenStore) {
  const tickets = createTickets({ clock });
  const credentials = createCredentials({ mode: "token", token: new Secret("own"), tokens, tickets, clock });
  return { credentials, tickets };
}

const row = (id: string, more: Partial<NamedToken> = {}): NamedToken => ({
  ...{ id, scopes: ["read"], limits: {}, expiresAt: null },
  ...more,
});
const secret = (value: string) => ({ kind: "secret", value }) as const;

describe("credentials", () => {
  it("ask the store once per token, by the sha-256 of its secret", async () => {
    const asked: string[] = [];
    const { credentials } = build({
      find: (key) => {
        asked.push(key);
        return row("t1");
      },
    });
    const first = await credentials.authenticate(secret("oc-1"));
    const second = credentials.authenticate(secret("oc-1"));
    assert.equal(second, first, "answered at once, with the same caller");
    assert.deepEqual(asked, [hash("sha256", "oc-1")]);
  });

  it("never ask the store for the gateway's own token, and give one caller for it", () => {
    const { credentials } = build({ find: () => assert.fail("asked") });
    assert.equal(credentials.authenticate(secret("own")), credentials.authenticate(secret("own")));
  });

  it("do not believe a look-up during which the token was revoked", async () => {
    let answer: (found: NamedToken | undefined) => void = () => {};
    let asked = 0;
    const { credentials } = build({
      find: () => {
        asked++;
        return asked === 1 ? new Promise((resolve) => (answer = resolve)) : undefined;
      },
    });
    const waiting = credentials.authenticate(secret("oc-1"));
    credentials.revoked("t1");
    answer(row("t1"));
    await assert.rejects(async () => waiting, /not valid/);
    assert.equal(asked, 2);
  });

  it("abort the caller of a token when it expires", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { credentials } = build({ find: () => row("t1", { expiresAt: clock.ms + 5000 }) });
    const caller = await credentials.authenticate(secret("oc-1"));
    t.mock.timers.tick(4999);
    assert.equal(caller.revoked.aborted, false);
    clock.ms += 5000;
    t.mock.timers.tick(1);
    assert.equal(caller.revoked.aborted, true);
  });

  it("refuse a ticket whose credential was revoked meanwhile", async () => {
    const { credentials, tickets } = build({ find: () => row("t1") });
    const { ticket } = tickets.issue(await credentials.authenticate(secret("oc-1")));
    credentials.revoked("t1");
    assert.throws(() => credentials.authenticate({ kind: "ticket", value: ticket }), {
      code: "unauthorized",
    });
  });

  it("do not take a ticket for a token, nor a token for a ticket", async () => {
    const { credentials, tickets } = build({ find: () => undefined });
    const { ticket } = tickets.issue(await credentials.authenticate(secret("own")));
    await assert.rejects(async () => credentials.authenticate(secret(ticket)), { code: "unauthorized" });
    assert.throws(() => credentials.authenticate({ kind: "ticket", value: "own" }), { code: "unauthorized" });
  });
});

describe("tickets", () => {
  it("are bounded in number, and room is made by those that expire", async () => {
    const { credentials, tickets } = build({ find: () => undefined });
    const caller = await credentials.authenticate(secret("own"));
    for (let i = 0; i < 10_000; i++) tickets.issue(caller);
    assert.throws(() => tickets.issue(caller), { code: "rate_limited" });
    clock.ms += 30_000;
    assert.ok(tickets.issue(caller));
  });
});

describe("the lock-out", () => {
  it("locks the address that failed ten times and no other", () => {
    const lockout = createLockout({ clock });
    for (let i = 0; i < 9; i++) assert.equal(lockout.failed("10.0.0.1"), false);
    lockout.check("10.0.0.1");
    assert.equal(lockout.failed("10.0.0.1"), true);
    assert.throws(() => lockout.check("10.0.0.1"), { code: "rate_limited", retryAfterMs: 300_000 });
    lockout.check("10.0.0.2");
    clock.ms += 300_000;
    lockout.check("10.0.0.1");
  });

  it("forgets the oldest of very many addresses rather than growing", () => {
    const lockout = createLockout({ clock });
    for (let i = 0; i < 10; i++) lockout.failed("first");
    for (let i = 0; i < 10_000; i++) lockout.failed(`address ${i}`);
    lockout.check("first");
  });
});
