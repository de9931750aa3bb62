import { type FakeModel, startFakeModel } from "./fake-model.ts";
import { type Json, startGateway, type TestGateway } from "./gateway.ts";

/** A gateway whose OpenAI and Anthropic are one scripted server, by key and base URL in the environment. */
export interface KeyedRig {
  readonly gateway: TestGateway;
  readonly fake: FakeModel;
  close(): Promise<void>;
}

export async function startKeyedRig(
  script?: Parameters<typeof startFakeModel>[0],
  config?: Json,
): Promise<KeyedRig> {
  const fake = await startFakeModel(script);
  const gateway = await startGateway({
    env: {
      OPENAI_API_KEY: "sk-upstream",
      OPENAI_BASE_URL: `${fake.url}/v1`,
      ANTHROPIC_API_KEY: "sk-ant-upstream",
      ANTHROPIC_BASE_URL: fake.url,
    },
    ...(config && { config }),
  });
  return {
    gateway,
    fake,
    async close() {
      await gateway.close();
      await fake.close();
    },
  };
}
