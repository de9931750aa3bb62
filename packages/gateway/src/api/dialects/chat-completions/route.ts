import { z } from "zod";
import { GatewayError } from "../../../lib/errors.ts";
import { onAbort } from "../../../lib/signals.ts";
import { agentInModel } from "../../../services/agents.ts";
import type { Models } from "../../../services/models/models.ts";
import type { Runs } from "../../../services/runs/runs.ts";
import { parseParams } from "../../dispatch.ts";
import type { HttpCall, RawRoute } from "../../http-call.ts";
import { runAgent } from "./agent.ts";
import { passThrough } from "./pass-through.ts";
import { translated } from "./translated.ts";

/** What must be right whoever judges the rest. */
const envelope = z.looseObject({
  model: z.string().min(1),
  messages: z.array(z.record(z.string(), z.unknown())).min(1),
  stream: z.boolean().nullish(),
});
export type ChatBody = z.infer<typeof envelope>;

export interface ChatCompletionsDeps {
  models: Models;
  runs: Runs;
  /** Most time of a completion, ms; 0 = off. */
  timeoutMs: number;
  now(): number;
  newId(prefix: string): string;
}

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
      const body = parseParams(envelope, await http.json());
      const agent = agentInModel(body.model);
      if (agent) return runAgent(http, body, agent.agentId, deps);
      const model = await deps.models.resolve(body.model);
      const wire = await model.wire();
      const limit = deadline(http, deps.timeoutMs);
      try {
        if (wire.chatCompletions) await passThrough(http, body, model, wire.chatCompletions, limit.signal);
        else await translated(http, body, model, wire, limit.signal, deps);
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
