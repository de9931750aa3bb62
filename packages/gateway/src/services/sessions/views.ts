import type { Attachment, Message, Session, ThinkingLevel, ToolCall } from "openclaw-protocol";
import { isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MessageRow } from "../../storage/messages.ts";
import type { SessionRow } from "../../storage/sessions.ts";

/** The session as clients see it. */
export function sessionView(row: SessionRow): Session {
  return {
    sessionKey: row.key,
    agentId: row.agent_id,
    channel: row.channel,
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
    messageCount: row.message_count,
    title: row.title,
    model: row.model,
    thinking: row.thinking as ThinkingLevel | null, // written from a validated level
    usage: {
      promptTokens: row.prompt_tokens,
      completionTokens: row.completion_tokens,
      totalTokens: row.prompt_tokens + row.completion_tokens,
      ...(row.reasoning_tokens > 0 && { reasoningTokens: row.reasoning_tokens }),
      ...(row.cached_tokens > 0 && { cachedTokens: row.cached_tokens }),
    },
    cost: row.cost,
  };
}

/** The message as clients see it. */
export function messageView(row: MessageRow, attachments: readonly Attachment[] | undefined): Message {
  return {
    id: row.id,
    runId: row.run_id,
    role: row.role,
    content: row.content,
    createdAt: isoTime(row.created_at),
    ...(row.status !== null && { status: row.status }),
    ...(row.tool_calls_json !== null && { toolCalls: JSON.parse(row.tool_calls_json) as ToolCall[] }), // written from ToolCalls
    ...(attachments?.length && { attachments: [...attachments] }),
  };
}

/** Places in lists travel as opaque text. */
export function encodeCursor(place: readonly number[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** The numbers of a cursor that we made; anything else is `invalid_request`. */
export function decodeCursor(text: string, length: number, param: string): number[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (Array.isArray(place) && place.length === length && place.every(Number.isSafeInteger)) return place;
  } catch {}
  throw new GatewayError(
    "invalid_request",
    `${param} is not one that this gateway gave out. Start from the first page.`,
    {
      param,
    },
  );
}
