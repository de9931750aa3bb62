import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type AgentConfig, configSchema } from "openclaw-protocol";
import { type Agent, createAgents } from "../../src/services/agents/agents.ts";
import { createInstructions, type Instructions } from "../../src/services/agents/instructions.ts";
import { createWorkspaces } from "../../src/services/agents/workspace.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { copyPrompt } from "../../src/storage/session-prompts.ts";
import { insertSession, type SessionRow } from "../../src/storage/sessions.ts";

let dir: string;
let db: Database;
let now: number;
let instructions: Instructions;
let agent: Agent;

const hour = 3_600_000;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "openclaw-instructions-"));
  db = await openDatabase(join(dir, "openclaw.db"), "process", 0);
  now = Date.parse("2026-11-23T22:30:00Z");
  instructions = another();
  agent = agentOf({});
  await create();
});

afterEach(async () => {
  await db.close();
  rmSync(dir, { recursive: true, force: true });
});

/** As the next process has it. */
function another(): Instructions {
  return createInstructions({ db, clock: { now: () => now }, workspaces: createWorkspaces({ closed: [] }) });
}

function agentOf(own: Omit<AgentConfig, "id">): Agent {
  const { agents } = configSchema.parse({ agents: { list: [{ id: "a", name: "Ada", ...own }] } });
  return createAgents(agents, { stateDir: dir, homeDir: dir }).get("a");
}

/** Makes the workspace. */
async function create(): Promise<void> {
  await instructions.prepare(undefined, agent);
}

function write(name: string, text: string): void {
  writeFileSync(join(agent.workspace, name), text);
}

/** A message: what is told before it, and the session that it is in. */
async function say(
  session?: SessionRow,
  by = instructions,
): Promise<{ note: string | undefined; session: SessionRow }> {
  const { note, store } = await by.prepare(session, agent);
  const stored = await db.write(async (tx) => {
    const row =
      session ??
      (await insertSession(tx, {
        key: `s-${Math.random()}`,
        agentId: "a",
        owner: "gateway",
        channel: "webchat",
        listed: true,
        title: null,
        now,
      }));
    await store(tx, row.id);
    return row;
  });
  return { note, session: stored };
}

describe("what a session is told", () => {
  test("its system prompt holds the four files, the config's instructions and the date, and never MEMORY.md", async () => {
    for (const name of ["AGENTS.md", "SOUL.md", "USER.md", "TOOLS.md", "MEMORY.md"])
      write(name, `This is ${name}.`);
    agent = agentOf({ instructions: "Answer in rhyme." });
    const { session, note } = await say();
    assert.equal(note, undefined);
    const system = await instructions.system(session.id, agent);
    for (const name of ["AGENTS.md", "SOUL.md", "USER.md", "TOOLS.md"])
      assert.ok(system.includes(`This is ${name}.`));
    assert.ok(!system.includes("This is MEMORY.md."));
    assert.ok(system.includes("MEMORY.md"), "yet it is told that it exists");
    assert.ok(system.startsWith("You are Ada,"));
    assert.ok(system.includes("Answer in rhyme."));
    assert.ok(system.endsWith("This session began on Monday, 23 November 2026 (UTC)."));
  });

  test("the prompt stays the same bytes whatever changes, in the next process, too", async () => {
    write("SOUL.md", "Old soul.");
    const { session } = await say();
    const system = await instructions.system(session.id, agent);
    write("SOUL.md", "New soul.");
    now += 48 * hour;
    agent = agentOf({ name: "Eve", instructions: "Other." });
    await say(session);
    assert.equal(await instructions.system(session.id, agent), system);
    assert.equal(await another().system(session.id, agent), system);
    const { session: fresh } = await say();
    assert.match(
      await instructions.system(fresh.id, agent),
      /Eve[\s\S]*Other\.[\s\S]*New soul\.[\s\S]*25 November/,
    );
  });

  test("a changed, a new and a deleted file are told once, before the next message", async () => {
    const { session } = await say();
    assert.equal((await say(session)).note, undefined);
    write("AGENTS.md", "Always rhyme.");
    assert.equal((await say(session)).note, "Changed: AGENTS.md. It now reads:\n\nAlways rhyme.");
    assert.equal((await say(session)).note, undefined);
    unlinkSync(join(agent.workspace, "SOUL.md"));
    assert.equal((await say(session)).note, "Gone: SOUL.md. What it said no longer holds.");
    write("SOUL.md", "Back.");
    assert.match((await say(session, another())).note!, /^Changed: SOUL\.md/);
    assert.equal((await say(session)).note, undefined);
    agent = agentOf({ instructions: "Be brief." });
    assert.equal((await say(session)).note, "Changed: Your instructions. It now reads:\n\nBe brief.");
    assert.equal((await say(session, another())).note, undefined);
  });

  test("a change that leaves size and time as they were is seen, and one that leaves the text is not told", async () => {
    write("USER.md", "one");
    const when = new Date(now);
    utimesSync(join(agent.workspace, "USER.md"), when, when);
    const { session } = await say();
    write("USER.md", "two");
    utimesSync(join(agent.workspace, "USER.md"), when, when);
    assert.match((await say(session)).note!, /two$/);
    write("USER.md", "two");
    assert.equal((await say(session)).note, undefined);
  });

  test("a note whose message was not stored is told with the next one", async () => {
    const { session } = await say();
    write("AGENTS.md", "Always rhyme.");
    await instructions.prepare(session, agent);
    assert.match((await say(session)).note!, /rhyme/);
  });

  test("the day is told when it has changed since it was last told, by UTC", async () => {
    const { session } = await say();
    now += hour;
    assert.equal((await say(session)).note, undefined);
    now += hour;
    assert.equal((await say(session)).note, "Today is Tuesday, 24 November 2026 (UTC).");
    assert.equal((await say(session)).note, undefined);
  });

  test("a session of a version that kept no prompts gets one, as of its beginning", async () => {
    const { session } = await say();
    await db.write((tx) => tx.deleteFrom("session_prompts").execute());
    now += 24 * hour;
    const { note } = await say(session, another());
    assert.equal(note, "Today is Tuesday, 24 November 2026 (UTC).");
    assert.match(await another().system(session.id, agent), /began on Monday, 23 November/);
    await db.write((tx) => tx.deleteFrom("session_prompts").execute());
    const made = await another().system(session.id, agent);
    now += 24 * hour;
    assert.equal(await another().system(session.id, agent), made, "what was made is kept");
  });

  test("two first messages at once leave one prompt, and a deleted session none", async () => {
    const { session } = await say();
    const system = await another().system(session.id, agent);
    const late = await instructions.prepare(undefined, agentOf({ name: "Other" }));
    await db.write((tx) => late.store(tx, session.id));
    assert.equal(await another().system(session.id, agent), system);
    await db.write((tx) => tx.deleteFrom("sessions").where("id", "=", session.id).execute());
    await db.write((tx) => late.store(tx, session.id));
    assert.match(await another().system(session.id, agent), /^You are Ada/);
    assert.deepEqual(await db.read.selectFrom("session_prompts").selectAll().execute(), []);
  });

  test("a copy of a session begins with the same bytes", async () => {
    const { session } = await say();
    const { session: copy } = await say();
    await db.write(async (tx) => {
      await tx.deleteFrom("session_prompts").where("session_id", "=", copy.id).execute();
      await copyPrompt(tx, session.id, copy.id);
    });
    assert.equal(await another().system(copy.id, agent), await another().system(session.id, agent));
  });

  test("a link out of the workspace, a folder and a closed file are not read, a link within it is", async () => {
    writeFileSync(join(dir, "secret"), "the secret word");
    for (const name of ["AGENTS.md", "SOUL.md", "USER.md", "TOOLS.md"])
      unlinkSync(join(agent.workspace, name));
    symlinkSync(join(dir, "secret"), join(agent.workspace, "AGENTS.md"));
    symlinkSync("/proc/self/environ", join(agent.workspace, "USER.md"));
    write("notes", "kept within");
    symlinkSync("notes", join(agent.workspace, "SOUL.md"));
    const { session } = await say();
    const system = await instructions.system(session.id, agent);
    assert.ok(!system.includes("secret word") && !system.includes("PATH="));
    assert.ok(system.includes("kept within"));
  });

  test("a file that is too long is cut with a mark, and odd bytes do no harm", async () => {
    write("AGENTS.md", `${"a".repeat(7_999)}😀${"b".repeat(100_000)}`);
    writeFileSync(join(agent.workspace, "SOUL.md"), Buffer.from([0x61, 0x00, 0xff, 0x62]));
    const { session } = await say();
    const system = await another().system(session.id, agent);
    assert.ok(system.includes("[Cut here: only the first 8000 characters are read.]"));
    assert.ok(!system.includes("bbb"));
    assert.ok(system.isWellFormed() && !system.includes("\0"));
    assert.equal((await say(session)).note, undefined);
  });
});
