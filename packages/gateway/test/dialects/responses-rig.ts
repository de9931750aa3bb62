import OpenAI from "openai";
import { type FourWires, startFourWires, wireModels } from "../support/four-wires.ts";
import type { Answer, Json } from "../support/gateway.ts";

/** A gateway before providers of all four wires, OpenAI's official SDK before it, and callers of fewer rights. */
export interface ResponsesRig extends FourWires {
  readonly client: OpenAI;
  /** `POST /v1/responses`, by hand. */
  ask(body: Json, headers?: Record<string, string>): Promise<Answer>;
  /** The SDK with another credential, of these scopes. */
  as(...scopes: string[]): Promise<OpenAI>;
  /** The body of the newest request that the provider got. */
  lastSent(): Json;
}

export async function startResponsesRig(config?: Json): Promise<ResponsesRig> {
  const wires = await startFourWires(config);
  const { gateway, fake } = wires;
  const sdk = (apiKey: string) => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
  return {
    ...wires,
    client: sdk(gateway.token),
    ask: (body, headers) => gateway.api("POST", "/v1/responses", body, headers),
    async as(...scopes) {
      const { body } = await gateway.api("POST", "/v1/tokens", { name: `t-${scopes.join("-")}`, scopes });
      return sdk(body.token);
    },
    lastSent: () => fake.requests.at(-1)!.body,
  };
}

/** Names of models, one of each wire. */
export const models = Object.values(wireModels);
export { wireModels };

export const weather = {
  type: "function" as const,
  name: "get_weather",
  description: "The weather of a city",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
  strict: false,
};

export const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

/** What a provider was sent, of whichever wire: who said what, in order, roles and texts only. */
export function turnsOf(sent: Json): string[] {
  const list: Json[] = sent.messages ?? sent.contents ?? sent.input;
  return list
    .map((it) => {
      const role = { model: "assistant" }[String(it.role)] ?? it.role ?? it.type;
      const parts: unknown = it.content ?? it.parts ?? it.output ?? it.arguments ?? "";
      const text = Array.isArray(parts) ? parts.map((part: Json) => part.text ?? "").join("") : String(parts);
      return `${role}: ${text}`;
    })
    .filter((it) => !it.startsWith("system") && !it.startsWith("developer"));
}

/** The error that a promise fails with, as the SDK's own class. */
export async function failureOf(work: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
