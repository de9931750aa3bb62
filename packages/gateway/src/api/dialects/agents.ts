import type { Attachment, RunAnswer, RunEvent } from "openclaw-protocol";
import { sessionKey as sessionKeySchema } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import { onAbort } from "../../lib/signals.ts";
import type { ModelEvent, UserPart } from "../../runtime/models/types.ts";
import type { Runs } from "../../services/runs/runs.ts";
import type { RunRequest } from "../../services/runs/types.ts";
import type { Ask } from "./answering.ts";
import type { AgentTurn, DialectBody } from "./dialect.ts";

/**
 * An agent's answer as our events. With a session (`X-OpenClaw-Session-Key`, or the caller's `user`) the session has
 * the history and only what came after the caller's last assistant message is taken; without one the messages are a
 * throw-away session.
 */
export async function agentAnswer<B extends DialectBody>(
  turn: AgentTurn,
  ask: Ask<B>,
  agentId: string | undefined,
  runs: Runs,
): Promise<ModelEvent[]> {
  const { response, finishReason, usage } = await named(
    runs.answer(requestOf(turn, ask, agentId), ask.signal),
  );
  const events: ModelEvent[] = response === "" ? [] : [{ type: "text", delta: response }];
  return [...events, { type: "finish", reason: finishOf(finishReason), usage }];
}

/** As `agentAnswer`, as it comes: of all its messages, one after the other. Resolves once the run has begun. */
export async function agentEvents<B extends DialectBody>(
  turn: AgentTurn,
  ask: Ask<B>,
  agentId: string | undefined,
  runs: Runs,
): Promise<AsyncIterable<ModelEvent>> {
  const request = requestOf(turn, ask, agentId);
  const run = await named(runs.start(request));
  const subscription = await run.follow();
  return followed();

  async function* followed(): AsyncGenerator<ModelEvent, void> {
    const stopListening = onAbort(ask.signal, () => {
      subscription.close();
      if (request.options?.onDisconnect === "abort") void runs.abort(run.runId, ask.caller).catch(() => {});
    });
    try {
      for await (const event of subscription.events) {
        const said = eventOf(event);
        if (said) yield said;
      }
      ask.signal.throwIfAborted();
    } finally {
      stopListening();
      subscription.close();
    }
  }
}

function eventOf(event: RunEvent): ModelEvent | undefined {
  switch (event.type) {
    case "chat.delta":
      return { type: "text", delta: event.data.delta };
    case "chat.thinking":
      return { type: "thinking", delta: event.data.delta };
    case "chat.done":
    case "chat.aborted":
      return { type: "finish", reason: finishOf(event.data.finishReason), usage: event.data.usage };
    case "chat.error": {
      const { code, message, param } = event.data.error;
      throw new GatewayError(code, message, { param });
    }
    default:
      return undefined;
  }
}

/** No dialect has a word for a run that was cut short. */
function finishOf(reason: RunAnswer["finishReason"]): Extract<ModelEvent, { type: "finish" }>["reason"] {
  if (reason === "max_steps") return "length";
  return reason === "aborted" ? "stop" : reason;
}

/** An unknown agent is an unknown `model` to the caller. */
async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof GatewayError && error.param === "agentId" && error.code === "not_found") {
      throw new GatewayError("not_found", error.message, { param: "model", cause: error });
    }
    throw error;
  }
}

function requestOf<B extends DialectBody>(
  turn: AgentTurn,
  ask: Ask<B>,
  agentId: string | undefined,
): RunRequest {
  const { caller } = ask;
  const { messages, thinking, maxTokens, temperature } = turn;
  const session = sessionOf(ask, turn.user);
  const from =
    session === undefined ? messages.length - 1 : messages.findLastIndex((it) => it.role === "assistant") + 1;
  const now = messages.slice(from).filter((it) => it.role === "user");
  if (now.length === 0) {
    throw new GatewayError("invalid_request", "The last message must be the user's.", { param: turn.param });
  }
  const past = session === undefined ? messages.slice(0, from) : [];
  return {
    caller,
    agentId,
    sessionKey: session,
    message: now.map((it) => textOf(it.content)).join("\n\n") || "(no text)",
    attachments: now.flatMap((it) => it.content.flatMap(attachmentOf)),
    options: {
      // Nobody can ever see the answer of a throw-away session.
      ...(session === undefined && { onDisconnect: "abort" as const }),
      ...(thinking !== undefined && { thinking }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(temperature !== undefined && { temperature }),
    },
    ...(turn.system.length > 0 && { system: turn.system.join("\n\n") }),
    past: past.flatMap(({ role, content }) => {
      const text = textOf(content);
      return text === "" ? [] : [{ role, content: text }];
    }),
    listed: session !== undefined,
    idempotencyKey: ask.idempotencyKey,
  };
}

function sessionOf<B extends DialectBody>({ sessionKey, caller }: Ask<B>, user: string | undefined) {
  if (sessionKey === undefined) {
    return user ? `openai:${caller.id.replace(/^token:/, "")}:${user}`.slice(0, 256) : undefined;
  }
  const key = sessionKeySchema.safeParse(sessionKey);
  if (key.success) return key.data;
  throw new GatewayError("invalid_request", "X-OpenClaw-Session-Key is not a valid session key.", {
    param: "sessionKey",
  });
}

function textOf(content: readonly UserPart[]): string {
  return content.flatMap((it) => (it.type === "text" ? [it.text] : [])).join("");
}

function attachmentOf(part: UserPart): Attachment[] {
  if (part.type === "text") return [];
  const { type, mimeType, data, url } = part;
  const name = part.type === "file" ? part.name : undefined;
  return [
    {
      type,
      ...(mimeType && { mimeType }),
      ...(data ? { data } : url && { url }),
      ...(name && { name }),
    },
  ];
}
