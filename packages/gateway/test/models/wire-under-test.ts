import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { GatewayError } from "../../src/lib/errors.ts";
import { Secret } from "../../src/lib/secrets.ts";
import { createAnthropicMessages } from "../../src/runtime/models/anthropic-messages.ts";
import { createGoogleGenerativeAi } from "../../src/runtime/models/google-generative-ai.ts";
import { createOpenAiCompletions } from "../../src/runtime/models/openai-completions.ts";
import { createOpenAiResponses } from "../../src/runtime/models/openai-responses.ts";
import type {
  CallOptions,
  ModelEvent,
  ModelRequest,
  ModelWire,
  ProviderSettings,
} from "../../src/runtime/models/types.ts";
import type { WireLimits } from "../../src/runtime/models/wire-limits.ts";
import { type FakeModel, type FakeScript, startFakeModel } from "../support/fake-model.ts";

export const key = "sk-secret-0123456789";

const dialects = {
  openai: { id: "openai", create: createOpenAiCompletions, path: "/v1", model: "gpt-4o" },
  responses: { id: "openai", create: createOpenAiResponses, path: "/v1", model: "gpt-4.1" },
  anthropic: { id: "anthropic", create: createAnthropicMessages, path: "/v1", model: "claude-sonnet-4-5" },
  google: { id: "google", create: createGoogleGenerativeAi, path: "/v1beta", model: "gemini-2.5-flash" },
};

export const wires = Object.keys(dialects) as (keyof typeof dialects)[]; // the keys of a literal object

interface Setup {
  script?: FakeScript;
  limits?: Partial<WireLimits>;
  provider?: Partial<ProviderSettings>;
  /** Waits for real; otherwise waits are only noted in `slept`. */
  realSleep?: boolean;
}

/** A wire to a fake provider that ends with the test. */
export async function setUp(test: TestContext, name: keyof typeof dialects, setup: Setup = {}) {
  const fake: FakeModel = await startFakeModel(setup.script);
  const { id, create, path, model } = dialects[name];
  const slept: number[] = [];
  const ports = {
    now: Date.now,
    random: Math.random,
    async sleep(ms: number, { signal }: CallOptions) {
      slept.push(ms);
      if (setup.realSleep) await wait(ms, undefined, { signal });
    },
  };
  const provider = {
    id,
    baseUrl: fake.url + path,
    apiKey: new Secret(key),
    headers: {},
    ...setup.provider,
  };
  let wire: ModelWire | undefined;
  test.after(async () => {
    await fake.close();
    await wire?.close?.();
  });
  wire = create(provider, ports, setup.limits);
  return {
    fake,
    wire,
    model,
    slept,
    ask: (more: Partial<ModelRequest> = {}, signal?: AbortSignal) => ask(wire, model, more, signal),
  };
}

/** A request that says hello. */
export function hello(model: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return { model, messages: [{ role: "user", content: [{ type: "text", text: "hello" }] }], ...more };
}

/** All events of one call. */
export async function ask(
  wire: ModelWire,
  model: string,
  more: Partial<ModelRequest> = {},
  signal = new AbortController().signal,
): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of wire.stream(hello(model, more), { signal })) events.push(event);
  return events;
}

export function textOf(events: readonly ModelEvent[]): string {
  return events.map((it) => (it.type === "text" ? it.delta : "")).join("");
}

/** The events of one kind. */
export function only<T extends ModelEvent["type"]>(events: readonly ModelEvent[], type: T) {
  return events.filter((it): it is Extract<ModelEvent, { type: T }> => it.type === type);
}

/** The `GatewayError` that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<GatewayError> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw new Error(`not a GatewayError: ${String(thrown)}`, { cause: thrown });
  }
  throw new Error("it did not fail");
}

/** Waits until something is so, at most 5 s. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await wait(5);
  }
}
