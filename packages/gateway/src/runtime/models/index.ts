import { GatewayError } from "../../lib/errors.ts";
import type { WireApi } from "./providers.ts";
import type { CreateWire, ModelWire, ProviderSettings, WirePorts } from "./types.ts";

/** Every wire by the name of its API. Nothing of a wire is loaded before a provider that speaks it is called. */
const wires: Record<WireApi, () => Promise<CreateWire>> = {
  "openai-completions": async () => (await import("./openai-completions.ts")).createOpenAiCompletions,
  "openai-responses": async () => (await import("./openai-responses.ts")).createOpenAiResponses,
  "anthropic-messages": async () => (await import("./anthropic-messages.ts")).createAnthropicMessages,
  "google-generative-ai": async () => (await import("./google-generative-ai.ts")).createGoogleGenerativeAi,
  demo: async () => (await import("./demo.ts")).createDemo,
};

function speaks(api: string): api is WireApi {
  return Object.hasOwn(wires, api);
}

/** The wire to a provider. An API that this build does not speak is `invalid_request`. */
export async function createWire(
  api: string,
  provider: ProviderSettings,
  ports: WirePorts,
): Promise<ModelWire> {
  if (!speaks(api)) {
    throw new GatewayError(
      "invalid_request",
      `The provider "${provider.id}" is set to the API "${api}", which this gateway does not speak. Use one of ${Object.keys(wires).join(", ")}.`,
      { param: "model" },
    );
  }
  const create = await wires[api]();
  return create(provider, ports);
}
