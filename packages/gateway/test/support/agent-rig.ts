import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeModel, type FakeScript, type FakeStep, startFakeModel } from "./fake-model.ts";
import { type Answer, type Json, startGateway, type TestGateway } from "./gateway.ts";
import type { TestSocket } from "./socket.ts";
import { until } from "./until.ts";

/** A gateway whose agents talk to a scripted provider and work in a folder of the test's. */
export interface AgentRig {
  readonly gateway: TestGateway;
  readonly fake: FakeModel;
  /** That of the present process, see `restart`. */
  readonly socket: TestSocket;
  /** The default agent's workspace; made by the gateway at first use. */
  readonly workspace: string;
  /** `chat.run` over the rig's socket, or another one; gives the result. */
  run(params: Json, on?: TestSocket): Promise<Json>;
  /** Runs to the end: the model makes the calls, answer by answer, then says "done". Gives all events of the run. */
  play(answers: readonly (readonly ScriptedCall[])[], params?: Json): Promise<Json[]>;
  /** Stops the gateway by the signal, starts it again on the same state, and opens `socket` anew. */
  restart(signal: NodeJS.Signals): Promise<void>;
  /** The messages that the model was sent last. */
  lastRequest(): Json;
  close(): Promise<void>;
}

export interface ScriptedCall {
  name: string;
  arguments?: unknown;
  /** The arguments as they are written, where they are no JSON. */
  pieces?: string[];
}

/** The settings of a scripted provider `fake` with the models `m` and `n`; 1 USD per million tokens. */
function fakeProvider(url: string): Json {
  const cost = { input: 1, output: 1 };
  return {
    baseUrl: `${url}/v1`,
    models: ["m", "n"].map((id) => ({ id, cost, contextWindow: 128_000, maxTokens: 4_096 })),
  };
}

export interface AgentRigPlaces {
  /** The gateway's state, below the workspace; in a folder of its own unless told. */
  state?: string;
}

/** Starts the rig; `config` is laid over a default agent that uses the scripted model. */
export async function startAgentRig(
  config: Json = {},
  env: Record<string, string> = {},
  { state }: AgentRigPlaces = {},
): Promise<AgentRig> {
  const fake = await startFakeModel();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "openclaw-agent-")));
  const workspace = join(folder, "workspace");
  const { agents = {}, models = {}, ...rest } = config;
  const gateway = await startGateway({
    env,
    ...(state !== undefined && { stateDir: join(workspace, state) }),
    config: {
      ...rest,
      models: { providers: { fake: fakeProvider(fake.url), ...models.providers } },
      agents: { ...agents, defaults: { model: "fake/m", workspace, ...agents.defaults } },
    },
  });
  const rig = {
    gateway,
    fake,
    socket: await gateway.ws(),
    workspace,
    async run(params: Json, on?: TestSocket): Promise<Json> {
      const { result, error } = await (on ?? rig.socket).call("chat.run", params);
      if (error) throw new Error(JSON.stringify(error));
      return result;
    },
    async restart(signal: NodeJS.Signals): Promise<void> {
      await gateway.kill(signal);
      await gateway.restart();
      rig.socket = await gateway.ws();
    },
    async play(answers: readonly (readonly ScriptedCall[])[], params: Json = {}): Promise<Json[]> {
      const from = fake.requests.length;
      fake.script((_, count): FakeStep[] => {
        const calls = answers[count - from];
        if (!calls) return [{ text: "done" }];
        return calls.map((call, index) => ({ call: { ...call, id: `call_${count - from}_${index}` } }));
      });
      const { runId } = await rig.run({ message: "go", ...params });
      return rig.socket.end(runId);
    },
    lastRequest: () => fake.requests.at(-1)!.body,
    async close() {
      await gateway.close();
      await fake.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return rig;
}

/** The results of a run's calls, in the order of their ending. */
export function resultsIn(events: readonly Json[]): Json[] {
  return events.flatMap((it) => (it.type === "tool.result" ? [it.data] : []));
}

/** A message on which `obedient` makes the calls, answer by answer, and then says "done". */
export function told(...answers: readonly (readonly ScriptedCall[])[]): string {
  return `do ${JSON.stringify(answers)}`;
}

/**
 * A model that does what the user's last message tells it (see `told`), and repeats any other message. It keeps nothing
 * in mind, so many sessions may use it at once.
 */
export const obedient: FakeScript = ({ body }): FakeStep[] => {
  const messages = body.messages as Json[];
  const last = messages.findLastIndex((it) => it.role === "user");
  const text = textOf(messages[last]!);
  if (!text.startsWith("do ")) return [{ text: `heard: ${text}` }];
  const answers = JSON.parse(text.slice("do ".length)) as ScriptedCall[][];
  const count = messages.slice(last).filter((it) => it.role === "assistant").length;
  const calls = answers[count];
  if (!calls) return [{ text: "done" }];
  return calls.map((call, index) => ({ call: { ...call, id: `call_${last}_${count}_${index}` } }));
};

function textOf({ content }: Json): string {
  return typeof content === "string" ? content : content.map((it: Json) => it.text ?? "").join("");
}

/** Waits until a call in the session, or in one whose key fits, waits for a decision. */
export async function askedIn(
  { gateway }: Pick<AgentRig, "gateway">,
  sessionKey: string | RegExp,
): Promise<Json> {
  const fits = (key: string) => (typeof sessionKey === "string" ? key === sessionKey : sessionKey.test(key));
  let found: Json | undefined;
  await until(async () => {
    const { approvals } = (await gateway.api("GET", "/v1/approvals")).body;
    found = approvals.find((it: Json) => fits(it.sessionKey));
    return found !== undefined;
  }, `a call in ${sessionKey} waits for a decision`);
  return found!; // as just waited for
}

/** Answers for a waiting call over HTTP. */
export function decide(
  { gateway }: Pick<AgentRig, "gateway">,
  { approvalId }: Json,
  decision: "allow" | "always" | "deny",
  headers?: Record<string, string>,
): Promise<Answer> {
  return gateway.api("POST", `/v1/approvals/${approvalId}`, { decision }, headers);
}

/** The header of a new token with these scopes. */
export async function tokenWith(
  { gateway }: Pick<AgentRig, "gateway">,
  ...scopes: string[]
): Promise<Record<string, string>> {
  const { body } = await gateway.api("POST", "/v1/tokens", { name: scopes.join(), scopes });
  return { authorization: `Bearer ${body.token}` };
}
