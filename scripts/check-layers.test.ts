import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { checkLayers } from "./check-layers.ts";

/** The breaches found in a tree of these files; paths without `packages/` are of the gateway's `src`. */
function breaches(t: TestContext, files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), "openclaw-layers-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name.startsWith("packages/") ? name : `packages/gateway/src/${name}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return checkLayers(root);
}

/** Exactly one breach, which says this. */
function refused(t: TestContext, files: Record<string, string>, what: RegExp): void {
  const found = breaches(t, files);
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0] ?? "", what);
}

const table = 'export const load = { a: () => import("./a.ts"), b: () => import("./b.ts") };';

describe("check-layers", () => {
  it("accepts imports that point down", (t) => {
    const found = breaches(t, {
      "main.ts": 'import "./transport/http.ts"; import "./channels/index.ts"; import "./config/load.ts";',
      "transport/http.ts": 'import type { A } from "../api/dispatch.ts"; import "../config/load.ts";',
      "api/dispatch.ts": 'import "../services/runs.ts"; import "openclaw-protocol";',
      "services/runs.ts":
        'import "../runtime/loop.ts"; import "../storage/db.ts"; import "../channels/types.ts";',
      "storage/db.ts": 'import "node:sqlite"; import "../lib/ids.ts";',
      "config/load.ts": 'import "../lib/ids.ts"; process.env.HOME;',
      "channels/index.ts":
        'import type { C } from "./types.ts"; export const x = () => import("./irc/index.ts");',
      "channels/irc/index.ts": 'import "./wire.ts"; import "../types.ts"; import "irc-framework";',
      "cli/index.ts": 'export const x = () => import("./commands/status.ts"); process.env.HOME;',
      "cli/commands/status.ts": 'import "../output.ts"; import "openclaw-client";',
      "packages/protocol/src/index.ts": 'import { z } from "zod"; export * from "./chat.ts";',
      "packages/client/src/index.ts": 'export * from "./client.ts";',
    });
    assert.deepEqual(found, []);
  });

  it("refuses imports that point up, type imports and import() too", (t) => {
    refused(t, { "services/a.ts": 'import "../api/b.ts";' }, /services\/a\.ts: .* services must not see api/);
    refused(t, { "lib/a.ts": 'import type { X } from "../services/b.ts";' }, /lib must not see services/);
    refused(t, { "lib/a.ts": 'type X = import("../services/b.ts").X;' }, /lib must not see services/);
    refused(
      t,
      { "runtime/a.ts": 'const x = () => import("../storage/b.ts");' },
      /runtime must not see storage/,
    );
    refused(t, { "runtime/a.ts": 'export * from "../config/b.ts";' }, /runtime must not see config/);
    refused(t, { "api/a.ts": 'import "../config/b.ts";' }, /api must not see config/);
    refused(t, { "api/a.ts": 'import "../main.ts";' }, /api must not see main/);
    refused(t, { "cli/commands/status.ts": 'import "../../main.ts";' }, /cli must not see main/);
    refused(t, { "services/a.ts": 'import "../channels/index.ts";' }, /services may see types\.ts only/);
  });

  it("refuses a room that nobody has planned, and ways out of a package", (t) => {
    refused(t, { "utils/a.ts": 'import "../lib/b.ts";' }, /"utils" is not a room/);
    refused(t, { "lib/a.ts": 'import "../../../protocol/src/index.ts";' }, /must not leave its package/);
    refused(t, { "packages/protocol/src/a.ts": 'import "json5";' }, /nothing but zod/);
    refused(
      t,
      { "packages/client/src/a.ts": 'import type { A } from "openclaw-protocol";' },
      /no dependencies/,
    );
  });

  it("keeps leaves to their table, and tables lazy", (t) => {
    const wires = { "runtime/models/index.ts": table, "runtime/models/b.ts": "" };
    refused(
      t,
      { ...wires, "runtime/models/a.ts": "", "runtime/loop.ts": 'import "./models/a.ts";' },
      /loop\.ts: .* named by .*models\/index\.ts only/,
    );
    refused(t, { ...wires, "runtime/models/a.ts": 'import "./b.ts";' }, /a\.ts: .* named by/);
    refused(t, { ...wires, "runtime/models/a.ts": 'import "../prompt.ts";' }, /a leaf imports its types\.ts/);
    refused(
      t,
      { "runtime/models/index.ts": `import "./a.ts"; ${table}`, "runtime/models/a.ts": "" },
      /a leaf is loaded by import\(\) only/,
    );
    refused(
      t,
      { "channels/index.ts": 'import "./irc/index.ts";', "channels/irc/index.ts": "" },
      /a leaf is loaded by import\(\) only/,
    );
    const helped = {
      ...wires,
      "runtime/models/a.ts": 'import "./sse.ts"; import "./types.ts"; import "../../lib/x.ts";',
    };
    assert.deepEqual(breaches(t, helped), []);
  });

  it("refuses folders that import each other, over a third one too", (t) => {
    refused(
      t,
      { "services/a.ts": 'import "./runs/b.ts";', "services/runs/b.ts": 'import type { C } from "../c.ts";' },
      /in a circle: .*services\/a\.ts → .*services\/runs\/b\.ts, .*services\/c\.ts/,
    );
    const round = { "lib/a/x.ts": 'import "../b/x.ts";', "lib/b/x.ts": 'import "../c/x.ts";' };
    refused(t, { ...round, "lib/c/x.ts": 'import "../a/y.ts";' }, /in a circle/);
    assert.deepEqual(breaches(t, { ...round, "lib/c/x.ts": "" }), []);
  });

  it("keeps the environment, SQLite and length in bounds", (t) => {
    refused(t, { "lib/a.ts": "const { HOME } = process.env;" }, /reads process\.env/);
    refused(t, { "lib/a.ts": 'import { env } from "node:process";' }, /reads process\.env/);
    refused(t, { "services/a.ts": 'import "node:sqlite";' }, /belongs to storage/);
    const doors = { "storage/a.ts": 'import "node:sqlite";', "storage/b.ts": 'import "node:sqlite";' };
    refused(t, doors, /storage\/b\.ts: .*a\.ts is its one door/);
    refused(t, { "lib/a.ts": "// line\n".repeat(301) }, /301 lines/);
  });
});
