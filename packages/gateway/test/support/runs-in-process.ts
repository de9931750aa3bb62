import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configSchema, type RunEvent } from "openclaw-protocol";
import { createIds } from "../../src/lib/ids.ts";
import { openLog } from "../../src/lib/log.ts";
import { onAbort, sleep } from "../../src/lib/signals.ts";
import type { ModelEvent, ModelRequest } from "../../src/runtime/models/types.ts";
import type { ToolPorts } from "../../src/runtime/tools/ports.ts";
import type { Caller } from "../../src/services/access.ts";
import { createAgents } from "../../src/services/agents/agents.ts";
import { createInstructions } from "../../src/services/agents/instructions.ts";
import { createWorkspaces } from "../../src/services/agents/workspace.ts";
import { createBudgets } from "../../src/services/budgets.ts";
import { createAsking } from "../../src/services/models/asking.ts";
import type { Models, ResolvedModel } from "../../src/services/models/models.ts";
import { createContexts } from "../../src/services/runs/context.ts";
import { createRuns, type Runs } from "../../src/services/runs/runs.ts";
import type { Subscription } from "../../src/services/subscription.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";

export const caller: Caller = {
  id: "gateway",
  scopes: new Set(["admin"]),
  limits: {},
  revoked: new AbortController().signal,
};

export const forever = new AbortController().signal;

export type Script = (request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent>;

export interface RunsInProcess {
  db: Database;
  runs: Runs;
  /** Another service over the same database: what a next process has. */
  again(script: Script): Runs;
  close(): Promise<void>;
}

/** The service of runs over a real database and a scripted model; nothing listens. */
export async function startRuns(script: Script, over: (db: Database) => Database = (db) => db) {
  const directory = mkdtempSync(join(tmpdir(), "openclaw-runs-"));
  const opened = await openDatabase(join(directory, "openclaw.db"), "process", Date.now());
  const db = over(opened);
  const modelOf = (script: Script): ResolvedModel => ({
    id: "test/m",
    name: "m",
    providerId: "test",
    api: "test",
    facts: {
      id: "m",
      contextWindow: 100_000,
      maxTokens: 1_000,
      input: ["text"],
      thinking: ["off"],
      cost: { input: 0, output: 0 },
    },
    levels: ["off"],
    price: "none",
    keys: [
      { id: "test/m", wire: async () => ({ stream: (request, { signal }) => script(request, signal) }) },
    ],
  });
  const silent = () => {};
  const config = configSchema.parse({});
  const clock = { now: () => 1_000 }; // one millisecond for all: nothing may hang on the clock
  const { log } = openLog("silent");
  const contexts = createContexts({ db, clock, log });
  const workspaces = createWorkspaces({ closed: [] });
  const budgets = await createBudgets({ db, models: {}, clock, log });
  const tools = ["clock"];
  const again = (script: Script): Runs => {
    const models: Models = {
      resolve: async () => modelOf(script),
      defaultModel: async () => "test/m",
      list: async () => [],
      get: () => Promise.reject(new Error("not asked for here")),
      close: async () => {},
    };
    return createRuns({
      db,
      agents: createAgents(config.agents, { stateDir: directory, homeDir: directory }),
      models,
      asking: createAsking({ models, budgets, config: config.agents.defaults, clock, sleep, log }),
      instructions: createInstructions({ db, clock, workspaces }),
      contexts,
      gate: async () => ({ allowed: true }),
      bindPorts: () => ({}) as ToolPorts, // the clock uses none
      filesOf: (agent) => workspaces.filePortOf(agent),
      toolsOf: () => tools,
      mode: "followup",
      ids: createIds(),
      clock,
      log,
      timeoutMs: 0,
      onEnd: silent,
      onStart: silent,
    });
  };
  const made: RunsInProcess = {
    db,
    runs: again(script),
    again,
    async close() {
      await opened.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return made;
}

export async function eventsOf(subscription: Subscription): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of subscription.events) events.push(event);
  return events;
}

export const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };

/** A model that never answers: a process that is about to be killed. */
export async function* hangs(_request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  await new Promise((_, reject) => onAbort(signal, () => reject(signal.reason)));
  yield { type: "text", delta: "never" };
}

/** What a user's message says to the model. */
export function saidTo(request: ModelRequest): string {
  const last = request.messages.findLast((it) => it.role === "user");
  return last?.content.map((it) => (it.type === "text" ? it.text : "")).join("") ?? "";
}

/** An answer of the model in one piece. */
export async function* says(text: string): AsyncGenerator<ModelEvent> {
  yield { type: "text", delta: text };
  yield { type: "finish", reason: "stop", usage };
}
