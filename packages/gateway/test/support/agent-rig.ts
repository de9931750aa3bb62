import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeModel, type FakeStep, startFakeModel } from "./fake-model.ts";
import { type Json, startGateway, type TestGateway } from "./gateway.ts";
import type { TestSocket } from "./socket.ts";

/** A gateway whose agents talk to a scripted provider and work in a folder of the test's. */
export interface AgentRig {
  readonly gateway: TestGateway;
  readonly fake: FakeModel;
  readonly socket: TestSocket;
  /** The default agent's workspace; made by the gateway at first use. */
  readonly workspace: string;
  /** `chat.run` over the rig's socket, or another one; gives the result. */
  run(params: Json, on?: TestSocket): Promise<Json>;
  /** Runs to the end: the model makes the calls, answer by answer, then says "done". Gives all events of the run. */
  play(answers: readonly (readonly ScriptedCall[])[], params?: Json): Promise<Json[]>;
  /** The messages that the model was sent last. */
  lastRequest(): Json;
  close(): Promise<void>;
}

export interface ScriptedCall {
  name: string;
  arguments: unknown;
}

/** The settings of a scripted provider `fake` with the models `m` and `n`; 1 USD per million tokens. */
function fakeProvider(url: string): Json {
  const cost = { input: 1, output: 1 };
  return {
    baseUrl: `${url}/v1`,
    models: ["m", "n"].map((id) => ({ id, cost, contextWindow: 128_000, maxTokens: 4_096 })),
  };
}

/** Starts the rig; `config` is laid over a default agent that uses the scripted model. */
export async function startAgentRig(config: Json = {}, env: Record<string, string> = {}): Promise<AgentRig> {
  const fake = await startFakeModel();
  const folder = mkdtempSync(join(tmpdir(), "openclaw-agent-"));
  const workspace = join(folder, "workspace");
  const { agents = {}, models = {}, ...rest } = config;
  const gateway = await startGateway({
    env,
    config: {
      ...rest,
      models: { providers: { fake: fakeProvider(fake.url), ...models.providers } },
      agents: { ...agents, defaults: { model: "fake/m", workspace, ...agents.defaults } },
    },
  });
  const socket = await gateway.ws();
  const run: AgentRig["run"] = async (params, on = socket) => {
    const { result, error } = await on.call("chat.run", params);
    if (error) throw new Error(JSON.stringify(error));
    return result;
  };
  return {
    gateway,
    fake,
    socket,
    workspace,
    run,
    async play(answers, params = {}) {
      const from = fake.requests.length;
      fake.script((_, count): FakeStep[] => {
        const calls = answers[count - from];
        if (!calls) return [{ text: "done" }];
        return calls.map((call, index) => ({ call: { ...call, id: `call_${count - from}_${index}` } }));
      });
      const { runId } = await run({ message: "go", ...params });
      return socket.end(runId);
    },
    lastRequest: () => fake.requests.at(-1)!.body,
    async close() {
      await gateway.close();
      await fake.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The results of a run's calls, in the order of their ending. */
export function resultsIn(events: readonly Json[]): Json[] {
  return events.flatMap((it) => (it.type === "tool.result" ? [it.data] : []));
}
