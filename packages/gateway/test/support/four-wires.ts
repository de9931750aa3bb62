import { type FakeModel, startFakeModel } from "./fake-model.ts";
import { type Json, startGateway, type TestGateway } from "./gateway.ts";

/** Models that one fake server is reached as, over each of the four wires. */
export const wireModels = {
  chat: "chat/model",
  responses: "resp/model",
  messages: "anthro/claude-sonnet-4-5",
  google: "gem/gemini-2.5-flash",
} as const;

/** A gateway with a provider of each wire, all of them one scripted server, and no limits. */
export interface FourWires {
  readonly gateway: TestGateway;
  /** What it was started with. */
  readonly config: Json;
  readonly fake: FakeModel;
  close(): Promise<void>;
}

export async function startFourWires(config: Json = {}): Promise<FourWires> {
  const fake = await startFakeModel();
  const provider = (api: string, path: string, id: string) => ({
    api,
    baseUrl: `${fake.url}${path}`,
    apiKey: "sk-upstream",
    models: [{ id, reasoning: true }],
  });
  const whole: Json = {
    gateway: { limits: { perMinute: 0, concurrency: 0, connections: 0 } },
    models: {
      providers: {
        chat: provider("openai-completions", "/v1", "model"),
        resp: provider("openai-responses", "/v1", "model"),
        anthro: provider("anthropic-messages", "/v1", "claude-sonnet-4-5"),
        gem: provider("google-generative-ai", "/v1beta", "gemini-2.5-flash"),
      },
    },
    agents: { defaults: { model: "builtin/demo" } },
    ...config,
  };
  const gateway = await startGateway({ config: whole });
  return {
    gateway,
    config: whole,
    fake,
    async close() {
      await gateway.close();
      await fake.close();
    },
  };
}
