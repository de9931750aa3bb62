import { chatCompletionRequest } from "openclaw-protocol";
import type { ModelEvent } from "../../../runtime/models/types.ts";
import type { AskPlan } from "../../../services/models/asking.ts";
import type { ResolvedModel } from "../../../services/models/models.ts";
import { parseParams } from "../../dispatch.ts";
import type { HttpCall } from "../../http-call.ts";
import { type AnswerHead, chunkOf, completionOf, type DialectCall, usageChunkOf } from "./answer.ts";
import type { ChatBody, ChatCompletionsDeps } from "./ports.ts";
import { modelRequestOf } from "./request.ts";
import { createChunkStream } from "./stream.ts";

/** Answers from a provider that speaks another dialect: translated there and back. */
export async function translated(
  http: HttpCall,
  body: ChatBody,
  model: ResolvedModel,
  signal: AbortSignal,
  deps: Pick<ChatCompletionsDeps, "asking" | "now" | "newId">,
): Promise<void> {
  const asked = parseParams(chatCompletionRequest, body);
  const { model: _, thinking, ...request } = modelRequestOf(asked, model);
  const { caller } = http.call;
  const plan: AskPlan = {
    candidates: [model.id],
    thinking,
    callerId: caller.id,
    tokenLimit: caller.limits.maxCostPerDay,
    purpose: "answer",
  };
  const head = { id: deps.newId("chatcmpl"), created: Math.floor(deps.now() / 1000), model: asked.model };
  const events = deps.asking.ask(plan, request, { signal });
  if (!asked.stream) {
    http.sendJson(200, await wholeAnswer(head, events));
    return;
  }
  const stream = createChunkStream(http, signal);
  try {
    const withUsage = asked.stream_options?.include_usage ?? false;
    for await (const chunks of chunksOf(head, events, withUsage)) await stream.send(chunks);
    stream.done();
  } catch (error) {
    stream.fail(error);
  }
}

async function wholeAnswer(head: AnswerHead, events: AsyncIterable<ModelEvent>) {
  let text = "";
  let reasoning = "";
  const calls: DialectCall[] = [];
  for await (const event of events) {
    if (event.type === "text") text += event.delta;
    else if (event.type === "thinking") reasoning += event.delta;
    else if (event.type === "tool.call") calls.push(event.call);
    else if (event.type === "finish") {
      return completionOf(head, { text, reasoning, calls, finish: event.reason, usage: event.usage });
    }
  }
  throw new Error("The model wire ended without a finish event."); // a wire's broken promise: ours to mend
}

/** The dialect's chunks for each event of the model; the role comes with the first one. */
async function* chunksOf(
  head: AnswerHead,
  events: AsyncIterable<ModelEvent>,
  withUsage: boolean,
): AsyncGenerator<unknown[], void> {
  const begun = new Set<number>();
  let isFirst = true;
  for await (const event of events) {
    const chunks: unknown[] = isFirst ? [chunkOf(head, { role: "assistant", content: "" })] : [];
    isFirst = false;
    switch (event.type) {
      case "text":
        chunks.push(chunkOf(head, { content: event.delta }));
        break;
      case "thinking":
        chunks.push(chunkOf(head, { reasoning_content: event.delta }));
        break;
      case "tool.delta": {
        const { index, id, name, delta } = event;
        chunks.push(chunkOf(head, callDelta(index, begun.has(index) ? undefined : { id, name }, delta)));
        begun.add(index);
        break;
      }
      case "tool.call":
        if (begun.has(event.index)) break;
        chunks.push(chunkOf(head, callDelta(event.index, event.call, event.call.arguments)));
        break;
      case "finish":
        chunks.push(chunkOf(head, {}, event.reason));
        if (withUsage) chunks.push(usageChunkOf(head, event.usage));
        break;
      case "reasoning":
        break;
    }
    yield chunks;
  }
}

function callDelta(index: number, call: { id: string; name: string } | undefined, text: string) {
  const begin = call && { id: call.id, type: "function" };
  const named = call ? { name: call.name, arguments: text } : { arguments: text };
  return { tool_calls: [{ index, ...begin, function: named }] };
}
