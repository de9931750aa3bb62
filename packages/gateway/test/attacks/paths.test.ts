import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type FilesRig, filesRig } from "../tools/files-rig.ts";

const secret = "SECRET-7351";

/** A workspace in a folder with a secret beside it. */
async function rig(t: TestContext, closed: string[] = []): Promise<FilesRig> {
  const made = await filesRig(t, { closed });
  await writeFile(join(made.outside, "secret.txt"), secret);
  await mkdir(join(made.outside, "private"));
  await writeFile(join(made.outside, "private", "key.txt"), secret);
  return made;
}

/** Every tool, told to work on a path: whether as what is read or as what is written. */
function everyTool(path: string): [tool: string, args: unknown][] {
  return [
    ["read", { path }],
    ["write", { path, content: "owned" }],
    ["edit", { path, edits: [{ old: "SECRET", new: "owned" }] }],
    ["apply_patch", { patch: `*** Begin Patch\n*** Add File: ${path}\n+owned\n*** End Patch` }],
    ["apply_patch", { patch: `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch` }],
    [
      "apply_patch",
      { patch: `*** Begin Patch\n*** Update File: ${path}\n-${secret}\n+owned\n*** End Patch` },
    ],
    [
      "apply_patch",
      {
        patch: `*** Begin Patch\n*** Update File: mine.txt\n*** Move to: ${path}\n-mine\n+owned\n*** End Patch`,
      },
    ],
    ["list", { path }],
    ["search", { pattern: "SECRET", path }],
  ];
}

/** Tries them all: each is refused without a word of what is out there, and out there nothing changes. */
async function everyToolRefuses({ call, workspace, outside }: FilesRig, path: string): Promise<void> {
  await writeFile(join(workspace, "mine.txt"), "mine\n");
  const before = await snapshot(outside, workspace);
  for (const [tool, args] of everyTool(path)) {
    const result = await call(tool, args);
    assert.match(
      result.error ?? "",
      /leads out/,
      `${tool} ${JSON.stringify(args)}: ${JSON.stringify(result)}`,
    );
    // What the model wrote itself may be repeated to it.
    const said = (result.error ?? "").replaceAll(path, "").replaceAll(JSON.stringify(path), "");
    assert.doesNotMatch(said, /SECRET-|key\.txt|openclaw-files-/, `${tool} tells of what is outside`);
  }
  assert.deepEqual(await snapshot(outside, workspace), before);
  assert.equal(await readFile(join(workspace, "mine.txt"), "utf8"), "mine\n");
}

/** What lies around the workspace: names, kinds, contents. */
async function snapshot(outside: string, workspace: string): Promise<string[]> {
  const items = await readdir(outside, { recursive: true, withFileTypes: true });
  const around = items.filter((it) => !join(it.parentPath, it.name).startsWith(workspace));
  const lines = around.map(async (it) => {
    const path = join(it.parentPath, it.name);
    return `${path} ${it.isFile() ? await readFile(path, "utf8") : ""}`;
  });
  return (await Promise.all(lines)).sort();
}

for (const path of [
  "../secret.txt",
  "a/../../secret.txt",
  "./../private/key.txt",
  "..",
  "a/b/../../../private",
]) {
  test(`no tool follows ${path} out of the workspace`, async (t) => {
    await everyToolRefuses(await rig(t), path);
  });
}

test("no tool takes an absolute path outside, nor a folder whose name merely begins like the workspace's", async (t) => {
  const made = await rig(t);
  await mkdir(`${made.workspace}-other`);
  await writeFile(`${made.workspace}-other/secret.txt`, secret);
  await everyToolRefuses(made, join(made.outside, "secret.txt"));
  await everyToolRefuses(made, `${made.workspace}-other/secret.txt`);
  await everyToolRefuses(made, "../workspace-other/secret.txt");
  await symlink(made.workspace, join(made.outside, "back"));
  await everyToolRefuses(made, join(made.outside, "back", "mine.txt"));
});

test("a path with a NUL, an empty one, one that is too long, and one from somebody's home are refused", async (t) => {
  const made = await rig(t);
  const refused = async (path: string, why: RegExp) => {
    assert.match((await made.call("read", { path })).error ?? "", why);
    assert.match((await made.call("write", { path, content: "" })).error ?? "", why);
  };
  await refused("mine.txt\0.png", /NUL/);
  await refused("", /is empty/);
  await refused("a/".repeat(600), /longer than/);
  await refused("~/.ssh/id_rsa", /starts with ~/);
  await refused("~", /starts with ~/);
  assert.deepEqual(await readdir(made.workspace), []);
});

test("escapes that other programs decode are names like any other", async (t) => {
  const made = await rig(t);
  const lookAlikes = [
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    "‥/secret.txt",
    "．．/secret.txt",
    "..∕secret.txt",
    "..\\secret.txt",
  ];
  const before = await snapshot(made.outside, made.workspace);
  for (const path of lookAlikes) {
    assert.match((await made.call("read", { path })).error ?? "", /no file/);
    assert.equal((await made.call("write", { path, content: "mine" })).error, undefined);
    assert.equal(await readFile(`${made.workspace}/${path}`, "utf8"), "mine");
  }
  assert.deepEqual(await snapshot(made.outside, made.workspace), before);
});

test("no tool goes through a link to a file outside, nor through a chain of links", async (t) => {
  const made = await rig(t);
  await symlink(join(made.outside, "secret.txt"), join(made.workspace, "absolute"));
  await symlink("../secret.txt", join(made.workspace, "relative"));
  await symlink("relative", join(made.workspace, "chain"));
  for (const path of ["absolute", "relative", "chain"]) await everyToolRefuses(made, path);
});

test("no tool goes through a link to a folder outside, whether or not the thing in it exists", async (t) => {
  const made = await rig(t);
  await symlink(join(made.outside, "private"), join(made.workspace, "door"));
  for (const path of ["door", "door/key.txt", "door/new.txt", "door/new/new.txt"]) {
    await everyToolRefuses(made, path);
  }
  const said = await Promise.all(
    ["door/key.txt", "door/no.txt"].map(async (path) =>
      (await made.call("read", { path })).error?.replace(path, ""),
    ),
  );
  assert.equal(said[0], said[1], "an error must not tell whether something outside exists");
});

test("nothing is written through a dangling link, as the file or as a folder on the way", async (t) => {
  const made = await rig(t);
  await symlink(join(made.outside, "planted.txt"), join(made.workspace, "dangling"));
  await symlink(join(made.outside, "planted"), join(made.workspace, "folder"));
  await symlink("loop", join(made.workspace, "loop"));
  for (const path of ["dangling", "folder/x.txt", "loop", "loop/x"]) await everyToolRefuses(made, path);
});

test("a link that stays within the workspace is followed, and its target written, not the link", async (t) => {
  const made = await rig(t);
  await writeFile(join(made.workspace, "real.txt"), "one");
  await symlink("real.txt", join(made.workspace, "alias"));
  assert.equal((await made.call("read", { path: "alias" })).text, "one");
  assert.equal((await made.call("write", { path: "alias", content: "two" })).path, "real.txt");
  assert.ok((await lstat(join(made.workspace, "alias"))).isSymbolicLink());
  assert.equal(await readFile(join(made.workspace, "real.txt"), "utf8"), "two");
});

const swaps: [what: string, tool: string, args: unknown][] = [
  ["read", "read", { path: "sub/in/key.txt" }],
  ["written", "write", { path: "sub/in/key.txt", content: "owned" }],
  ["made", "write", { path: "sub/in/new.txt", content: "owned" }],
  ["made with folders", "write", { path: "sub/in/a/b/new.txt", content: "owned" }],
  ["edited", "edit", { path: "sub/in/key.txt", edits: [{ old: "mine", new: "owned" }] }],
  ["deleted", "apply_patch", { patch: "*** Begin Patch\n*** Delete File: sub/in/key.txt\n*** End Patch" }],
  ["listed", "list", { path: "sub/in" }],
  ["searched", "search", { path: "sub/in", pattern: "SECRET" }],
];
for (const [what, tool, args] of swaps) {
  test(`a folder that becomes a link after the call was allowed: nothing behind it is ${what}`, async (t) => {
    for (const swapped of ["sub", "sub/in"]) {
      const made = await rig(t);
      await mkdir(join(made.workspace, "sub", "in"), { recursive: true });
      await writeFile(join(made.workspace, "sub", "in", "key.txt"), "mine");
      const there = swapped.replace("sub", join(made.outside, "private"));
      await mkdir(join(made.outside, "private", "in"));
      await writeFile(join(made.outside, "private", "in", "key.txt"), secret);
      const before = await snapshot(made.outside, made.workspace);
      const result = await made.call(tool, args, {
        async meanwhile() {
          await rename(join(made.workspace, swapped), join(made.workspace, "kept"));
          await symlink(there, join(made.workspace, swapped));
        },
      });
      assert.ok(result.error, JSON.stringify(result));
      assert.doesNotMatch(JSON.stringify(result), /SECRET-|openclaw-files-/);
      assert.deepEqual(await snapshot(made.outside, made.workspace), before);
    }
  });
}

test("a file that becomes a link after the call was allowed is not read, written, edited or searched", async (t) => {
  for (const [tool, args] of [
    ["read", { path: "x" }],
    ["write", { path: "x", content: "owned" }],
    ["edit", { path: "x", edits: [{ old: "mine", new: "owned" }] }],
    ["search", { path: "x", pattern: "SECRET" }],
  ] as const) {
    const made = await rig(t);
    const path = join(made.workspace, "x");
    await writeFile(path, "mine");
    const result = await made.call(tool, args, {
      async meanwhile() {
        await rm(path);
        await symlink(join(made.outside, "secret.txt"), path);
      },
    });
    assert.ok(result.error, `${tool}: ${JSON.stringify(result)}`);
    assert.equal(await readFile(join(made.outside, "secret.txt"), "utf8"), secret);
  }
});

test("a file that has changed, come or gone since the call was allowed is left alone", async (t) => {
  const { workspace, call } = await rig(t);
  const path = join(workspace, "x");
  await writeFile(path, "one");
  const edit = { path: "x", edits: [{ old: "one", new: "two" }] };
  const changed = await call("edit", edit, { meanwhile: () => writeFile(path, "one, and more") });
  assert.match(changed.error ?? "", /changed meanwhile/);
  assert.equal(await readFile(path, "utf8"), "one, and more");
  const gone = await call("write", { path: "x", content: "two" }, { meanwhile: () => rm(path) });
  assert.match(gone.error ?? "", /changed meanwhile/);
  const come = await call(
    "write",
    { path: "x", content: "two" },
    { meanwhile: () => writeFile(path, "theirs") },
  );
  assert.match(come.error ?? "", /changed meanwhile/);
  assert.equal(await readFile(path, "utf8"), "theirs");
  assert.deepEqual(await readdir(workspace), ["x"], "drafts are cleared away");
});

test("a closed folder within the workspace can be neither read, written, listed nor searched", async (t) => {
  const made = await filesRig(t, { closed: ["workspace/.state"] });
  await mkdir(join(made.workspace, ".state", "keys"), { recursive: true });
  await writeFile(join(made.workspace, ".state", "keys", "token"), secret);
  await symlink(".state/keys", join(made.workspace, "link"));
  await writeFile(join(made.workspace, "mine.txt"), "mine\n");
  for (const path of [
    ".state",
    ".state/keys/token",
    ".state/new.txt",
    "link/token",
    "link/new",
    "a/../.state/keys/token",
  ]) {
    for (const [tool, args] of everyTool(path)) {
      assert.match((await made.call(tool, args)).error ?? "", /closed to tools/, `${tool} ${path}`);
    }
  }
  const listed = await made.call("list", { glob: "**" });
  assert.deepEqual(listed.entries, ["link@", "mine.txt"]);
  assert.deepEqual((await made.call("search", { pattern: "SECRET" })).matches, []);
  assert.deepEqual(await readdir(join(made.workspace, ".state", "keys")), ["token"]);
});

test("a closed folder around the workspace leaves the workspace open; the closed folder itself as one does not", async (t) => {
  const within = await filesRig(t, { root: ".state/workspace", closed: [".state"] });
  await writeFile(join(within.outside, ".state", "openclaw.json"), secret);
  assert.equal((await within.call("write", { path: "x", content: "mine" })).error, undefined);
  assert.match((await within.call("read", { path: "../openclaw.json" })).error ?? "", /leads out/);
  const same = await filesRig(t, { root: ".state", closed: [".state"] });
  assert.match((await same.call("read", { path: "openclaw.json" })).error ?? "", /closed to tools/);
  assert.match((await same.call("list", {})).error ?? "", /closed to tools/);
});

test("pipes, sockets and devices are not opened, even those that come after the call was allowed", async (t) => {
  const made = await rig(t);
  const pipe = join(made.workspace, "pipe");
  execFileSync("mkfifo", [pipe]);
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(join(made.workspace, "socket"), resolve));
  for (const path of ["pipe", "socket"]) {
    for (const [tool, args] of everyTool(path)) {
      assert.ok((await made.call(tool, args)).error, `${tool} ${path}`);
    }
  }
  assert.ok((await stat(pipe)).isFIFO());
  assert.deepEqual((await made.call("search", { pattern: "x" })).files, 0);

  const later = join(made.workspace, "later");
  await writeFile(later, "text");
  const becomesPipe = async () => {
    await rm(later);
    execFileSync("mkfifo", [later]);
  };
  assert.match(
    (await made.call("read", { path: "later" }, { meanwhile: becomesPipe })).error ?? "",
    /regular file/,
  );
});

test("writing into a file with a second name outside leaves that one as it was", async (t) => {
  const made = await rig(t);
  await link(join(made.outside, "secret.txt"), join(made.workspace, "twin"));
  assert.equal((await made.call("write", { path: "twin", content: "mine" })).error, undefined);
  assert.equal(await readFile(join(made.outside, "secret.txt"), "utf8"), secret);
});

test("list and search do not follow links, and search does not tell what they lead to", async (t) => {
  const made = await rig(t);
  await symlink(join(made.outside, "private"), join(made.workspace, "door"));
  await symlink(join(made.outside, "secret.txt"), join(made.workspace, "file"));
  await symlink(".", join(made.workspace, "again"));
  assert.deepEqual((await made.call("list", { depth: 5 })).entries, ["again@", "door@", "file@"]);
  assert.deepEqual((await made.call("search", { pattern: "SECRET" })).matches, []);
});

test("a patch that escapes in its last file has changed none", async (t) => {
  const made = await rig(t);
  await writeFile(join(made.workspace, "mine.txt"), "mine\n");
  for (const last of [
    "*** Add File: ../x\n+x",
    "*** Delete File: ../secret.txt",
    "*** Update File: mine.txt\n*** Move to: ../../x",
  ]) {
    const patch = `*** Begin Patch\n*** Add File: new.txt\n+new\n${last}\n*** End Patch`;
    assert.match((await made.call("apply_patch", { patch })).error ?? "", /leads out/);
  }
  const unified = "--- a/../secret.txt\n+++ b/../secret.txt\n@@ -1 +1 @@\n-SECRET-7351\n+owned\n";
  assert.match((await made.call("apply_patch", { patch: unified })).error ?? "", /leads out/);
  assert.deepEqual(await readdir(made.workspace), ["mine.txt"]);
});

test("whoever changes what the agent is told of itself is known by it, whatever way the name is written", async (t) => {
  const made = await rig(t);
  await writeFile(join(made.workspace, "AGENTS.md"), "be good\n");
  await mkdir(join(made.workspace, "skills"));
  await symlink("AGENTS.md", join(made.workspace, "notes.md"));
  const risks = async (tool: string, args: unknown) => (await made.asked(tool, args))?.risks;
  for (const path of [
    "AGENTS.md",
    "./AGENTS.md",
    "x/../agents.MD",
    "notes.md",
    "skills/a/SKILL.md",
    "Skills/x",
    `${made.workspace}/SOUL.md`,
  ]) {
    const found = await risks("write", { path, content: "be bad" });
    assert.deepEqual(found, ["file-write", "identity-write"], path);
  }
  assert.deepEqual(await risks("edit", { path: "notes.md", edits: [{ old: "good", new: "bad" }] }), [
    "file-write",
    "identity-write",
  ]);
  const patch = "*** Begin Patch\n*** Delete File: AGENTS.md\n*** End Patch";
  assert.deepEqual(await risks("apply_patch", { patch }), ["file-write", "file-delete", "identity-write"]);
  for (const path of ["docs/AGENTS.md", "AGENTS.md.bak", "skillset.md"]) {
    assert.deepEqual(await risks("write", { path, content: "" }), ["file-write"], path);
  }
});

test("errors of the system do not name paths of the host", async (t) => {
  const made = await rig(t);
  const path = `sub/${"x".repeat(300)}`;
  for (const [tool, args] of everyTool(path)) {
    const { error = "" } = await made.call(tool, args);
    assert.match(error, /too long|no file|already/, tool);
    assert.doesNotMatch(error, /openclaw-files-/, tool);
  }
});

test("while a folder flips between itself and a link to outside, nothing outside is read or written", async (t) => {
  const { call, workspace, outside } = await rig(t);
  await mkdir(join(workspace, "flip"));
  await writeFile(join(workspace, "flip", "key.txt"), "mine");
  await symlink(join(outside, "private"), join(workspace, "spare"));
  const before = await snapshot(outside, workspace);
  const [flip, spare, third] = ["flip", "spare", "third"].map((it) => join(workspace, it)) as [
    string,
    string,
    string,
  ];
  const calls: [string, unknown][] = [
    ["read", { path: "flip/key.txt" }],
    ["write", { path: "flip/new.txt", content: "owned" }],
    ["edit", { path: "flip/key.txt", edits: [{ old: "SECRET", new: "owned" }] }],
    ["search", { path: "flip", pattern: "SECRET" }],
  ];
  let isDone = false;
  const flipping = (async () => {
    for (let count = 0; !isDone; count++) {
      // At another moment of the calls each time.
      await wait(count % 5);
      await rename(flip, third);
      // A write may have made the folder in the moment that it was not there.
      while (
        await rename(spare, flip).then(
          () => false,
          () => true,
        )
      )
        await rm(flip, { recursive: true, force: true });
      await rename(third, spare);
    }
  })();
  let worked = 0;
  try {
    for (let count = 0; count < 200; count++) {
      const [tool, args] = calls[count % calls.length]!;
      const result = await call(tool, args);
      assert.doesNotMatch(JSON.stringify(result), /SECRET-/);
      if (!result.error) worked += 1;
    }
  } finally {
    isDone = true;
    await flipping;
  }
  assert.deepEqual(await snapshot(outside, workspace), before);
  assert.ok(worked > 0, "some calls hit the folder while it was itself");
});
