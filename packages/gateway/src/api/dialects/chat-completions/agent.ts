import type { Attachment, RunAnswer, RunEvent } from "openclaw-protocol";
import { chatCompletionRequest, sessionKey as sessionKeySchema } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import { onAbort } from "../../../lib/signals.ts";
import type { RunRequest } from "../../../services/runs/types.ts";
import { parseParams } from "../../dispatch.ts";
import type { HttpCall } from "../../http-call.ts";
import { type AnswerHead, chunkOf, completionOf, type FinishReason, usageChunkOf } from "./answer.ts";
import type { ChatBody, ChatCompletionsDeps } from "./ports.ts";
import { partsOf, refuseOthers, textOf, thinkingWish } from "./request.ts";
import { createChunkStream } from "./stream.ts";

const honoured = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "temperature",
  "max_tokens",
  "max_completion_tokens",
  "reasoning_effort",
]);

/**
 * Runs an agent for a caller of this dialect. With a session (`X-OpenClaw-Session-Key`, or `user`) the session
 * has the history and only what came after the caller's last assistant message is taken; without one the
 * messages are a throw-away session.
 */
export async function runAgent(
  http: HttpCall,
  body: ChatBody,
  agentId: string | undefined,
  deps: ChatCompletionsDeps,
): Promise<void> {
  const asked = parseParams(chatCompletionRequest, body);
  if (asked.tools?.length) {
    throw new GatewayError(
      "invalid_request",
      "An agent has its own tools. Use provider/model to bring yours.",
      {
        param: "tools",
      },
    );
  }
  const { n, tools: _, ...rest } = asked;
  refuseOthers(n === 1 ? rest : { ...rest, n }, honoured, "An agent");
  const request = requestOf(http, asked, agentId);
  const head = { id: deps.newId("chatcmpl"), created: Math.floor(deps.now() / 1000), model: asked.model };
  try {
    if (asked.stream) await streamed(http, request, head, asked.stream_options?.include_usage ?? false, deps);
    else http.sendJson(200, completion(head, await deps.runs.answer(request, http.call.signal)));
  } catch (error) {
    if (error instanceof GatewayError && error.param === "agentId" && error.code === "not_found") {
      throw new GatewayError("not_found", error.message, { param: "model", cause: error });
    }
    throw error;
  }
}

type Asked = ReturnType<typeof chatCompletionRequest.parse>;

function requestOf(http: HttpCall, asked: Asked, agentId: string | undefined): RunRequest {
  const { caller } = http.call;
  const session = sessionOf(http, asked.user ?? undefined);
  const { messages } = asked;
  const from =
    session === undefined ? messages.length - 1 : messages.findLastIndex((it) => it.role === "assistant") + 1;
  const system = messages.flatMap((it) =>
    it.role === "system" || it.role === "developer" ? [textOf(it.content)] : [],
  );
  const now = messages.flatMap((it, index) => (index >= from && it.role === "user" ? [{ it, index }] : []));
  if (now.length === 0 || messages.some((it) => it.role === "tool")) {
    throw new GatewayError(
      "invalid_request",
      "The last message must be the user's, and none may be a tool's.",
      {
        param: "messages",
      },
    );
  }
  const parts = now.flatMap(({ it, index }) => partsOf(it.content, index));
  const text = now.map(({ it }) => textOf(it.content)).join("\n\n");
  const past = session === undefined ? messages.slice(0, from).flatMap(saidBefore) : [];
  const thinking = thinkingWish(asked);
  const maxTokens = asked.max_completion_tokens ?? asked.max_tokens ?? undefined;
  return {
    caller,
    agentId,
    sessionKey: session,
    message: text || "(no text)",
    attachments: parts.flatMap(attachmentOf),
    options: {
      // Nobody can ever see the answer of a throw-away session.
      ...(session === undefined && { onDisconnect: "abort" as const }),
      ...(thinking !== undefined && { thinking }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(typeof asked.temperature === "number" && { temperature: asked.temperature }),
    },
    ...(system.length > 0 && { system: system.join("\n\n") }),
    past,
    listed: session !== undefined,
    idempotencyKey: http.call.idempotencyKey,
  };
}

function sessionOf(http: HttpCall, user: string | undefined): string | undefined {
  const header = http.headers["x-openclaw-session-key"];
  if (typeof header === "string" && header !== "") {
    const key = sessionKeySchema.safeParse(header);
    if (key.success) return key.data;
    throw new GatewayError("invalid_request", "X-OpenClaw-Session-Key is not a valid session key.", {
      param: "sessionKey",
    });
  }
  return user ? `openai:${http.call.caller.id.replace(/^token:/, "")}:${user}`.slice(0, 256) : undefined;
}

function saidBefore(message: Asked["messages"][number]): { role: "user" | "assistant"; content: string }[] {
  if (message.role !== "user" && message.role !== "assistant") return [];
  const content = textOf(message.content ?? "");
  return content === "" ? [] : [{ role: message.role, content }];
}

function attachmentOf(part: ReturnType<typeof partsOf>[number]): Attachment[] {
  if (part.type !== "image") return [];
  const { mimeType, data, url } = part;
  return [{ type: "image", ...(mimeType && { mimeType }), ...(data && { data }), ...(url && { url }) }];
}

async function streamed(
  http: HttpCall,
  request: RunRequest,
  head: AnswerHead,
  withUsage: boolean,
  deps: ChatCompletionsDeps,
): Promise<void> {
  const { signal } = http.call;
  const run = await deps.runs.start(request);
  const subscription = await run.follow();
  const leave = () => {
    subscription.close();
    if (request.options?.onDisconnect === "abort")
      void deps.runs.abort(run.runId, request.caller).catch(() => {});
  };
  const stopListening = onAbort(signal, leave);
  const stream = createChunkStream(http, signal);
  try {
    for await (const event of subscription.events) {
      const chunks = chunksOf(head, event, withUsage);
      if (chunks) await stream.send(chunks);
    }
    signal.throwIfAborted();
    stream.done();
  } catch (error) {
    stream.fail(error);
  } finally {
    stopListening();
    subscription.close();
  }
}

function chunksOf(head: AnswerHead, event: RunEvent, withUsage: boolean): unknown[] | undefined {
  switch (event.type) {
    case "chat.started":
      return [chunkOf(head, { role: "assistant", content: "" })];
    case "chat.delta":
      return [chunkOf(head, { content: event.data.delta })];
    case "chat.thinking":
      return [chunkOf(head, { reasoning_content: event.data.delta })];
    case "chat.done":
    case "chat.aborted":
      return [
        chunkOf(head, {}, finishOf(event.data.finishReason)),
        ...(withUsage ? [usageChunkOf(head, event.data.usage)] : []),
      ];
    case "chat.error": {
      const { code, message, param } = event.data.error;
      throw new GatewayError(code, message, { param });
    }
    default:
      return undefined;
  }
}

function completion(head: AnswerHead, { response, finishReason, usage }: RunAnswer) {
  return completionOf(head, { text: response, finish: finishOf(finishReason), usage });
}

/** The dialect has no word for a run that was cut short. */
function finishOf(reason: RunAnswer["finishReason"]): FinishReason {
  if (reason === "max_steps") return "length";
  return reason === "aborted" ? "stop" : reason;
}
