import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "rolldown";
import { globMatcher } from "../../src/runtime/tools/glob.ts";
import type { createLineSearch as CreateLineSearch } from "../../src/runtime/tools/line-search.ts";
import { filesRig } from "./files-rig.ts";

async function plant(workspace: string, files: Record<string, string | Buffer>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(workspace, name, ".."), { recursive: true });
    await writeFile(join(workspace, name), content);
  }
}

test("list shows a folder in order, and goes as deep as it is told", async (t) => {
  const { call, workspace } = await filesRig(t);
  await plant(workspace, {
    "b.txt": "",
    "a/x/deep.txt": "",
    "a/y.txt": "",
    "node_modules/m/i.js": "",
    ".git/HEAD": "",
  });
  await symlink("b.txt", join(workspace, "c"));
  assert.deepEqual(await call("list", {}), {
    ...{ path: ".", entries: [".git/", "a/", "b.txt", "c@", "node_modules/"] },
  });
  assert.deepEqual((await call("list", { path: "a", depth: 2 })).entries, [
    "a/x/",
    "a/x/deep.txt",
    "a/y.txt",
  ]);
  assert.deepEqual((await call("list", { glob: "*.{txt,js}" })).entries, [
    "a/x/deep.txt",
    "a/y.txt",
    "b.txt",
  ]);
  assert.deepEqual((await call("list", { path: "node_modules", glob: "*.js" })).entries, [
    "node_modules/m/i.js",
  ]);
  assert.deepEqual((await call("list", { glob: "node_modules/**/*.js" })).entries, ["node_modules/m/i.js"]);
  assert.match((await call("list", { path: "b.txt" })).error ?? "", /no folder/);
  assert.match((await call("list", { path: "missing" })).error ?? "", /no file/);
});

test("list stops at a thousand entries and says that there is more", async (t) => {
  const { call, workspace } = await filesRig(t);
  await plant(
    workspace,
    Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`${index}.txt`, ""])),
  );
  const listed = await call("list", {});
  assert.equal((listed.entries as string[]).length, 1_000); // list gives names
  assert.match(String(listed.truncated), /more/);
  assert.equal((await call("list", { glob: "1*.txt" })).truncated, undefined);
});

test("a glob matches names, folders and alternatives, and takes every other character as it is", () => {
  const cases: [glob: string, yes: string[], no: string[]][] = [
    ["*.ts", ["a.ts", "src/b.ts"], ["a.tsx", "ts"]],
    ["src/*.ts", ["src/a.ts"], ["src/b/a.ts", "a.ts"]],
    ["src/**/*.ts", ["src/a.ts", "src/b/c/a.ts"], ["lib/a.ts"]],
    ["**/test/**", ["test", "a/test/b"], ["a/tests/b"]],
    ["{a,b{1,2}}.md", ["a.md", "b1.md", "b2.md"], ["b.md", "b3.md"]],
    ["file?.txt", ["file1.txt"], ["file.txt", "file10.txt"]],
    ["a+(b)[c].txt", ["a+(b)[c].txt"], ["ab.txt", "aabc.txt"]],
    ["./x/*", ["x/y"], ["x"]],
  ];
  for (const [glob, yes, no] of cases) {
    const matches = globMatcher(glob);
    for (const path of yes) assert.ok(matches(path), `${glob} matches ${path}`);
    for (const path of no) assert.ok(!matches(path), `${glob} does not match ${path}`);
  }
  assert.throws(() => globMatcher("{a,b}".repeat(10)), /alternatives/);
});

test("a glob that is made to be slow is not", () => {
  const began = performance.now();
  assert.ok(!globMatcher(`${"*a".repeat(100)}b`)("a".repeat(250)));
  assert.ok(!globMatcher(`${"**/a/".repeat(50)}b`)("a/".repeat(200)));
  assert.ok(performance.now() - began < 500);
});

test("search finds lines by expression and by plain words, as path, line and text", async (t) => {
  const { call, workspace } = await filesRig(t);
  await plant(workspace, {
    "a.ts": "const one = 1;\r\nconst two = f(one);\r\n",
    "sub/b.md": "One two\nf(one)\n",
    "node_modules/c.ts": "const one = 3;\n",
    "binary.ts": Buffer.from("one\0two"),
  });
  const matches = async (args: object) => (await call("search", args)).matches;
  assert.deepEqual(await matches({ pattern: "^const \\w+ = \\d" }), ["a.ts:1: const one = 1;"]);
  assert.deepEqual(await matches({ pattern: "f(one)", literal: true }), [
    "a.ts:2: const two = f(one);",
    "sub/b.md:2: f(one)",
  ]);
  assert.deepEqual(await matches({ pattern: "(?i)^one" }), ["sub/b.md:1: One two"]);
  assert.deepEqual(await matches({ pattern: "one", glob: "*.md" }), ["sub/b.md:2: f(one)"]);
  assert.deepEqual(await matches({ pattern: "one", path: "node_modules" }), [
    "node_modules/c.ts:1: const one = 3;",
  ]);
  assert.deepEqual(await matches({ pattern: "two", path: "sub/b.md" }), ["sub/b.md:1: One two"]);
  const some = await call("search", { pattern: "one", limit: 1 });
  assert.deepEqual(some.matches, ["a.ts:1: const one = 1;"]);
  assert.match(String(some.truncated), /at the limit/);
  assert.match((await call("search", { pattern: "(" })).error ?? "", /no valid .* set literal/);
  assert.match((await call("search", { pattern: "x", path: "missing" })).error ?? "", /no file/);
});

test("search leaves out what is too large, and shows a long line around its match only", async (t) => {
  const { call, workspace } = await filesRig(t);
  await plant(workspace, {
    "large.txt": "needle\n".repeat(200_000),
    "long.txt": `${"x".repeat(5_000)}needle${"y".repeat(5_000)}\n`,
  });
  const { matches, skipped } = await call("search", { pattern: "needle" });
  assert.match(String(matches), /^long\.txt:1: …x{60}needley{134}…$/);
  assert.match(String(skipped), /^1 files/);
});

test("an expression that never ends is stopped, and holds nobody else up meanwhile", async (t) => {
  const { call, workspace } = await filesRig(t);
  await plant(workspace, { "a.txt": `${"a".repeat(60)}\n` });
  let beats = 0;
  const timer = setInterval(() => beats++, 10);
  const { error } = await call("search", { pattern: "^(a+)+$b|(a|a)+c" });
  clearInterval(timer);
  assert.match(error ?? "", /takes too long/);
  assert.ok(beats > 30, `the event loop beat ${beats} times`);
});

test("a search ends with its run, its thread with it", async (t) => {
  const { call, workspace } = await filesRig(t);
  await plant(workspace, { "a.txt": `${"a".repeat(60)}\n` });
  const controller = new AbortController();
  const began = performance.now();
  const options = {
    signal: controller.signal,
    async meanwhile() {
      setTimeout(() => controller.abort(new Error("enough")), 200);
    },
  };
  await assert.rejects(call("search", { pattern: "^(a+)+$b|(a|a)+c" }, options), /enough/);
  assert.ok(performance.now() - began < 900);
});

test("the thread of a search works from a minified bundle, too", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "openclaw-bundle-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const input = new URL("../../src/runtime/tools/line-search.ts", import.meta.url).pathname;
  await build({
    input,
    platform: "node",
    output: { dir, format: "esm", minify: true, entryFileNames: "it.mjs" },
  });
  const bundle = (await import(pathToFileURL(join(dir, "it.mjs")).href)) as {
    createLineSearch: typeof CreateLineSearch;
  }; // just built of it
  const search = bundle.createLineSearch("t.o", { literal: false });
  const found = await search.find("one\ntwo\n", { limit: 5, signal: new AbortController().signal });
  await search.close();
  assert.deepEqual(found, [{ line: 2, text: "two" }]);
});
