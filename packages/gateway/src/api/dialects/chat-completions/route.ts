import { GatewayError } from "../../../lib/errors.ts";
import { onAbort } from "../../../lib/signals.ts";
import { agentInModel } from "../../../services/agents/agents.ts";
import { parseParams } from "../../dispatch.ts";
import type { HttpCall, RawRoute } from "../../http-call.ts";
import { runAgent } from "./agent.ts";
import { passThrough } from "./pass-through.ts";
import { type ChatCompletionsDeps, chatBody } from "./ports.ts";
import { translated } from "./translated.ts";

/**
 * `POST /v1/chat/completions`: OpenAI's dialect. Straight to a model where `model` is `provider/model`, to an
 * agent with its session where it names one. Source: OpenAI API reference, "Chat Completions".
 */
export function chatCompletionsRoute(deps: ChatCompletionsDeps): RawRoute {
  return {
    method: "POST",
    path: "/v1/chat/completions",
    scopes: ["chat"],
    async handle(http) {
      const body = parseParams(chatBody, await http.json());
      const agent = agentInModel(body.model);
      if (agent) return runAgent(http, body, agent.agentId, deps);
      const model = await deps.models.resolve(body.model);
      const limit = deadline(http, deps.timeoutMs);
      try {
        if (model.api === "openai-completions")
          await passThrough(http, body, model, limit.signal, deps.asking);
        else await translated(http, body, model, limit.signal, deps);
      } finally {
        limit.clear();
      }
    },
  };
}

/** Aborts when the caller goes away or the time is up, whichever comes first. */
function deadline(http: HttpCall, timeoutMs: number): { signal: AbortSignal; clear(): void } {
  const { signal } = http.call;
  if (!timeoutMs) return { signal, clear: () => {} };
  const controller = new AbortController();
  const stopListening = onAbort(signal, () => controller.abort(signal.reason));
  const timer = setTimeout(() => {
    controller.abort(new GatewayError("timeout", `The completion took longer than ${timeoutMs} ms.`));
  }, timeoutMs);
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      stopListening();
    },
  };
}
