import Anthropic from "@anthropic-ai/sdk";
import { type FakeModel, startFakeModel } from "../support/fake-model.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";

/** A gateway whose Anthropic, OpenAI and Google are one scripted server, and Anthropic's official SDK before it. */
export interface MessagesRig {
  readonly gateway: TestGateway;
  readonly fake: FakeModel;
  readonly client: Anthropic;
  close(): Promise<void>;
}

export async function startMessagesRig(): Promise<MessagesRig> {
  const fake = await startFakeModel();
  const gateway = await startGateway({
    env: {
      OPENAI_API_KEY: "sk-upstream",
      OPENAI_BASE_URL: `${fake.url}/v1`,
      ANTHROPIC_API_KEY: "sk-ant-upstream",
      ANTHROPIC_BASE_URL: fake.url,
    },
    config: {
      agents: { defaults: { model: "builtin/demo" } },
      models: { providers: { google: { baseUrl: `${fake.url}/v1beta`, apiKey: "google-upstream" } } },
    },
  });
  return {
    gateway,
    fake,
    client: new Anthropic({ baseURL: gateway.url, apiKey: gateway.token, maxRetries: 0 }),
    async close() {
      await gateway.close();
      await fake.close();
    },
  };
}

export const hello: Anthropic.MessageParam[] = [{ role: "user", content: "Hello!" }];
export const max_tokens = 256;

export const weather: Anthropic.Tool = {
  name: "get_weather",
  description: "The weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

/** The text of a message, its other blocks left out. */
export function textOf({ content }: { content: readonly { type: string }[] }): string {
  return content.map((it) => ("text" in it ? String(it.text) : "")).join("");
}
