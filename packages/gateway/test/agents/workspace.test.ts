import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { configSchema } from "openclaw-protocol";
import { createAgents } from "../../src/services/agents/agents.ts";
import { templates } from "../../src/services/agents/templates.ts";
import { createWorkspaces } from "../../src/services/agents/workspace.ts";

let dir: string;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "openclaw-workspace-")));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const at = (workspace: string, closed: string[] = []) =>
  createWorkspaces({ closed }).filePortOf({ id: "a", workspace });
const names = ["AGENTS.md", "MEMORY.md", "SOUL.md", "TOOLS.md", "USER.md"];

describe("a workspace", () => {
  test("is made at first use, with its five files, open to its owner alone", async () => {
    const workspace = join(dir, "deep", "workspace");
    const port = await at(workspace);
    assert.deepEqual(port, { root: workspace, closed: [] });
    assert.deepEqual(readdirSync(workspace).sort(), names);
    assert.equal(statSync(workspace).mode & 0o777, 0o700);
    for (const name of names) assert.equal(statSync(join(workspace, name)).mode & 0o777, 0o600);
  });

  test("that has one of the files gets no other, and none is ever written over", async () => {
    const workspace = join(dir, "mine");
    mkdirSync(workspace);
    writeFileSync(join(workspace, "SOUL.md"), "mine");
    await at(workspace);
    assert.deepEqual(readdirSync(workspace), ["SOUL.md"]);
    assert.equal(readFileSync(join(workspace, "SOUL.md"), "utf8"), "mine");
  });

  test("does not get back a file that was deleted", async () => {
    const workspace = join(dir, "w");
    await at(workspace);
    rmSync(join(workspace, "SOUL.md"));
    await at(workspace);
    assert.ok(!readdirSync(workspace).includes("SOUL.md"));
  });

  test("keeps its files where a link stands in their place, and what the link names stays as it is", async () => {
    const workspace = join(dir, "w");
    mkdirSync(workspace);
    symlinkSync(join(dir, "elsewhere"), join(workspace, "AGENTS.md"));
    await at(workspace);
    assert.deepEqual(readdirSync(dir).sort(), ["w"]);
    assert.deepEqual(readdirSync(workspace), ["AGENTS.md"]);
  });

  test("that is taken away while the gateway runs is made again", async () => {
    const workspaces = createWorkspaces({ closed: [] });
    const agent = { id: "a", workspace: join(dir, "w") };
    await workspaces.filePortOf(agent);
    rmSync(agent.workspace, { recursive: true });
    await Promise.all([workspaces.filePortOf(agent), workspaces.filePortOf(agent)]);
    assert.deepEqual(readdirSync(agent.workspace).sort(), names);
  });

  test("that cannot be made is an error that names the agent and the setting, and no path", async () => {
    writeFileSync(join(dir, "file"), "");
    await assert.rejects(at(join(dir, "file")), (error: Error & { code?: string }) => {
      assert.equal(error.code, "service_unavailable");
      assert.match(error.message, /agent "a".*agents\.list\[\]\.workspace/);
      assert.ok(!error.message.includes(dir));
      return true;
    });
  });

  test("closes the gateway's own places that lie within it, links followed, and not one that it lies in", async () => {
    const state = join(dir, "state");
    mkdirSync(state);
    symlinkSync(dir, join(dir, "alias"));
    const config = join(dir, "openclaw.json");
    assert.deepEqual((await at(dir, [state, config])).closed, [state, config]);
    assert.deepEqual((await at(join(dir, "alias"), [join(dir, "alias", "state")])).closed, [state]);
    assert.deepEqual((await at(state, [state])).closed, [state]);
    assert.deepEqual((await at(join(state, "workspace"), [state])).closed, []);
    mkdirSync(join(dir, "state-of-others"));
    assert.deepEqual((await at(state, [join(dir, "state-of-others")])).closed, []);
  });
});

test("the five files are short", () => {
  assert.deepEqual(Object.keys(templates).sort(), names);
  assert.ok(Buffer.byteLength(Object.values(templates).join("")) < 1_500);
});

test("the home directory is meant by ~, and each agent has a folder of its own", () => {
  const { agents } = configSchema.parse({
    agents: {
      defaults: { workspace: "~/work" },
      list: [{ id: "a" }, { id: "b" }, { id: "c", workspace: "~" }],
    },
  });
  const list = createAgents(agents, { stateDir: "/state", homeDir: "/home/me" }).list();
  assert.deepEqual(
    list.map((it) => it.workspace),
    ["/home/me/work", "/home/me/work-b", "/home/me"],
  );
});
