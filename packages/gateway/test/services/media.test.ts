import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { pino } from "pino";
import { createIds } from "../../src/lib/ids.ts";
import { startMaintenance } from "../../src/services/maintenance.ts";
import { createMedia, type MediaDeps, type MediaFacts } from "../../src/services/media.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { burySession, insertSession } from "../../src/storage/sessions.ts";
import { until } from "../support/until.ts";

const { signal } = new AbortController();
const day = 24 * 60 * 60 * 1000;
const facts: MediaFacts = {
  name: "a.txt",
  mimeType: null,
  origin: "download",
  source: null,
  sessionKey: null,
};

/** A store in folders of its own, with a clock that stands still until it is set. */
async function store(t: TestContext, more: Partial<MediaDeps> = {}) {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-media-"));
  const db = await openDatabase(join(dir, "one.db"), "process", 0);
  t.after(async () => {
    await db.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const clock = { at: Date.UTC(2026, 0, 1), now: () => clock.at };
  const folder = join(dir, "media");
  const deps = { db, folder, ids: createIds(clock.now), clock, log: pino({ level: "silent" }), ...more };
  const media = createMedia(deps);
  const names = () => (existsSync(folder) ? readdirSync(folder).sort() : []);
  const rows = async () => (await media.list({ limit: 500 })).media.map((it) => it.mediaId).sort();
  const keep = async (text: string, its: Partial<MediaFacts> = {}) => {
    clock.at += 1;
    return media.keep({ bytes: Buffer.from(text) }, { ...facts, ...its });
  };
  const session = (key: string) =>
    db.write((tx) =>
      insertSession(tx, {
        ...{ key, agentId: "default", owner: "gateway", channel: "webchat" },
        ...{ listed: true, title: null, now: 0 },
      }),
    );
  return { ...deps, dir, clock, media, names, rows, keep, session };
}

describe("a file that is kept", () => {
  it("is there with what is known of it, in a folder for its owner alone", async (t) => {
    const { media, keep, folder, clock } = await store(t);
    assert.equal(existsSync(folder), false);
    const made = await keep("Hello", {
      name: "greeting.txt",
      sessionKey: "one",
      source: "https://a.example/",
    });
    const expected = {
      ...{ mediaId: made.mediaId, name: "greeting.txt", mimeType: "text/plain", size: 5, origin: "download" },
      ...{ source: "https://a.example/", sessionKey: "one", createdAt: new Date(clock.at).toISOString() },
    };
    assert.deepEqual(made, expected);
    const data = Buffer.from("Hello").toString("base64");
    assert.deepEqual(await media.get(made.mediaId, { signal }), { ...expected, data });
    const opened = await media.open(made.mediaId);
    assert.deepEqual(opened.media, expected);
    assert.equal(readFileSync(opened.path, "utf8"), "Hello");
    assert.deepEqual(
      [folder, opened.path].map((path) => statSync(path).mode & 0o777),
      [0o700, 0o600],
    );
    assert.deepEqual(await media.delete(made.mediaId), { deleted: true, mediaId: made.mediaId });
    assert.equal(existsSync(opened.path), false);
    for (const again of [media.get(made.mediaId), media.open(made.mediaId), media.delete(made.mediaId)]) {
      await assert.rejects(again, { code: "not_found", param: "mediaId" });
    }
  });

  it("is taken away from where it lay, and is its owner's alone afterwards", async (t) => {
    const { media, dir } = await store(t);
    const path = join(dir, "download");
    writeFileSync(path, "bytes");
    chmodSync(path, 0o644);
    const { mediaId, size } = await media.keep({ path }, facts);
    assert.equal(size, 5);
    assert.equal(existsSync(path), false);
    assert.equal(statSync((await media.open(mediaId)).path).mode & 0o777, 0o600);
  });

  it("is no link, folder or missing thing: nothing is left of the attempt", async (t) => {
    const { media, dir, names, rows } = await store(t);
    const secret = join(dir, "secret");
    writeFileSync(secret, "secret");
    const link = join(dir, "link");
    symlinkSync(secret, link);
    mkdirSync(join(dir, "folder"));
    for (const path of [link, join(dir, "folder"), join(dir, "none")]) {
      await assert.rejects(media.keep({ path }, facts));
    }
    assert.deepEqual([names(), await rows()], [[], []]);
    assert.equal(readFileSync(secret, "utf8"), "secret");
  });

  it("has a name that is no path, whatever it was called", async (t) => {
    const { keep, names } = await store(t);
    const called: [string, string][] = [
      ["../../etc/passwd", "passwd"],
      ["C:\\Windows\\evil.exe", "evil.exe"],
      ["..", "download"],
      [".bashrc", "bashrc"],
      ["", "download"],
      ["re\u0000port\u202etxt.pdf\n", "reporttxt.pdf"],
      ["half \ud800.txt", "half \ufffd.txt"],
    ];
    for (const [name, kept] of called) assert.equal((await keep("x", { name })).name, kept);
    const long = (await keep("x", { name: `${"n".repeat(5_000)}.pdf` })).name;
    assert.ok(long.length <= 100 && long.endsWith(".pdf"), long);
    for (const name of names()) assert.match(name, /^media-[a-z0-9]+$/);
  });

  it("is of the type that its bytes show, not of the one that it claims", async (t) => {
    const { keep, media } = await store(t);
    const type = async (text: string, mimeType: string | null) => (await keep(text, { mimeType })).mimeType;
    assert.equal(await type("<!doctype html><p>x", "text/plain"), "text/html");
    assert.equal(await type("<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"), "image/svg+xml");
    assert.equal(await type("a,b", "text/csv"), "text/csv");
    assert.equal(await type("\0\0\0", "image/png"), "application/octet-stream");
    assert.equal(await type("\0\0\0", "application/x-own"), "application/x-own");
    assert.equal(await type("\0\0\0", "application/x\r\nSet-Cookie: a=b"), "application/octet-stream");
    // Larger than what is looked at: it is known by its beginning and its end.
    const zip = Buffer.concat([
      Buffer.from("PK\x03\x04"),
      Buffer.alloc(300_000),
      Buffer.from("[Content_Types].xml word/document.xml"),
    ]);
    const { mimeType } = await media.keep({ bytes: zip }, facts);
    assert.match(mimeType, /wordprocessingml/);
    assert.equal((await media.keep({ bytes: Buffer.alloc(300_000, "x") }, facts)).mimeType, "text/plain");
  });

  it("tells where it comes from without a password, and briefly", async (t) => {
    const { keep } = await store(t);
    const source = async (text: string) => (await keep("x", { source: text })).source;
    assert.equal(await source("https://ann:pw@a.example/x?y=1"), "https://a.example/x?y=1");
    assert.equal(await source("no\u001b[31m address"), "no[31m address");
    assert.equal((await source(`data:text/plain,${"x".repeat(100_000)}`))?.length, 2_048);
  });

  it("is not given as base64 beyond 32 MB, and can be streamed", async (t) => {
    const { media } = await store(t);
    const bytes = Buffer.alloc(32 * 1024 * 1024 + 1);
    const { mediaId } = await media.keep({ bytes }, facts);
    await assert.rejects(media.get(mediaId), (error: Error & { code: string }) => {
      assert.equal(error.code, "payload_too_large");
      assert.match(error.message, new RegExp(`GET /v1/media/${mediaId}/content`));
      return true;
    });
    assert.equal(statSync((await media.open(mediaId)).path).size, bytes.length);
  });
});

describe("the list of files", () => {
  it("goes from the newest to the oldest, page after page, without a gap or a double", async (t) => {
    const { media, keep, clock } = await store(t);
    for (let n = 0; n < 7; n += 1) {
      if (n % 2 === 0) clock.at -= 1; // some come within the same millisecond
      await keep(`${n}`, { sessionKey: n % 2 === 0 ? "even" : "odd" });
    }
    const seen: { mediaId: string; createdAt: string }[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await media.list({ limit: 3, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.media);
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    assert.equal(new Set(seen.map((it) => it.mediaId)).size, 7);
    const times = seen.map((it) => it.createdAt);
    assert.deepEqual(times, times.toSorted().reverse());
    assert.equal((await media.list({ sessionKey: "even" })).media.length, 4);
    for (const cursor of ["x", Buffer.from("[1]").toString("base64url")]) {
      await assert.rejects(media.list({ cursor }), { code: "invalid_request", param: "cursor" });
    }
  });
});

describe("files and their rows", () => {
  it("a crash before the row leaves nothing behind once it was cleared up", async (t) => {
    const { media, keep, folder, names } = await store(t);
    const { mediaId } = await keep("stays");
    writeFileSync(join(folder, "media-0000000000crashed"), "no row came");
    writeFileSync(join(folder, "media-0000000001unfinished.part"), "half");
    writeFileSync(join(folder, "Not Ours"), "somebody else's");
    await media.clearUp({ signal });
    assert.deepEqual(names(), ["Not Ours", mediaId]);
  });

  it("a row whose file is gone is not told of any more", async (t) => {
    const { media, keep, folder, rows } = await store(t);
    const ids = [await keep("a"), await keep("b"), await keep("c")].map((it) => it.mediaId);
    for (const id of ids.slice(1)) rmSync(join(folder, id));
    await assert.rejects(media.get(ids[1]!), { code: "not_found" });
    assert.deepEqual(await rows(), [ids[0], ids[2]]);
    await media.clearUp({ signal });
    assert.deepEqual(await rows(), [ids[0]]);
  });

  it("a row that cannot be written takes its file along", async (t) => {
    const own = await store(t);
    const db = { ...own.db, write: () => Promise.reject(new Error("the disk is gone")) };
    await assert.rejects(
      createMedia({ ...own, db }).keep({ bytes: Buffer.from("x") }, facts),
      /disk is gone/,
    );
    assert.deepEqual(own.names(), []);
  });

  it("clearing up leaves alone what is being kept meanwhile", async (t) => {
    const { media, keep, rows, names } = await store(t);
    const kept = Promise.all(Array.from({ length: 24 }, (_, n) => keep(`${n}`)));
    for (let isDone = false; !isDone; ) {
      await media.clearUp({ signal });
      isDone = await Promise.race([
        kept.then(() => true),
        new Promise<boolean>((go) => setImmediate(go, false)),
      ]);
    }
    const ids = (await kept).map((it) => it.mediaId).sort();
    await media.clearUp({ signal });
    assert.deepEqual([await rows(), names()], [ids, ids]);
  });

  it("what is older than 30 days goes, however much it is", async (t) => {
    const { media, keep, clock, rows, names } = await store(t);
    for (let n = 0; n < 25; n += 1) await keep("old");
    clock.at += 29 * day;
    const { mediaId } = await keep("young");
    await media.clearUp({ signal });
    assert.equal((await rows()).length, 26);
    clock.at += 1.5 * day;
    await media.clearUp({ signal });
    assert.deepEqual([await rows(), names()], [[mediaId], [mediaId]]);
  });

  it("the oldest go as soon as there are too many bytes or files, and no more than have to", async (t) => {
    const bytes = await store(t, { kept: { ms: day, bytesAtMost: 10, filesAtMost: 100 } });
    for (const text of ["1234", "56", "7890"]) await bytes.keep(text);
    assert.equal((await bytes.rows()).length, 3);
    const { mediaId } = await bytes.keep("ab");
    const { media } = await bytes.media.list({});
    assert.deepEqual(
      media.map((it) => it.size),
      [2, 4, 2],
    );
    assert.equal(media[0]?.mediaId, mediaId);
    assert.equal(bytes.names().length, 3);

    const files = await store(t, { kept: { ms: day, bytesAtMost: 1_000, filesAtMost: 3 } });
    for (let n = 0; n < 5; n += 1) await files.keep(`${n}`);
    assert.equal((await files.rows()).length, 3);
    assert.equal(files.names().length, 3);
  });

  it("a deleted session's files are out of sight at once, and gone once it was cleared up behind it", async (t) => {
    const own = await store(t);
    const { db, clock, log, media, keep, session, rows, names } = own;
    const [one, other] = [await session("one"), await session("other")];
    const gone = await keep("gone", { sessionKey: "one", sessionId: one.id });
    const stays = await keep("stays", { sessionKey: "other", sessionId: other.id });
    await db.write((tx) => burySession(tx, one.id));
    assert.deepEqual(await rows(), [stays.mediaId]);
    await assert.rejects(media.get(gone.mediaId), { code: "not_found" });
    await assert.rejects(keep("late", { sessionId: one.id }), { code: "not_found", param: "sessionKey" });
    await assert.rejects(keep("never", { sessionId: 999 }), { code: "not_found", param: "sessionKey" });

    const maintenance = startMaintenance({ db, clock, log, media });
    t.after(() => maintenance.close());
    maintenance.nudge();
    await until(() => names().length === 1, "the file is gone");
    await maintenance.close();
    assert.deepEqual(names(), [stays.mediaId]);
  });
});
