import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createProfiles } from "../../src/services/browser/engine/chromium/profiles.ts";
import { engineConfig } from "./chromes-rig.ts";

describe("browser profiles", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "openclaw-profiles-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (profiles = {}) => createProfiles({ config: engineConfig(folder, { profiles }) });
  const names = async (profiles: ReturnType<typeof open>) => (await profiles.list()).map((it) => it.name);

  it("are default, incognito, those of the configuration and those with a folder", async () => {
    const profiles = open({ work: { color: "#112233" }, far: { cdpUrl: "http://127.0.0.1:1" } });
    await profiles.folder("made-on-demand");
    await writeFile(join(folder, "profiles", "no-folder"), "");
    assert.deepEqual(await profiles.list(), [
      { name: "default", color: null, persistent: true, remote: false },
      { name: "work", color: "#112233", persistent: true, remote: false },
      { name: "far", color: null, persistent: true, remote: true },
      { name: "made-on-demand", color: null, persistent: true, remote: false },
      { name: "incognito", color: null, persistent: false, remote: false },
    ]);
  });

  it("are made once, for our eyes only", async () => {
    const profiles = open({ work: {} });
    assert.deepEqual(await profiles.create("shop", "#00ff00"), {
      ...{ name: "shop", color: "#00ff00", persistent: true, remote: false },
    });
    assert.equal((await stat(join(folder, "profiles", "shop"))).mode & 0o777, 0o700);
    for (const name of ["shop", "work", "default", "incognito"]) {
      await assert.rejects(profiles.create(name), { code: "conflict", param: "profile" }, name);
    }
    await profiles.create("constructor");
    assert.ok((await names(profiles)).includes("constructor"));
    await profiles.requireDeletable("constructor");
  });

  it("keep their colour when they are reset, and nothing else", async () => {
    const profiles = open();
    await profiles.create("shop", "#00ff00");
    await writeFile(join(folder, "profiles", "shop", "openclaw-cookies.json"), "[]");
    const after = await profiles.reset("shop");
    assert.equal(after.color, "#00ff00");
    assert.deepEqual(await readdir(join(folder, "profiles", "shop")), []);
    await profiles.delete("shop");
    assert.deepEqual(await readdir(join(folder, "profiles")), []);
    assert.deepEqual(await names(profiles), ["default", "incognito"]);
  });

  it("that must stay, or are not ours, are not deleted", async () => {
    const profiles = open({ work: {}, far: { cdpUrl: "http://127.0.0.1:1" } });
    for (const name of ["default", "incognito", "work", "far"]) {
      await assert.rejects(
        profiles.requireDeletable(name),
        { code: "invalid_request", param: "profile" },
        name,
      );
    }
    await assert.rejects(profiles.requireDeletable("nowhere"), { code: "not_found" });
    await assert.rejects(profiles.require("far"), { code: "invalid_request" });
  });

  it("have no names that lead elsewhere", async () => {
    const profiles = open();
    for (const name of ["..", "../other", "a/b", "", ".", "A", "x".repeat(65)]) {
      await assert.rejects(profiles.create(name), { code: "invalid_request", param: "profile" }, name);
      await assert.rejects(profiles.reset(name), { code: "invalid_request" }, name);
      await assert.rejects(profiles.delete(name), { code: "invalid_request" }, name);
    }
  });

  it("are at most 64", async () => {
    const profiles = open();
    for (let i = 0; i < 64; i++) await profiles.folder(`p${i}`);
    await assert.rejects(profiles.create("one-more"), { code: "conflict" });
    await assert.rejects(profiles.folder("one-more"), { code: "conflict" });
    await profiles.folder("p5");
  });
});
