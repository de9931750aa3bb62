import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { lockFile } from "../../src/storage/sqlite.ts";
import { insertToken, listTokens } from "../../src/storage/tokens.ts";

const dir = mkdtempSync(join(tmpdir(), "openclaw-database-"));
after(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
const open = () => openDatabase(join(dir, `${files++}.db`), "process", 0);

const tokenRow = (id: string) => ({
  id,
  name: id,
  hash: id,
  scopes_json: "[]",
  limits_json: "{}",
  created_at: 0,
  expires_at: null,
});

async function ids(db: Database): Promise<string[]> {
  return (await listTokens(db.read)).map((row) => row.id).sort();
}

test("writes of one tick share commits and are readable when they resolve", async () => {
  const db = await open();
  const names = Array.from({ length: 40 }, (_, index) => `t${String(index).padStart(2, "0")}`);
  await Promise.all(names.map((id) => db.write((tx) => insertToken(tx, tokenRow(id)))));
  assert.deepEqual(await ids(db), names);
  assert.ok(db.commits.count < names.length, `${db.commits.count} commits`); // how few depends on the machine
  await db.close();
});

test("a job that fails takes none of its neighbours along and leaves nothing behind", async () => {
  const db = await open();
  const results = await Promise.allSettled([
    db.write((tx) => insertToken(tx, tokenRow("before"))),
    db.write(async (tx) => {
      await insertToken(tx, tokenRow("half"));
      throw new Error("changed my mind");
    }),
    db.write((tx) => insertToken(tx, tokenRow("before"))),
    db.write((tx) => insertToken(tx, tokenRow("after"))),
  ]);
  assert.deepEqual(
    results.map((it) => it.status),
    ["fulfilled", "rejected", "rejected", "fulfilled"],
  );
  assert.deepEqual(await ids(db), ["after", "before"]);
  await db.close();
});

test("what was written is there after closing and opening again, in a file for its owner alone", async () => {
  const file = join(dir, "again.db");
  const first = await openDatabase(file, "full", 0);
  await first.write((tx) => insertToken(tx, tokenRow("kept")));
  await first.close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const second = await openDatabase(file, "full", 0);
  assert.deepEqual(await ids(second), ["kept"]);
  await second.close();
  await assert.rejects(second.write((tx) => insertToken(tx, tokenRow("late"))));
});

test("a lock is held once and free again when it is given back", () => {
  const file = join(dir, "gateway.lock");
  const release = lockFile(file);
  assert.ok(release);
  assert.equal(lockFile(file), undefined);
  release();
  const again = lockFile(file);
  assert.ok(again);
  again();
});

test("readers see nothing of a transaction that is under way, and all of it once it is committed", async () => {
  const db = await open();
  await db.write((tx) => insertToken(tx, tokenRow("first")));
  const seen: string[][] = [await ids(db)];
  await db.write(async (tx) => {
    await insertToken(tx, tokenRow("second"));
    seen.push(await ids(db));
  });
  seen.push(await ids(db));
  assert.deepEqual(seen, [["first"], ["first"], ["first", "second"]]);
  await db.close();
});

test("what is read with cannot write", async () => {
  const db = await open();
  const attempt = db.read.deleteFrom("tokens").returning("id").execute();
  await assert.rejects(attempt, /readonly/);
  await db.close();
});
