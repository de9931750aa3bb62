import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configSchema } from "openclaw-protocol";
import { GatewayError } from "../../src/lib/errors.ts";
import { createIds } from "../../src/lib/ids.ts";
import { createAgents } from "../../src/services/agents/agents.ts";
import { createChannelCommands } from "../../src/services/channels/commands.ts";
import type { Models } from "../../src/services/models/models.ts";
import { createSessions } from "../../src/services/sessions/sessions.ts";
import { findSession } from "../../src/storage/sessions.ts";
import { caller, forever, type RunsInProcess, says, startRuns } from "../support/runs-in-process.ts";

const unknown = 'There is no model "x/y". GET /v1/models lists what can be called.';
let rig: RunsInProcess;
let run: (line: string, more?: { channelId?: string }) => Promise<string>;
let sessionKey = "";
let begun: ReturnType<typeof Promise.withResolvers<void>>;

before(async () => {
  rig = await startRuns(async function* (request, signal) {
    const last = JSON.stringify(request.messages.at(-1));
    if (!last.includes("wait")) return yield* says("Hello.");
    begun.resolve();
    yield { type: "text", delta: "On" };
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const { db, runs } = rig;
  const agents = createAgents(configSchema.parse({}).agents, { stateDir: "/state", homeDir: "/home" });
  const models: Pick<Models, "resolve" | "defaultModel"> = {
    async resolve(id) {
      if (id !== "test/m") throw new GatewayError("not_found", unknown, { param: "model" });
      return { id } as Awaited<ReturnType<Models["resolve"]>>; // only its id is read
    },
    defaultModel: async () => "test/m",
  };
  const sessions = createSessions({
    db,
    runs,
    models,
    contexts: { forget() {} },
    onGone() {},
    events: { publish() {} } as unknown as Parameters<typeof createSessions>[0]["events"], // nothing else is called
    ids: createIds(),
    clock: { now: () => 1_000 },
    purge() {},
  });
  const commands = createChannelCommands({ sessions, runs, models, agents, db, version: "2026.1.2" });
  run = (line, more = {}) => {
    const [name = "", ...args] = line.split(" ");
    const place = { sessionKey, agentId: "default", callerId: "channel:telegram", ...more };
    return commands.run({ name, args: args.join(" ") }, place);
  };
});

after(() => rig.close());

async function say(message: string): Promise<void> {
  await rig.runs.answer({ caller, message, sessionKey }, forever);
}

const session = () => findSession(rig.db.read, sessionKey);

describe("the owner's commands", () => {
  it("tell what a chat is set to and has used, also before it began", async () => {
    sessionKey = "status";
    assert.match(
      await run("status"),
      /Agent: `default`\n- Model: `test\/m`\n- Thinking: off\n- Messages: 0\n- Tokens: 0, cost: \$0\n- OpenClaw 2026\.1\.2/,
    );
    await say("Hi");
    assert.match(await run("status"), /Messages: 2\n- Tokens: 2,/);
  });

  it("begin a conversation anew, also where there is none", async () => {
    sessionKey = "reset";
    assert.match(await run("new"), /new conversation/);
    assert.equal(await session(), undefined);
    await say("Hi");
    const before = await session();
    assert.match(await run("reset"), /new conversation/);
    const now = await session();
    assert.equal(now?.message_count, 0);
    assert.notEqual(now?.id, before?.id);
  });

  it("stop what runs and what waits in this chat, and nothing elsewhere", async () => {
    sessionKey = "stop";
    assert.equal(await run("stop"), "Nothing is being answered here.");
    begun = Promise.withResolvers();
    const elsewhere = await rig.runs.start({ caller, message: "wait", sessionKey: "elsewhere" });
    await begun.promise;
    begun = Promise.withResolvers();
    const ids = [];
    for (let n = 0; n < 3; n += 1)
      ids.push((await rig.runs.start({ caller, message: "wait", sessionKey })).runId);
    await begun.promise;
    assert.equal(await run("stop"), "Stopped 3 answers.");
    const states = await Promise.all(ids.map(async (id) => (await rig.runs.get(id, caller)).status));
    assert.deepEqual(states, ["aborted", "aborted", "aborted"]);
    assert.equal((await rig.runs.get(elsewhere.runId, caller)).status, "running");
    await rig.runs.abort(elsewhere.runId, caller);
    assert.equal(await run("stop"), "Nothing is being answered here.");
  });

  it("show and set the model, and tell in the models' own words of one that is not there", async () => {
    sessionKey = "model";
    await say("Hi");
    assert.equal(await run("model"), "The model is `test/m`.");
    assert.equal(await run("model x/y"), unknown);
    assert.equal(await run("model test/m"), "The model is now `test/m`.");
    assert.equal((await session())?.model, "test/m");
    assert.match(await run("model default"), /usual one again/);
    assert.equal((await session())?.model, null);
    assert.match(await run("model one two"), /Say it like/);
  });

  it("show and set how hard the model thinks", async () => {
    sessionKey = "think";
    await say("Hi");
    assert.match(await run("think High"), /now high/);
    assert.equal((await session())?.thinking, "high");
    assert.equal(await run("think"), "Thinking is high.");
    assert.match(await run("think deeply"), /Levels are off, minimal/);
    assert.match(await run("think default"), /off again/);
    assert.equal((await session())?.thinking, null);
  });

  it("make the session that a setting needs where they are told its channel", async () => {
    sessionKey = "first";
    assert.match(await run("model test/m"), /Nothing was said here yet/);
    assert.match(await run("model x/y", { channelId: "telegram" }), /There is no model/);
    assert.equal(await session(), undefined);
    assert.match(await run("model test/m", { channelId: "telegram" }), /now `test\/m`/);
    const row = await session();
    assert.deepEqual(
      [row?.channel, row?.owner, row?.agent_id, row?.model],
      ["telegram", "channel:telegram", "default", "test/m"],
    );
  });

  it("are listed by help", async () => {
    assert.match(await run("help"), /- `\/status` – [\s\S]*- `\/help` – /);
  });
});
