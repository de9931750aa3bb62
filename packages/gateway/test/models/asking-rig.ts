import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { configSchema } from "openclaw-protocol";
import { openLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secrets.ts";
import { sleep } from "../../src/lib/signals.ts";
import type { ModelEvent, ModelRequest } from "../../src/runtime/models/types.ts";
import { createAgents } from "../../src/services/agents/agents.ts";
import { type Budgets, createBudgets } from "../../src/services/budgets.ts";
import { type AskPlan, createAsking } from "../../src/services/models/asking.ts";
import { createModels } from "../../src/services/models/models.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { type FakeModel, type FakeScript, startFakeModel } from "../support/fake-model.ts";

interface Setup {
  /** A provider each, with the model `m`, on a fake of its own. */
  providers: Record<string, { script?: FakeScript | undefined } & Record<string, unknown>>;
  /** `agents.defaults`. */
  defaults?: Record<string, unknown>;
  /** Environment variables that hold keys. */
  env?: Record<string, string>;
  budgets?: Budgets;
}

/** The ways to the models over fake providers, on a clock that tests may put forward. */
export async function startAskingRig(
  test: TestContext,
  { providers, defaults = {}, env = {}, budgets }: Setup,
) {
  const fakes: Record<string, FakeModel> = {};
  const written: Record<string, unknown> = {};
  for (const [id, { script, ...own }] of Object.entries(providers)) {
    const fake = await startFakeModel(script ?? [{ text: `${id} speaks` }]);
    fakes[id] = fake;
    written[id] = { baseUrl: `${fake.url}/v1`, models: [{ id: "m" }], ...own };
  }
  const config = configSchema.parse({ models: { providers: written }, agents: { defaults } });
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const slept: number[] = [];
  const models = createModels({
    config: config.models,
    keyOf: (names) => names.flatMap((it) => (env[it] ? [new Secret(env[it])] : []))[0],
    overrides: {},
    secretOf: (text) => new Secret(text),
    agents: createAgents(config.agents, { stateDir: tmpdir(), homeDir: tmpdir() }),
    choices: config.agents.defaults.models,
    ports: {
      now: clock.now,
      random: () => 0,
      async sleep(ms) {
        slept.push(ms);
      },
    },
  });
  const counts = { failovers: 0, refusals: 0, hits: 0, misses: 0 };
  const asking = createAsking({
    models,
    budgets: budgets ?? { reserve: () => undefined },
    config: config.agents.defaults,
    clock,
    sleep,
    log: openLog("silent").log,
    metrics: {
      failedOver: () => void counts.failovers++,
      budgetRefused: () => void counts.refusals++,
      answerCache: (hit) => void (hit ? counts.hits++ : counts.misses++),
    },
  });
  test.after(async () => {
    await Promise.all(Object.values(fakes).map((it) => it.close()));
    await models.close();
  });

  const answered: string[] = [];
  const plan = (candidates: readonly string[], more: Partial<AskPlan> = {}): AskPlan => ({
    candidates,
    thinking: "off",
    callerId: "gateway",
    purpose: "answer",
    onModel: (model) => void answered.push(model.id),
    ...more,
  });
  const ask = (
    candidates: readonly string[],
    more: Partial<AskPlan> & { text?: string; request?: Partial<ModelRequest>; signal?: AbortSignal } = {},
  ): AsyncIterable<ModelEvent> => {
    const { text = "hello", request, signal = new AbortController().signal, ...own } = more;
    const messages = [{ role: "user" as const, content: [{ type: "text" as const, text }] }];
    return asking.ask(plan(candidates, own), { messages, ...request }, { signal });
  };

  return {
    fakes,
    models,
    asking,
    counts,
    /** Who answered, call by call. */
    answered,
    /** Waits of the wires. */
    slept,
    clock,
    ask,
    /** The text of a whole answer. */
    async say(...args: Parameters<typeof ask>): Promise<string> {
      let text = "";
      for await (const event of ask(...args)) if (event.type === "text") text += event.delta;
      return text;
    },
    /** How many requests each provider has seen. */
    seen: () => Object.fromEntries(Object.entries(fakes).map(([id, fake]) => [id, fake.requests.length])),
    later(ms: number) {
      ahead += ms;
    },
  };
}

/** A database of the test's own, and budgets over it. */
export async function startBudgets(
  test: TestContext,
  clock: { now(): number },
  models: Parameters<typeof createBudgets>[0]["models"] = {},
): Promise<{ db: Database; budgets: Budgets; again(): Promise<Budgets> }> {
  const directory = mkdtempSync(join(tmpdir(), "openclaw-budgets-"));
  const db = await openDatabase(join(directory, "openclaw.db"), "process", clock.now());
  test.after(async () => {
    await db.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const again = () => createBudgets({ db, models, clock, log: openLog("silent").log });
  return { db, again, budgets: await again() };
}
