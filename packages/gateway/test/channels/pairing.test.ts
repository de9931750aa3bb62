import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import { createPairing, type Pairings } from "../../src/services/channels/pairing.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";

const minute = 60_000;
const dir = mkdtempSync(join(tmpdir(), "openclaw-pairing-"));
const owner = { id: "gateway" };
let db: Database;
let now = 1_000_000;
let made = 0;
let pairing: Pairings;
/** Each test has a channel of its own. */
let channelId = "";

before(async () => {
  db = await openDatabase(join(dir, "one.db"), "process", 0);
});

after(async () => {
  await db.close();
  rmSync(dir, { recursive: true, force: true });
});

beforeEach(() => {
  made += 1;
  channelId = `channel-${made}`;
  pairing = createPairing({ db, clock: { now: () => now }, randomBytes });
});

const place = (peerId: string, accountId = "default") => ({ channelId, accountId, peerId });

async function ask(peerId: string, more: { accountId?: string; name?: string } = {}) {
  const { accountId, name } = more;
  const asked = await pairing.request({ ...place(peerId, accountId), name, chatId: `chat-${peerId}` });
  if (typeof asked === "string") throw new Error(`refused: ${asked}`);
  return asked;
}

const approve = (code: string) => pairing.approve({ channelId, code }, owner);
const refused = (code: string, param?: string) => (thrown: unknown) =>
  thrown instanceof GatewayError && thrown.code === code && thrown.param === param;
const historyOf = async () =>
  (await pairing.history({ channelId })).events.map((it) => `${it.event} ${it.peerId} ${it.by}`);

describe("pairing", () => {
  it("gives a stranger a code, lets him in with it, and tells where to say so", async () => {
    const { code, isNew } = await ask("7", { name: "Anna" });
    assert.match(code, /^[2-9A-HJ-NP-Z]{8}$/);
    assert.equal(isNew, true);
    assert.equal(await pairing.isApproved(place("7")), false);
    const { pairing: row, chatId } = await approve(code);
    assert.deepEqual(
      [row.state, row.peerId, row.name, row.code, chatId],
      ["approved", "7", "Anna", null, "chat-7"],
    );
    assert.equal(await pairing.isApproved(place("7")), true);
    assert.equal(await pairing.isApproved(place("7", "other")), false);
    assert.equal(await pairing.request({ ...place("7"), chatId: "c" }), "approved");
    assert.deepEqual(await historyOf(), ["approved 7 gateway", "requested 7 null"]);
  });

  it("tells the same code to whoever asks again within the hour, and then another", async () => {
    const first = await ask("7");
    now += 59 * minute;
    assert.deepEqual(await ask("7"), { code: first.code, isNew: false });
    now += minute;
    const second = await ask("7");
    assert.equal(second.isNew, true);
    assert.notEqual(second.code, first.code);
    await assert.rejects(approve(first.code), refused("not_found", "code"));
    assert.deepEqual(await historyOf(), ["requested 7 null", "expired 7 null", "requested 7 null"]);
  });

  it("lets one request of several at the same time make the code", async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => ask("7")));
    assert.equal(all.filter((it) => it.isNew).length, 1);
    assert.equal(new Set(all.map((it) => it.code)).size, 1);
  });

  it("lets three wait on an account; those that have waited an hour make room", async () => {
    for (const peer of ["1", "2", "3"]) await ask(peer);
    assert.equal(await pairing.request({ ...place("4"), chatId: "c" }), "full");
    assert.equal((await ask("4", { accountId: "second" })).isNew, true);
    now += 60 * minute;
    assert.equal((await pairing.list({ channelId })).pairings.length, 0);
    assert.equal((await ask("4")).isNew, true);
    assert.equal((await historyOf()).filter((it) => it.startsWith("expired")).length, 4);
  });

  it("takes a code in small letters, with spaces and dashes", async () => {
    const { code } = await ask("7");
    const typed = ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4, 6)} – ${code.slice(6)} `;
    assert.equal((await approve(typed)).pairing.peerId, "7");
  });

  it("takes a code once, of its own channel and account only", async () => {
    const { code } = await ask("7", { accountId: "work" });
    await assert.rejects(
      pairing.approve({ channelId: "elsewhere", code }, owner),
      refused("not_found", "code"),
    );
    await assert.rejects(
      pairing.approve({ channelId, accountId: "default", code }, owner),
      refused("not_found", "code"),
    );
    assert.equal((await approve(code)).pairing.accountId, "work");
    await assert.rejects(approve(code), refused("not_found", "code"));
  });

  it("stops whoever tries codes after ten wrong ones, also at the same time, until ten minutes are over", async () => {
    const { code } = await ask("7");
    const tries = await Promise.allSettled(Array.from({ length: 15 }, () => approve("AAAAAAAA")));
    const codes = tries.map((it) => it.status === "rejected" && it.reason.code);
    assert.equal(codes.filter((it) => it === "not_found").length, 10);
    assert.equal(codes.filter((it) => it === "rate_limited").length, 5);
    await assert.rejects(approve(code), refused("rate_limited"));
    await assert.rejects(
      pairing.approve({ channelId: "another", code }, owner),
      refused("not_found", "code"),
    );
    now += 10 * minute;
    assert.equal((await approve(code)).pairing.state, "approved");
  });

  it("does not count codes that were right", async () => {
    for (let n = 0; n < 12; n += 1) await approve((await ask(`peer-${n}`)).code);
    assert.equal((await pairing.list({ channelId })).pairings.length, 12);
  });

  it("removes whoever was let in or waits, and clears all who wait", async () => {
    await approve((await ask("in")).code);
    await ask("waits");
    await ask("too", { accountId: "work" });
    assert.deepEqual(await pairing.remove({ channelId, peerId: "in" }, owner), { removed: true });
    assert.deepEqual(await pairing.remove({ channelId, peerId: "in" }, owner), { removed: false });
    assert.equal(await pairing.isApproved(place("in")), false);
    assert.deepEqual(await pairing.clear({ channelId, accountId: "work" }, owner), { cleared: 1 });
    assert.deepEqual(await pairing.clear({ channelId }, owner), { cleared: 1 });
    assert.deepEqual((await pairing.list({ channelId })).pairings, []);
    assert.deepEqual((await historyOf()).slice(0, 3), [
      "cleared waits gateway",
      "cleared too gateway",
      "removed in gateway",
    ]);
  });

  it("lists those who wait first, with their codes", async () => {
    const first = await ask("1");
    await approve(first.code);
    const second = await ask("2");
    const rows = (await pairing.list({ channelId })).pairings;
    assert.deepEqual(
      rows.map((it) => [it.peerId, it.state, it.code]),
      [
        ["2", "pending", second.code],
        ["1", "approved", null],
      ],
    );
  });

  it("keeps a stranger's name short, on one line and without what commands a terminal", async () => {
    await ask("7", { name: `\u001b[31mOwner\n\u202egateway${"x".repeat(500)}` });
    const [row] = (await pairing.list({ channelId })).pairings;
    assert.equal([...(row?.name ?? "")].length, 100);
    assert.doesNotMatch(row?.name ?? "", /[\p{Cc}\p{Cf}]/u);
  });

  it("draws codes of which every character is as likely as every other", async () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte += 8) {
      const bytes = Uint8Array.from({ length: 8 }, (_, index) => byte + index);
      const drawing = createPairing({ db, clock: { now: () => now }, randomBytes: () => bytes });
      const asked = await drawing.request({ ...place("7", `account-${byte}`), chatId: "c" });
      if (typeof asked === "string") throw new Error(asked);
      for (const letter of asked.code) counts.set(letter, (counts.get(letter) ?? 0) + 1);
      await drawing.clear({ channelId }, owner);
    }
    assert.equal(counts.size, 32);
    assert.deepEqual(new Set(counts.values()), new Set([8]));
  });

  it("never gives two who wait on a channel the same code", async () => {
    const drawn = [0, 0, 0, 1];
    const drawing = createPairing({
      db,
      clock: { now: () => now },
      randomBytes: (size) => new Uint8Array(size).fill(drawn.shift() ?? 2),
    });
    const codes = [];
    for (const account of ["a", "b"])
      codes.push(await drawing.request({ ...place("7", account), chatId: "c" }));
    assert.deepEqual(codes, [
      { code: "22222222", isNew: true },
      { code: "33333333", isNew: true },
    ]);
  });

  it("keeps the last thousand events, and none for longer than ninety days", async () => {
    for (let n = 0; n < 510; n += 1) {
      await ask(`peer-${n}`);
      await pairing.clear({ channelId }, owner);
    }
    const all = await db.read.selectFrom("pairing_history").selectAll().execute();
    assert.equal(all.length, 1_000);
    assert.equal((await pairing.history({ channelId, limit: 3 })).events.length, 3);
    now += 90 * 24 * 60 * minute + 1;
    assert.deepEqual(await historyOf(), []);
    await ask("new");
    assert.equal((await db.read.selectFrom("pairing_history").selectAll().execute()).length, 1);
  });
});
