import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createCommandList } from "../../src/services/approvals/command-list.ts";

const matches = (entry: string | string[], ...words: string[]) =>
  createCommandList([entry]).matches(words, words[0] ?? "");

describe("an entry of tools.allowlist", () => {
  test("matches word by word, and a last * any more words", () => {
    assert.ok(matches("ls -l", "/usr/bin/ls", "-l"));
    assert.ok(!matches("ls -l", "/usr/bin/ls"));
    assert.ok(!matches("ls -l", "/usr/bin/ls", "-l", "/"));
    assert.ok(!matches("ls -l", "/usr/bin/ls", "-la"));
    assert.ok(matches("ls -l *", "/usr/bin/ls", "-l"));
    assert.ok(matches("ls -l *", "/usr/bin/ls", "-l", "a", "b c"));
    assert.ok(!matches("ls -l *", "/usr/bin/ls", "-a"));
    assert.ok(matches(["echo", "a b"], "/bin/echo", "a b"));
    assert.ok(!matches(["echo", "a b"], "/bin/echo", "a", "b"));
  });

  test("knows no patterns but that one *", () => {
    assert.ok(!matches("ls *.txt", "/bin/ls", "a.txt"));
    assert.ok(!matches("ls * -l", "/bin/ls", "a", "-l"));
    assert.ok(!matches("/usr/bin/*", "/usr/bin/ls"));
    assert.ok(!matches("ls ?", "/bin/ls", "a"));
  });

  test("with a bare name means that program in a folder of the system alone", () => {
    for (const folder of [
      "/usr/bin",
      "/bin",
      "/usr/local/bin",
      "/opt/homebrew/Cellar/jq/1.7/bin",
      "/nix/store/x-jq/bin",
    ])
      assert.ok(matches("jq .", `${folder}/jq`, "."), folder);
    for (const folder of [
      "/home/u/work",
      "/tmp/usr/bin",
      "/usr/bin/../../tmp",
      "/nix/store/a/b/bin",
      ".",
      "",
    ])
      assert.ok(!matches("jq .", `${folder}/jq`, "."), folder);
  });

  test("with an absolute path means that file, whatever the folder", () => {
    assert.ok(matches("/srv/tools/report", "/srv/tools/report"));
    assert.ok(!matches("/srv/tools/report", "/usr/bin/report"));
  });

  test("with a last * is no way to a program that runs others by a harmless name", () => {
    const list = createCommandList(["show *", "show x"]);
    assert.ok(list.matches(["/usr/bin/show", "y"], "/usr/bin/show"));
    assert.ok(!list.matches(["/usr/bin/show", "y"], "/usr/bin/python3.12"));
    assert.ok(list.matches(["/usr/bin/show", "x"], "/usr/bin/python3.12"));
    assert.ok(list.matches(["/usr/bin/show", "y"], "/usr/bin/busybox"));
  });

  test("that can never match is told to the owner", () => {
    const list = createCommandList([
      "*",
      "./build.sh",
      "python3 *",
      "/usr/bin/env *",
      "git log *",
      "ls *",
      " ",
    ]);
    assert.deepEqual(list.warnings, [
      'tools.allowlist: "*" never matches: it names no program.',
      'tools.allowlist: "./build.sh" never matches: a program is an absolute path or a bare name, never a path from some folder.',
      'tools.allowlist: "python3 *" never matches: python3 can run other programs, so list its commands in full, without a last *.',
      'tools.allowlist: "/usr/bin/env *" never matches: env can run other programs, so list its commands in full, without a last *.',
      'tools.allowlist: "git log *" never matches: git can run other programs, so list its commands in full, without a last *.',
      'tools.allowlist: "" never matches: it names no program.',
    ]);
    assert.ok(list.matches(["/bin/ls", "x"], "/bin/ls"));
    assert.ok(!list.matches(["/usr/bin/git", "log"], "/usr/bin/git"));
    assert.ok(!list.matches([], ""));
  });
});
