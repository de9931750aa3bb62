import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { filesRig } from "./files-rig.ts";

const envelope = (...lines: string[]) => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");

test("a patch adds, updates, moves and deletes files at once", async (t) => {
  const { call, asked, workspace } = await filesRig(t);
  const at = (name: string) => join(workspace, name);
  await writeFile(at("a.txt"), "one\ntwo\nthree\n");
  await writeFile(at("old.sh"), "echo 1\n");
  await chmod(at("old.sh"), 0o755);
  await writeFile(at("gone.txt"), "bye\n");
  const patch = envelope(
    ...["*** Add File: new/b.txt", "+first", "+", "+third"],
    ...["*** Update File: a.txt", "@@", " one", "-two", "+2", " three"],
    ...["*** Update File: old.sh", "*** Move to: bin/new.sh", "@@", "-echo 1", "+echo 2"],
    "*** Delete File: gone.txt",
  );
  const files = [
    { path: "new/b.txt", change: "add" },
    { path: "a.txt", change: "update" },
    { path: "old.sh", change: "move", to: "bin/new.sh" },
    { path: "gone.txt", change: "delete" },
  ];
  const seen = await asked("apply_patch", { patch });
  assert.deepEqual([seen?.risks, seen?.facts], [["file-write", "file-delete"], { files }]);
  assert.deepEqual(await call("apply_patch", { patch }), { files });
  assert.equal(await readFile(at("new/b.txt"), "utf8"), "first\n\nthird\n");
  assert.equal(await readFile(at("a.txt"), "utf8"), "one\n2\nthree\n");
  assert.equal(await readFile(at("bin/new.sh"), "utf8"), "echo 2\n");
  assert.equal((await stat(at("bin/new.sh"))).mode & 0o777, 0o755);
  assert.deepEqual((await readdir(workspace, { recursive: true })).sort(), [
    ...["a.txt", "bin", "bin/new.sh", "new", "new/b.txt"],
  ]);
});

test("a patch of which one part does not fit changes nothing, and tells which", async (t) => {
  const { call, workspace } = await filesRig(t);
  await writeFile(join(workspace, "a.txt"), "one\ntwo\n");
  await writeFile(join(workspace, "twice.txt"), "x\ny\nx\ny\n");
  const add = ["*** Add File: new.txt", "+new"];
  const wrong: [string[], RegExp][] = [
    [["*** Update File: a.txt", "@@", "-three", "+3"], /"a\.txt": Hunk 1: what it expects is not there/],
    [["*** Update File: a.txt", "@@ nowhere", "-one", "+1"], /no line "nowhere"/],
    [["*** Update File: twice.txt", "@@", "-x", "+z"], /fits at lines 1, 3; give more/],
    [["*** Update File: missing.txt", "@@", "-x", "+z"], /no file "missing.txt"/],
    [["*** Delete File: missing.txt"], /no file "missing.txt"/],
    [["*** Add File: a.txt", "+x"], /already/],
    [["*** Update File: a.txt", "*** Move to: twice.txt", "@@", "-one", "+1"], /already/],
    [["*** Update File: a.txt", "@@", "-one", "+1", "*** Delete File: ./a.txt"], /twice/],
    [["*** Rename File: a.txt"], /expected \*\*\* Add File/],
    [["*** Update File: a.txt"], /changes nothing/],
    [["*** Update File: a.txt", "@@", "*one"], /start with a blank, - or \+/],
    [["*** Add File: x.txt", "no plus"], /start with \+/],
    [["*** Add File: a.txt/x", "+x"], /no folder/],
  ];
  for (const [lines, why] of wrong) {
    const { error = "" } = await call("apply_patch", { patch: envelope(...add, ...lines) });
    assert.match(error, why);
  }
  assert.match(
    (await call("apply_patch", { patch: "*** Begin Patch\n*** Add File: x\n+x" })).error ?? "",
    /End Patch/,
  );
  assert.match((await call("apply_patch", { patch: "" })).error ?? "", /changes no file/);
  assert.match(
    (await call("apply_patch", { patch: "just text" })).error ?? "",
    /expected \*\*\* Begin Patch/,
  );
  assert.deepEqual((await readdir(workspace)).sort(), ["a.txt", "twice.txt"]);
  assert.equal(await readFile(join(workspace, "a.txt"), "utf8"), "one\ntwo\n");
});

test("what a patch has done is undone when a later part of it fails on the disk", async (t) => {
  const { call, workspace } = await filesRig(t);
  await writeFile(join(workspace, "a.txt"), "one\n");
  await writeFile(join(workspace, "b.txt"), "bye\n");
  // The last two are at odds with each other, which shows only when the first of them is there.
  const patch = envelope(
    ...["*** Update File: a.txt", "-one", "+1", "*** Delete File: b.txt", "*** Add File: first.txt", "+1"],
    ...["*** Add File: x", "+file", "*** Add File: x/y", "+within"],
  );
  assert.ok((await call("apply_patch", { patch })).error);
  assert.equal(await readFile(join(workspace, "a.txt"), "utf8"), "one\n");
  assert.equal(await readFile(join(workspace, "b.txt"), "utf8"), "bye\n");
  assert.deepEqual((await readdir(workspace)).sort(), ["a.txt", "b.txt", "x"]);
  assert.ok((await stat(join(workspace, "x"))).isDirectory(), "an empty folder is all that stays");
});

test("anchors and the end of the file tell which of several like places is meant", async (t) => {
  const { call, workspace } = await filesRig(t);
  const path = join(workspace, "a.py");
  await writeFile(path, "class A:\n  def f():\n    return 1\nclass B:\n  def f():\n    return 1\nend\nend\n");
  const patch = envelope(
    ...["*** Update File: a.py", "@@ class B:", "@@   def f():", "-    return 1", "+    return 2"],
    ...["@@", " end", "+really", "*** End of File"],
  );
  assert.equal((await call("apply_patch", { patch })).error, undefined);
  const expected =
    "class A:\n  def f():\n    return 1\nclass B:\n  def f():\n    return 2\nend\nend\nreally\n";
  assert.equal(await readFile(path, "utf8"), expected);
  const insert = envelope(
    "*** Update File: a.py",
    "@@ class A:",
    "+  x = 1",
    "@@ class B:",
    "+  y = 1",
    "@@",
    "+last",
  );
  assert.equal((await call("apply_patch", { patch: insert })).error, undefined);
  assert.equal(
    await readFile(path, "utf8"),
    expected.replace("A:\n", "A:\n  x = 1\n").replace("B:\n", "B:\n  y = 1\n").concat("last\n"),
  );
});

test("blanks at the ends of lines are forgiven in what a patch expects, and kept in the file", async (t) => {
  const { call, workspace } = await filesRig(t);
  const path = join(workspace, "a.txt");
  await writeFile(path, "one  \r\n\r\ntwo\r\nthree");
  const patch = envelope("*** Update File: a.txt", "@@", " one", "", "-two", "+2", " three", "");
  assert.equal((await call("apply_patch", { patch })).error, undefined);
  assert.equal(await readFile(path, "utf8"), "one  \r\n\r\n2\r\nthree");
});

test("what git diff writes is applied as git applies it", async (t) => {
  const { call, workspace, outside } = await filesRig(t);
  const before = join(outside, "before");
  const after = join(outside, "after");
  const files: [string, string | undefined, string | undefined][] = [
    [
      "a.txt",
      `${"same\n".repeat(30)}one\n${"same\n".repeat(30)}`,
      `${"same\n".repeat(30)}1\n2\n${"same\n".repeat(30)}`,
    ],
    ["sub/b c.txt", "x\ny\nz", "x\nY\nz\n"],
    ["gone.txt", "bye\n", undefined],
    ["new.txt", undefined, "-- dash\n++ plus\nno newline"],
    ["empty-lines.txt", "a\n\n\nb\n", "a\n\nb\n\n"],
  ];
  for (const [name, old, fresh] of files) {
    for (const [folder, text] of [
      [before, old],
      [workspace, old],
      [after, fresh],
    ] as const) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      if (text !== undefined) await writeFile(join(folder, name), text);
    }
  }
  const patch = diffOf(outside);
  assert.equal((await call("apply_patch", { patch })).error, undefined, patch);
  for (const [name, , fresh] of files) {
    const text = await readFile(join(workspace, name), "utf8").catch(() => undefined);
    assert.equal(text, fresh, name);
  }
});

/** `git diff` ends with 1 where there are differences. */
function diffOf(folder: string): string {
  try {
    return execFileSync("git", ["diff", "--no-index", "--no-prefix", "before", "after"], {
      cwd: folder,
      encoding: "utf8",
    });
  } catch (error) {
    const { stdout } = error as { stdout: string }; // as execFileSync documents it
    return stdout.replaceAll(
      /^(---|\+\+\+) (before|after)\//gm,
      (_, mark) => `${mark} ${mark === "---" ? "a" : "b"}/`,
    );
  }
}

test("patches and files that are made to be slow are refused in time, and others get their turn meanwhile", async (t) => {
  const { call, workspace } = await filesRig(t);
  await writeFile(join(workspace, "same.txt"), "\n".repeat(90_000));
  await writeFile(join(workspace, "lines.txt"), "\n".repeat(110_000));
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const hunk = ["@@", ...Array.from({ length: 4_000 }, () => " "), "-x", "+y"];
  const patch = envelope("*** Update File: same.txt", ...hunk, ...hunk);
  const { error = "" } = await call("apply_patch", { patch });
  clearInterval(timer);
  assert.match(error, /looks alike/);
  const lines = await call("apply_patch", { patch: patch.replace("same.txt", "lines.txt") });
  assert.match(lines.error ?? "", /more than 100000 lines/);
  assert.ok(longest < 500, `the event loop stood still for ${longest.toFixed()} ms`);
});
