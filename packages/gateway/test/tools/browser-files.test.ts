import assert from "node:assert/strict";
import { mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { browserRig, isThere, page, tab } from "./browser-rig.ts";

describe("a file that is downloaded", () => {
  it("lies in the workspace and in the media store, and no longer with the engine", async (t) => {
    const rig = await browserRig(t);
    const { result, isError } = await rig.call("browser_download", { url: "https://a.example/f" });
    assert.equal(isError, false, JSON.stringify(result));
    assert.deepEqual(result, {
      ...{ success: true, path: "downloads/report.txt", mediaId: "media-1", name: "report.txt", size: 8 },
    });
    assert.equal(await readFile(join(rig.workspace, "downloads/report.txt"), "utf8"), "the file");
    assert.equal(rig.kept[0]?.bytes.toString(), "the file");
    assert.partialDeepStrictEqual(rig.kept[0]?.facts, {
      origin: "download",
      sessionKey: "talk",
      sessionId: 7,
    });
    assert.equal(await isThere(join(rig.workspace, "../engine's own")), false);
  });

  it("never takes the place of another", async (t) => {
    const rig = await browserRig(t);
    const paths: unknown[] = [];
    for (let count = 0; count < 3; count++)
      paths.push((await rig.call("browser_download", { ref: "e1" })).result.path);
    assert.deepEqual(paths, ["downloads/report.txt", "downloads/report (2).txt", "downloads/report (3).txt"]);
    await writeFile(join(rig.workspace, "mine.pdf"), "mine");
    const { result } = await rig.call("browser_download", { ref: "e1", path: "mine.pdf" });
    assert.equal(result.path, "mine (2).pdf");
    assert.equal(await readFile(join(rig.workspace, "mine.pdf"), "utf8"), "mine");
  });

  for (const name of ["../../evil.sh", "/etc/passwd", ".bashrc", "a/../../b", ".."]) {
    it(`called ${name} stays in its folder`, async (t) => {
      const rig = await browserRig(t, {
        async download() {
          const path = join(rig.workspace, "../theirs");
          await writeFile(path, "theirs");
          return { path, name, mimeType: null, size: 6, url: page.url, tabId: "t_1", sessionKey: "talk" };
        },
      });
      const { result, isError } = await rig.call("browser_download", { ref: "e1" });
      assert.equal(isError, false, JSON.stringify(result));
      assert.match(String(result.path), /^downloads\/[^/]+$/);
      assert.equal(await readFile(join(rig.workspace, String(result.path)), "utf8"), "theirs");
    });
  }

  it("goes nowhere outside of the workspace", async (t) => {
    const rig = await browserRig(t);
    await symlink("..", join(rig.workspace, "link"));
    for (const path of ["../out.txt", "link/out.txt", "/tmp/out.txt"]) {
      const { result } = await rig.call("browser_download", { ref: "e1", path });
      assert.match(String(result.error), /leads out of the workspace/, path);
    }
    await symlink("..", join(rig.workspace, "downloads"));
    const { result } = await rig.call("browser_download", { ref: "e1" });
    assert.match(String(result.error), /leads out of the workspace/);
    assert.equal(rig.last("download"), undefined);
  });

  it("that would tell the agent what it is, is a risk of its own", async (t) => {
    const rig = await browserRig(t);
    const risks = async (path: string) =>
      (await rig.call("browser_download", { ref: "e1", path }, { allowed: false })).prepared?.risks;
    assert.deepEqual(await risks("notes.md"), ["network-request", "file-write"]);
    assert.deepEqual(await risks("MEMORY.md"), ["network-request", "file-write", "identity-write"]);
    assert.deepEqual(await risks("skills/x.md"), ["network-request", "file-write", "identity-write"]);
  });

  it("is not written where its folder has meanwhile become another one", async (t) => {
    const rig = await browserRig(t);
    await mkdir(join(rig.workspace, "skills"));
    const meanwhile = () => symlink("skills", join(rig.workspace, "downloads"));
    const { result, isError } = await rig.call("browser_download", { ref: "e1" }, { meanwhile });
    assert.equal(isError, true);
    assert.match(String(result.error), /come to lead elsewhere/);
    assert.equal(await isThere(join(rig.workspace, "skills/report.txt")), false);
    assert.equal(await isThere(join(rig.workspace, "../engine's own")), false);
  });
});

describe("files that are uploaded", () => {
  it("are those of the workspace, by name and bytes, and whoever decides sees which go where", async (t) => {
    const rig = await browserRig(t);
    await mkdir(join(rig.workspace, "docs"));
    await writeFile(join(rig.workspace, "docs/a.txt"), "aaa");
    await writeFile(join(rig.workspace, "b.txt"), "b");
    const args = { selector: "input", paths: ["docs/a.txt", "b.txt"] };
    const { result, prepared } = await rig.call("browser_upload", args);
    assert.equal(result.success, true, JSON.stringify(result));
    const files = rig.last("upload")?.files as { name: string; data: Uint8Array }[];
    assert.deepEqual(
      files.map((it) => [it.name, Buffer.from(it.data).toString()]),
      [
        ["a.txt", "aaa"],
        ["b.txt", "b"],
      ],
    );
    assert.deepEqual(prepared?.risks, ["network-request", "message-send"]);
    assert.deepEqual(prepared?.facts, {
      ...{ url: page.url, selector: "input" },
      files: [
        { path: "docs/a.txt", bytes: 3 },
        { path: "b.txt", bytes: 1 },
      ],
    });
    assert.deepEqual(prepared?.words, ["browser", "shop.example", "upload", "docs/a.txt", "b.txt"]);
  });

  it("do not leave when they, or the page, have changed since somebody decided", async (t) => {
    let url = page.url;
    const rig = await browserRig(t, { tabs: async () => [tab({ url })] });
    const file = join(rig.workspace, "a.txt");
    await writeFile(file, "before");
    const args = { ref: "e1", paths: ["a.txt"] };
    const changed = await rig.call("browser_upload", args, { meanwhile: () => writeFile(file, "after!") });
    assert.match(String(changed.result.error), /has changed meanwhile/);
    const gone = await rig.call("browser_upload", args, {
      meanwhile: () => {
        url = "https://evil.example/";
      },
    });
    assert.match(String(gone.result.error), /gone to another site/);
    assert.equal(rig.last("upload"), undefined);
  });

  it("are refused from elsewhere, too many, too large, or where no page is open", async (t) => {
    let tabs = [tab()];
    const rig = await browserRig(t, { tabs: async () => tabs });
    await writeFile(join(rig.workspace, "../secret.txt"), "secret");
    await symlink("../secret.txt", join(rig.workspace, "link.txt"));
    await writeFile(join(rig.workspace, "big"), "");
    await truncate(join(rig.workspace, "big"), 50 * 1024 * 1024 + 1);
    await writeFile(join(rig.workspace, "a.txt"), "a");
    const refused = async (paths: string[]) =>
      String((await rig.call("browser_upload", { ref: "e1", paths })).result.error);
    assert.match(await refused(["../secret.txt"]), /leads out of the workspace/);
    assert.match(await refused(["link.txt"]), /leads out of the workspace/);
    assert.match(await refused(["nothing"]), /There is no file/);
    assert.match(await refused(["big"]), /52428800 is the most/);
    assert.match(await refused(Array.from({ length: 21 }, () => "a.txt")), /1 to 20/);
    tabs = [];
    assert.match(await refused(["a.txt"]), /No page is open/);
    assert.equal(rig.last("upload"), undefined);
  });
});
