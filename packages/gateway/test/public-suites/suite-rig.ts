import { type ModelServer, startModelServer } from "../compare/model-server.ts";
import { type FakeModel, type FakeScript, startFakeModel } from "../support/fake-model.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";

/** A gateway without limits, with models on each of the four wires that do whatever they are asked for. */
export interface SuiteRig {
  readonly gateway: TestGateway;
  readonly fake: FakeModel;
  readonly server: ModelServer;
  close(): Promise<void>;
}

/**
 * The demo and a model of each wire. Where the wire speaks the dialect itself the answers are the provider's own:
 * these two providers leave nothing out.
 */
export const chatModels = [
  "builtin/demo",
  "full-chat/plain",
  "resp/model",
  "anthro/claude-sonnet-4-5",
  "gem/gemini-2.5-flash",
];
export const responseModels = [
  "builtin/demo",
  "chat/model",
  "full-resp/plain",
  "anthro/claude-sonnet-4-5",
  "gem/gemini-2.5-flash",
];

/** Thinks and says something, and calls the tool where one is offered. */
const obliging: FakeScript = ({ body }) => [
  { reasoning: "Let me " },
  { reasoning: "think." },
  { text: "Here " },
  { text: "you are." },
  ...(((body.tools ?? []) as unknown[]).length > 0
    ? [{ call: { name: "get_weather", pieces: ['{"location":', '"Bern"}'] } }]
    : []),
  { usage: { prompt: 9, completion: 7, reasoning: 3, cached: 2 } },
];

export async function startSuiteRig(): Promise<SuiteRig> {
  const fake = await startFakeModel(obliging);
  const server = await startModelServer();
  const provider = (api: string, baseUrl: string, id: string) => ({
    api,
    baseUrl,
    apiKey: "sk-upstream",
    models: [{ id, reasoning: true, input: ["text", "image"] }],
  });
  const gateway = await startGateway({
    config: {
      models: {
        providers: {
          chat: provider("openai-completions", `${fake.url}/v1`, "model"),
          resp: provider("openai-responses", `${fake.url}/v1`, "model"),
          anthro: provider("anthropic-messages", `${fake.url}/v1`, "claude-sonnet-4-5"),
          gem: provider("google-generative-ai", `${fake.url}/v1beta`, "gemini-2.5-flash"),
          "full-chat": provider("openai-completions", `${server.url}/v1`, "plain"),
          "full-resp": provider("openai-responses", `${server.url}/v1`, "plain"),
        },
      },
      agents: { defaults: { model: "builtin/demo" } },
    },
  });
  return {
    gateway,
    fake,
    server,
    async close() {
      await gateway.close();
      await fake.close();
      await server.close();
    },
  };
}
