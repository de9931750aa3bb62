import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { filesRig } from "./files-rig.ts";

test("read gives a text with its lines, and how to go on where there are more", async (t) => {
  const { call, workspace } = await filesRig(t);
  await writeFile(join(workspace, "a.txt"), "one\ntwo\nthree\nfour\n");
  assert.deepEqual(await call("read", { path: "a.txt" }), {
    ...{ path: "a.txt", lines: "1-4", totalLines: 4, text: "one\ntwo\nthree\nfour\n" },
  });
  assert.deepEqual(await call("read", { path: "./a.txt", offset: 2, limit: 2 }), {
    ...{ path: "a.txt", lines: "2-3", totalLines: 4, text: "two\nthree\n", next: 4 },
  });
  assert.match((await call("read", { path: "a.txt", offset: 5 })).error ?? "", /has 4 lines/);
});

test("read knows empty files, and files that do not end with a newline", async (t) => {
  const { call, workspace } = await filesRig(t);
  await writeFile(join(workspace, "empty"), "");
  await writeFile(join(workspace, "open"), "one\ntwo");
  const empty = await call("read", { path: "empty" });
  assert.deepEqual([empty.lines, empty.totalLines, empty.text], ["none", 0, ""]);
  const open = await call("read", { path: "open" });
  assert.deepEqual([open.lines, open.totalLines, open.text], ["1-2", 2, "one\ntwo"]);
});

test("reading on and on gives a long file whole, in pieces that are bounded", async (t) => {
  const { call, workspace } = await filesRig(t);
  const whole = Array.from({ length: 5_000 }, (_, index) => `line ${index} ${"ü".repeat(index % 90)}\n`).join(
    "",
  );
  await writeFile(join(workspace, "long.txt"), whole);
  let text = "";
  let calls = 0;
  for (let next: unknown = 1; next !== undefined; calls++) {
    const piece = await call("read", { path: "long.txt", offset: next });
    assert.ok(Buffer.byteLength(String(piece.text)) <= 100_000);
    text += piece.text;
    next = piece.next;
  }
  assert.equal(text, whole);
  assert.ok(calls > 4 && calls < 12, `${calls} calls`);
});

test("a line that is too long is cut between two characters, and the lines after it can be read", async (t) => {
  const { call, workspace } = await filesRig(t);
  await writeFile(join(workspace, "wide.txt"), `xx${"語".repeat(300_000)}\nlast\n`);
  const { text, lines, next, note, totalLines } = await call("read", { path: "wide.txt" });
  assert.deepEqual([lines, next, totalLines], ["1-1", 2, 2]);
  assert.match(String(text), /^xx語+$/);
  assert.ok(Buffer.byteLength(String(text)) > 99_990);
  assert.match(String(note), /cut off/);
  assert.equal((await call("read", { path: "wide.txt", offset: 2 })).text, "last\n");
});

test("what is no text is named by its kind and size instead", async (t) => {
  const { call, workspace } = await filesRig(t);
  await writeFile(join(workspace, "a.png"), Buffer.from("\x89PNG\r\n\x1a\n\0\0\0", "latin1"));
  await writeFile(join(workspace, "b.bin"), Buffer.from([1, 2, 0, 3]));
  await writeFile(join(workspace, "latin1.txt"), Buffer.from("caf\xe9", "latin1"));
  assert.match((await call("read", { path: "a.png" })).error ?? "", /a PNG image, 11 bytes/);
  assert.match((await call("read", { path: "b.bin" })).error ?? "", /binary data, 4 bytes/);
  assert.match((await call("read", { path: "latin1.txt" })).error ?? "", /no UTF-8 text/);
  assert.match(
    (await call("edit", { path: "b.bin", edits: [{ old: "a", new: "b" }] })).error ?? "",
    /no UTF-8/,
  );
});

test("files beyond the bounds are refused before they are read", async (t) => {
  const { call, workspace } = await filesRig(t);
  const huge = async (name: string, size: number) => {
    await writeFile(join(workspace, name), "");
    await truncate(join(workspace, name), size);
  };
  await huge("huge", 40 * 1024 * 1024);
  await huge("big", 3 * 1024 * 1024);
  assert.match((await call("read", { path: "huge" })).error ?? "", /40\.0 MB, 32\.0 MB is the most/);
  assert.match(
    (await call("edit", { path: "big", edits: [{ old: "a", new: "b" }] })).error ?? "",
    /3\.0 MB, 1\.0 MB/,
  );
  const content = "é".repeat(2_700_000);
  assert.match((await call("write", { path: "new", content })).error ?? "", /5242880 is the most/);
  assert.match((await call("read", { path: "missing" })).error ?? "", /no file "missing"/);
  assert.match((await call("read", { path: "." })).error ?? "", /is a folder/);
  assert.match((await call("write", { path: ".", content: "" })).error ?? "", /workspace itself/);
});

test("write makes a file and its folders, and tells whether it is new", async (t) => {
  const { call, workspace } = await filesRig(t);
  const made = await call("write", { path: "a/b/c.txt", content: "grüße" });
  assert.deepEqual(made, { path: "a/b/c.txt", bytes: 7, created: true });
  const again = await call("write", { path: "a/b/c.txt", content: "" });
  assert.deepEqual(again, { path: "a/b/c.txt", bytes: 0, created: false });
  assert.equal(await readFile(join(workspace, "a/b/c.txt"), "utf8"), "");
  assert.deepEqual(await readdir(join(workspace, "a/b")), ["c.txt"], "no draft stays behind");
  assert.match((await call("write", { path: "a/b/c.txt/d", content: "" })).error ?? "", /no folder/);
  assert.match((await call("write", { path: "a/b", content: "" })).error ?? "", /is a folder/);
});

test("a file that is written anew keeps its permissions, but no right to run as its owner", async (t) => {
  const { call, workspace } = await filesRig(t);
  const path = join(workspace, "run.sh");
  await writeFile(path, "one");
  await chmod(path, 0o4750);
  await call("write", { path: "run.sh", content: "two" });
  assert.equal((await stat(path)).mode & 0o7777, 0o750);
});

test("a workspace that is not there yet is empty, and made by the first write", async (t) => {
  const { call, workspace } = await filesRig(t);
  await rm(workspace, { recursive: true });
  assert.deepEqual((await call("list", {})).entries, []);
  assert.deepEqual((await call("search", { pattern: "x" })).matches, []);
  assert.match((await call("read", { path: "x" })).error ?? "", /no file/);
  assert.match((await call("write", { path: "../x", content: "" })).error ?? "", /leads out/);
  assert.equal((await call("write", { path: "x", content: "text" })).created, true);
  assert.equal(await readFile(join(workspace, "x"), "utf8"), "text");
});

test("nothing is written once the run is aborted", async (t) => {
  const { call, workspace } = await filesRig(t);
  const controller = new AbortController();
  const options = { signal: controller.signal, meanwhile: async () => controller.abort(new Error("enough")) };
  await assert.rejects(call("write", { path: "x", content: "" }, options), /enough/);
  assert.deepEqual(await readdir(workspace), []);
});

test("edit replaces text that is there once, and several edits are done in order", async (t) => {
  const { call, workspace } = await filesRig(t);
  const path = join(workspace, "a.txt");
  await writeFile(path, "one\ntwo $& three\n");
  const edits = [
    { old: "two $& three", new: "2 $& $1" },
    { old: "2", new: "zwei" },
  ];
  assert.equal((await call("edit", { path: "a.txt", edits })).replacements, 2);
  assert.equal(await readFile(path, "utf8"), "one\nzwei $& $1\n");
});

test("edit changes nothing where one of its edits does not fit, and tells why", async (t) => {
  const { call, workspace } = await filesRig(t);
  const path = join(workspace, "a.txt");
  const text = "x = 1\ny = 1\n    deeply = indented\nx = 1\n";
  await writeFile(path, text);
  const first = { old: "y = 1", new: "y = 2" };
  const errorOf = async (edit: object) =>
    (await call("edit", { path: "a.txt", edits: [first, edit] })).error ?? "";
  assert.match(await errorOf({ old: "x = 1", new: "x" }), /Edit 2: .* 2 times, at lines 1, 4; give more/);
  assert.match(await errorOf({ old: "  deeply = indented\nz", new: "" }), /Line 3 has "deeply = indented"/);
  assert.match(await errorOf({ old: "nowhere at all", new: "" }), /None of its lines/);
  assert.equal(await readFile(path, "utf8"), text);
  const all = await call("edit", { path: "a.txt", edits: [{ old: "x = 1", new: "x = 3", all: true }] });
  assert.equal(all.replacements, 2);
  assert.equal(await readFile(path, "utf8"), text.replaceAll("x = 1", "x = 3"));
});

test("edits written with plain newlines fit files of Windows, and leave their line ends and mark alone", async (t) => {
  const { call, workspace } = await filesRig(t);
  const path = join(workspace, "a.txt");
  await writeFile(path, "\uFEFFone\r\ntwo\r\nthree\r\n");
  await call("edit", { path: "a.txt", edits: [{ old: "one\ntwo\n", new: "1\n2\n" }] });
  assert.equal(await readFile(path, "utf8"), "\uFEFF1\r\n2\r\nthree\r\n");
});

test("edits that would blow a file up are refused", async (t) => {
  const { call, workspace } = await filesRig(t);
  await writeFile(join(workspace, "a.txt"), "a".repeat(5_000));
  const edits = Array.from({ length: 3 }, () => ({ old: "a", new: "a".repeat(1_000), all: true }));
  assert.match((await call("edit", { path: "a.txt", edits })).error ?? "", /too large|is the most/);
  await writeFile(join(workspace, "b.txt"), "a".repeat(50_000));
  assert.match(
    (await call("edit", { path: "b.txt", edits: [{ old: "a", new: "b", all: true }] })).error ?? "",
    /More than 10000/,
  );
});

test("whoever decides sees what a call would do", async (t) => {
  const { asked, workspace } = await filesRig(t);
  await mkdir(join(workspace, "sub"));
  await writeFile(join(workspace, "sub/a.txt"), "one");
  const write = await asked("write", { path: "sub/../sub/a.txt", content: "three" });
  assert.deepEqual(
    [write?.risks, write?.facts],
    [["file-write"], { path: "sub/a.txt", bytes: 5, created: false }],
  );
  const edit = await asked("edit", { path: "sub/a.txt", edits: [{ old: "one", new: "two!" }] });
  assert.deepEqual(edit?.facts, { path: "sub/a.txt", replacements: 1, bytes: 4 });
  for (const tool of ["read", "list"]) assert.deepEqual((await asked(tool, { path: "sub" }))?.risks, []);
  assert.deepEqual((await asked("search", { pattern: "x" }))?.risks, []);
  assert.equal(await readFile(join(workspace, "sub/a.txt"), "utf8"), "one");
});
