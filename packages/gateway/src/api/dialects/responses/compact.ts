import { compactRequest } from "openclaw-protocol";
import { summaryMessage, summaryRequest, validSummary } from "../../../runtime/compaction.ts";
import { speaks } from "../../../runtime/models/providers.ts";
import type { PromptMessage } from "../../../runtime/models/types.ts";
import { agentInModel } from "../../../services/agents/agents.ts";
import type { ResponseStore } from "../../../services/responses/store.ts";
import { parseParams } from "../../dispatch.ts";
import type { HttpCall } from "../../http-call.ts";
import type { AnsweringDeps } from "../answering.ts";
import type { Json } from "../dialect.ts";
import { cannotHonour } from "../refusals.ts";
import { seal } from "../sealed.ts";
import { readable } from "./handed-on.ts";
import { conversationOf } from "./items.ts";
import { itemsOf } from "./request.ts";
import { usageOf } from "./resource.ts";

export interface CompactDeps extends Pick<AnsweringDeps, "models" | "asking" | "now" | "newId"> {
  store: ResponseStore;
}

/** Tokens of a summary, and characters of a conversation that one is made of. */
const summaryTokens = 4_096;
const mostCharacters = 400_000;
const charactersPerToken = 3;

/** `POST /v1/responses/compact`: a conversation as one item that stands for it. */
export async function compact(http: HttpCall, signal: AbortSignal, deps: CompactDeps): Promise<Json> {
  const body = parseParams(compactRequest, await http.json());
  const { caller } = http.call;
  if (agentInModel(body.model)) throw cannotHonour("model", "A summary of an agent");
  const model = await deps.models.resolve(body.model);
  const before = body.previous_response_id
    ? await deps.store.conversation(body.previous_response_id, caller)
    : [];
  const items = [...before, ...itemsOf(body)];
  const spender = { callerId: caller.id, tokenLimit: caller.limits.maxCostPerDay };
  if (speaks(model.api, "compact")) {
    const { previous_response_id: _, ...rest } = body;
    const plan = { ...spender, model: model.id, dialect: "compact" as const };
    return deps.asking.complete(plan, { ...rest, input: readable(items) }, { signal });
  }
  const { messages } = conversationOf(items);
  const told: PromptMessage[] = body.instructions
    ? [{ role: "system", content: body.instructions }, ...messages]
    : messages;
  const room = Math.min(mostCharacters, (model.facts.contextWindow - summaryTokens) * charactersPerToken);
  const plan = { ...spender, candidates: [model.id], thinking: undefined, purpose: "compaction" as const };
  const request = { messages: summaryRequest(told, undefined, room), maxTokens: summaryTokens };
  let text = "";
  let usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };
  for await (const event of deps.asking.ask(plan, request, { signal })) {
    if (event.type === "text") text += event.delta;
    if (event.type === "finish") usage = event.usage;
  }
  const summary = validSummary(text, Number.POSITIVE_INFINITY) ?? transcriptOf(told);
  const [part] = (summaryMessage(summary) as Extract<PromptMessage, { role: "user" }>).content; // it is the user's
  return {
    id: deps.newId("resp_"),
    object: "response.compaction",
    created_at: Math.floor(deps.now() / 1000),
    output: [
      {
        id: deps.newId("cmp_"),
        type: "compaction",
        encrypted_content: seal(part?.type === "text" ? part.text : summary),
      },
    ],
    usage: usageOf(usage),
  };
}

/** What stands for a conversation where the model said nothing of it. */
function transcriptOf(messages: readonly PromptMessage[]): string {
  const request = summaryRequest(messages, undefined, summaryTokens * charactersPerToken);
  const last = request.at(-1);
  return last?.role === "user" && last.content[0]?.type === "text" ? last.content[0].text : "";
}
