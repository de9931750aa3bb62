import { z } from "zod";
import { approval, approvalDecision } from "./approvals.ts";
import { channel } from "./channels.ts";
import { finishReason, thinkingLevel, usage } from "./chat.ts";
import { errorDetail } from "./errors.ts";
import { scope } from "./method.ts";
import { session } from "./sessions.ts";

function event<T extends string, D extends z.ZodType>(type: T, data: D) {
  return z.object({ type: z.literal(type), data });
}

/** What every event of a run carries: `seq` counts 1, 2, 3 … within the run. */
const ofRun = { runId: z.string(), sessionKey: z.string(), seq: z.int() };

const toolCallFields = { toolCallId: z.string(), tool: z.string() };

/** The events of a run, in the order in which they can come. */
export const runEvents = {
  "chat.started": z.object({ ...ofRun, model: z.string(), agentId: z.string(), thinking: thinkingLevel }),
  "chat.thinking": z.object({ ...ofRun, delta: z.string() }),
  "chat.delta": z.object({ ...ofRun, messageId: z.string(), delta: z.string() }),
  "tool.call": z.object({ ...ofRun, ...toolCallFields, params: z.unknown() }),
  "tool.progress": z.object({ ...ofRun, ...toolCallFields, update: z.unknown() }),
  "tool.result": z.object({ ...ofRun, ...toolCallFields, result: z.unknown(), isError: z.boolean() }),
  "approval.requested": approval.extend(ofRun),
  "approval.resolved": z.object({
    ...ofRun,
    approvalId: z.string(),
    decision: approvalDecision,
    reason: z.string().optional().describe("Where nobody decided: timeout, or the run ended"),
  }),
  "chat.done": z.object({
    ...ofRun,
    finishReason,
    usage,
    model: z.string(),
    cost: z.number(),
    response: z.string(),
  }),
  "chat.error": z.object({ ...ofRun, error: errorDetail }),
  "chat.aborted": z.object({
    ...ofRun,
    finishReason,
    usage,
    model: z.string(),
    cost: z.number(),
    response: z.string(),
  }),
} as const;
export type RunEventType = keyof typeof runEvents;
export type RunEventData<T extends RunEventType> = z.infer<(typeof runEvents)[T]>;
export type RunEvent = { [T in RunEventType]: { type: T; data: RunEventData<T> } }[RunEventType];

/** Events that end a run: nothing comes after one of them. */
export const endEvents: ReadonlySet<RunEventType> = new Set(["chat.done", "chat.error", "chat.aborted"]);

/** Events about the gateway itself, for connections that may `read`. */
export const systemEvents = {
  connected: z.object({
    clientId: z.string(),
    gatewayVersion: z.string(),
    capabilities: z.array(z.string()),
    protocol: z.literal(1),
    scopes: z.array(scope),
    heartbeatMs: z.int(),
  }),
  heartbeat: z.object({ timestamp: z.int().describe("Unix ms"), status: z.literal("ok") }),
  "session.updated": z.object({
    sessionKey: z.string(),
    reason: z.enum(["created", "message", "updated", "reset", "deleted"]),
    session: session.nullable(),
  }),
  "channel.status": channel,
  "channel.message": z.object({ channelId: z.string(), sessionKey: z.string(), messageId: z.string() }),
  "cron.fired": z.object({ jobId: z.string(), runId: z.string().nullable(), at: z.string() }),
  "config.changed": z.object({ paths: z.array(z.string()) }),
} as const;
/** Events that a connection has asked for by watching something that is no run. */
export const watchEvents = {
  "browser.frame": z.object({
    tabId: z.string(),
    mimeType: z.string(),
    data: z.string().describe("A picture of what the tab shows now, base64"),
    width: z.int(),
    height: z.int(),
    at: z.int().describe("Unix ms"),
  }),
} as const;
export type WatchEvent = {
  [T in keyof typeof watchEvents]: { type: T; data: z.infer<(typeof watchEvents)[T]> };
}[keyof typeof watchEvents];

export type SystemEventType = keyof typeof systemEvents;
export type SystemEvent = {
  [T in SystemEventType]: { type: T; data: z.infer<(typeof systemEvents)[T]> };
}[SystemEventType];

export type ServerEvent = RunEvent | SystemEvent | WatchEvent;

/** Every event that the gateway sends, one union by `type`. */
export const serverEvent = z
  .discriminatedUnion("type", [
    event("chat.started", runEvents["chat.started"]),
    event("chat.thinking", runEvents["chat.thinking"]),
    event("chat.delta", runEvents["chat.delta"]),
    event("tool.call", runEvents["tool.call"]),
    event("tool.progress", runEvents["tool.progress"]),
    event("tool.result", runEvents["tool.result"]),
    event("approval.requested", runEvents["approval.requested"]),
    event("approval.resolved", runEvents["approval.resolved"]),
    event("chat.done", runEvents["chat.done"]),
    event("chat.error", runEvents["chat.error"]),
    event("chat.aborted", runEvents["chat.aborted"]),
    event("connected", systemEvents.connected),
    event("heartbeat", systemEvents.heartbeat),
    event("session.updated", systemEvents["session.updated"]),
    event("channel.status", systemEvents["channel.status"]),
    event("channel.message", systemEvents["channel.message"]),
    event("cron.fired", systemEvents["cron.fired"]),
    event("config.changed", systemEvents["config.changed"]),
    event("browser.frame", watchEvents["browser.frame"]),
  ])
  .meta({ id: "ServerEvent" });

/** Whether an event is one of a run, and so has a place in its order. */
export function isRunEvent(event: ServerEvent): event is RunEvent {
  return Object.hasOwn(runEvents, event.type);
}

/** The name of an event in a server-sent stream: without `chat.` or `browser.`. */
export function sseName(type: RunEventType | WatchEvent["type"]): string {
  return type.replace(/^(?:chat|browser)\./, "");
}
