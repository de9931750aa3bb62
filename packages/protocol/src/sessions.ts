import { z } from "zod";
import { agentId, attachment, modelId, sessionKey, thinkingLevel, toolCall, usage } from "./chat.ts";
import { define, pageLimit, timestamp } from "./method.ts";

export const session = z
  .object({
    sessionKey: z.string(),
    agentId: z.string(),
    channel: z.string().describe("webchat for sessions of HTTP, WebSocket, CLI and console"),
    createdAt: timestamp,
    updatedAt: timestamp,
    messageCount: z.int(),
    title: z.string().nullable().describe("From the first message unless renamed"),
    model: z.string().nullable().describe("The session's own model; null: the agent's"),
    thinking: thinkingLevel.nullable().describe("The session's own level; null: the agent's"),
    usage,
    cost: z.number().describe("USD, over all runs"),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof session>;

export const message = z
  .object({
    id: z.string(),
    runId: z.string(),
    role: z.enum(["user", "assistant"]),
    content: z.string(),
    createdAt: timestamp,
    status: z.enum(["aborted", "interrupted", "failed"]).optional().describe("Absent: the message is whole"),
    toolCalls: z.array(toolCall).optional(),
    attachments: z.array(attachment).optional(),
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof message>;

export const sessionDetail = session
  .extend({
    messages: z.array(message).describe("The newest page, oldest first"),
    nextBefore: z.string().optional().describe("Pass as before to get the page before this one"),
  })
  .meta({ id: "SessionDetail" });
export type SessionDetail = z.infer<typeof sessionDetail>;

const one = z.strictObject({ sessionKey });

export const sessionMethods = {
  "session.list": define({
    summary: "List sessions, last used first",
    scopes: ["read", "chat"],
    http: { method: "GET", path: "/v1/sessions" },
    params: z.strictObject({
      limit: pageLimit,
      cursor: z.string().max(512).optional(),
      channel: z.string().max(64).optional(),
      agentId: agentId.optional(),
      search: z.string().max(256).optional().describe("Part of the key or the title"),
    }),
    result: z.object({ sessions: z.array(session), nextCursor: z.string().optional() }),
  }),
  "session.get": define({
    summary: "A session and a page of its messages",
    scopes: ["read", "chat"],
    http: { method: "GET", path: "/v1/sessions/{sessionKey}" },
    params: one.extend({
      limit: pageLimit,
      before: z.string().max(512).optional().describe("The id of a message, or a nextBefore"),
    }),
    result: sessionDetail,
  }),
  "session.export": define({
    summary: "A session with its messages, page by page, for keeping elsewhere",
    scopes: ["read", "chat"],
    http: { method: "GET", path: "/v1/sessions/{sessionKey}/export" },
    params: one.extend({
      limit: pageLimit,
      after: z.string().max(512).optional().describe("The id of a message, or a nextAfter"),
    }),
    result: session.extend({
      messages: z.array(message).describe("The oldest page first"),
      nextAfter: z.string().optional().describe("Pass as after to get the next page"),
    }),
  }),
  "session.update": define({
    summary: "Rename a session or set its model and thinking level; null goes back to the agent's",
    scopes: ["operate"],
    http: { method: "PATCH", path: "/v1/sessions/{sessionKey}" },
    params: one.extend({
      title: z.string().min(1).max(200).nullable().optional(),
      model: modelId.nullable().optional(),
      thinking: thinkingLevel.nullable().optional(),
    }),
    result: session,
  }),
  "session.delete": define({
    summary: "Delete a session; a running run is aborted first",
    scopes: ["operate"],
    http: { method: "DELETE", path: "/v1/sessions/{sessionKey}" },
    params: one,
    result: z.object({ deleted: z.literal(true), sessionKey: z.string() }),
  }),
  "session.reset": define({
    summary: "Empty a session: its messages go, its name and settings stay",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/sessions/{sessionKey}/reset" },
    params: one,
    result: session,
  }),
  "session.compact": define({
    summary: "Shorten what the model is sent of a long session",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/sessions/{sessionKey}/compact" },
    params: one,
    result: session.extend({
      compaction: z
        .object({ before: z.int(), after: z.int(), summarised: z.boolean() })
        .describe("About how many tokens of the session a model was and is sent"),
    }),
  }),
  "session.fork": define({
    summary: "Copy a session, up to a message if told, into a new one",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/sessions/{sessionKey}/fork" },
    params: one.extend({
      newSessionKey: sessionKey.optional(),
      messageId: z.string().max(256).optional().describe("The last message to copy; all unless told"),
    }),
    result: session,
  }),
} as const;
