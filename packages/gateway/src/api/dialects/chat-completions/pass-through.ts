import type { ResolvedModel } from "../../../services/models/models.ts";
import type { Passing } from "../../../services/models/passing.ts";
import type { HttpCall } from "../../http-call.ts";
import type { ChatBody } from "./ports.ts";
import { createChunkStream } from "./stream.ts";

/** Hands the request on to a provider that speaks the dialect itself: only `model` changes, there and back. */
export async function passThrough(
  http: HttpCall,
  body: ChatBody,
  model: ResolvedModel,
  signal: AbortSignal,
  provider: Passing,
): Promise<void> {
  const asked = body.model;
  const { caller } = http.call;
  const plan = { model: model.id, callerId: caller.id, tokenLimit: caller.limits.maxCostPerDay };
  if (!body.stream) {
    const completion = await provider.complete(plan, body, { signal });
    http.sendJson(200, relabel(completion, asked));
    return;
  }
  const stream = createChunkStream(http, signal);
  try {
    for await (const chunks of await provider.stream(plan, body, { signal })) {
      for (const chunk of chunks) relabel(chunk, asked);
      const behind = stream.send(chunks);
      if (behind) await behind;
    }
    stream.done();
  } catch (error) {
    stream.fail(error);
  }
}

/** The answer names the model as the caller did, and its id has the dialect's prefix. */
function relabel(answer: Record<string, unknown>, model: string): Record<string, unknown> {
  answer.model = model;
  const { id } = answer;
  if (typeof id !== "string" || !id.startsWith("chatcmpl-")) answer.id = `chatcmpl-${String(id ?? "")}`;
  return answer;
}
