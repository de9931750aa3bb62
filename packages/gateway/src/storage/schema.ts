import type { Generated } from "kysely";
import type { ChannelSchema } from "./schema-channels.ts";

/** Times are Unix milliseconds, JSON columns end in `_json`. */
export interface Schema extends ChannelSchema {
  sessions: {
    id: Generated<number>;
    key: string;
    agent_id: string;
    channel: string;
    /** The credential that made it. */
    owner: string;
    /** 0: a throw-away session that no list shows. */
    listed: number;
    title: string | null;
    model: string | null;
    thinking: string | null;
    created_at: number;
    updated_at: number;
    message_count: number;
    next_seq: number;
    prompt_tokens: number;
    completion_tokens: number;
    reasoning_tokens: number;
    cached_tokens: number;
    cost: number;
  };
  messages: {
    session_id: number;
    /** Place in the transcript; those of queued runs count from `queuedFrom`. */
    seq: number;
    id: string;
    run_id: string;
    role: "user" | "assistant";
    content: string;
    status: "aborted" | "interrupted" | "failed" | null;
    tool_calls_json: string | null;
    /** The model's finished thinking, which some providers want back. */
    reasoning_json: string | null;
    /** Attachments without their bytes; see the table attachments. */
    attachments: number;
    created_at: number;
    /** What the gateway tells the model before this message: the date, changed instructions. Clients do not see it. */
    note: string | null;
  };
  attachments: {
    message_id: string;
    position: number;
    type: string;
    mime_type: string | null;
    name: string | null;
    url: string | null;
    data: string | null;
  };
  runs: {
    id: string;
    session_id: number;
    session_key: string;
    agent_id: string;
    owner: string;
    status: "queued" | "running" | "done" | "failed" | "aborted" | "interrupted";
    options_json: string;
    model: string;
    thinking: string;
    created_at: number;
    started_at: number | null;
    ended_at: number | null;
    finish_reason: string | null;
    usage_json: string | null;
    cost: number | null;
    error_json: string | null;
    last_seq: number;
  };
  run_events: {
    run_id: string;
    /** The last seq in this row. */
    seq: number;
    events_json: string;
  };
  idempotency: {
    caller: string;
    key: string;
    body_hash: string;
    run_id: string;
    expires_at: number;
  };
  tokens: {
    id: string;
    name: string;
    hash: string;
    scopes_json: string;
    limits_json: string;
    created_at: number;
    expires_at: number | null;
  };
  /** The system prompt that a session began with, so that it stays the same bytes. */
  session_prompts: {
    session_id: number;
    text: string;
    /** Name of a workspace file -> sha-256 of what the model was last told of it. */
    files_json: string;
    /** When the model was last told the date. */
    told_at: number;
  };
  /** What of a session's past the model is sent; nothing of the transcript itself is ever deleted for it. */
  session_contexts: {
    session_id: number;
    /** Tool results up to this seq are sent shortened. */
    trimmed_through: number;
    /** Messages up to this seq are not sent; the summary stands for them. */
    dropped_through: number;
    summary: string | null;
    updated_at: number;
  };
  spending: {
    /** YYYY-MM-DD, UTC. */
    day: string;
    budget: string;
    /** USD. */
    cost: number;
  };
  allowed_calls: {
    id: string;
    agent_id: string;
    tool: string;
    words_json: string;
    decided_by: string;
    created_at: number;
  };
  /** Every decision on a tool call that was not simply free: the audit log. */
  decisions: {
    id: Generated<number>;
    approval_id: string | null;
    run_id: string;
    session_key: string;
    agent_id: string;
    tool_call_id: string;
    tool: string;
    call_json: string;
    decision: string;
    reason: string;
    decided_by: string | null;
    decided_at: number;
  };
  /** Work that a run gave to a sub-agent. */
  tasks: {
    id: string;
    parent_session_id: number;
    parent_run_id: string;
    child_session_key: string;
    child_run_id: string;
    label: string;
    status: "running" | "done" | "failed" | "aborted" | "interrupted";
    result: string | null;
    created_at: number;
    ended_at: number | null;
    delivered_at: number | null;
  };
  cron_jobs: {
    id: string;
    name: string;
    schedule: string;
    timezone: string;
    agent_id: string;
    session_key: string | null;
    message: string;
    options_json: string;
    once: number;
    misfire: "skip" | "once";
    enabled: number;
    /** The credential that made it, and what it might do. */
    owner: string;
    scopes_json: string;
    created_at: number;
    next_at: number | null;
  };
  cron_fires: {
    job_id: string;
    fire_at: number;
    outcome: "ran" | "missed" | "skipped" | "failed";
    run_id: string | null;
    detail: string | null;
  };
  /** What callers of the Responses dialect may come back to. */
  responses: {
    id: string;
    /** The credential that asked for it. */
    owner: string;
    previous_id: string | null;
    status: "queued" | "in_progress" | "completed" | "failed" | "incomplete" | "cancelled";
    /** The items that it was asked with, without those of the responses before it. */
    input_json: string;
    response_json: string;
    /** The events of one that was streamed in the background. */
    events_json: string | null;
    /** Characters of all of it. */
    size: number;
    created_at: number;
  };
  /** Which items a response holds, for references to them. */
  response_items: {
    id: string;
    response_id: string;
  };
  /** Files that the gateway keeps for a while. The bytes of each lie in a file that its id names. */
  media: {
    media_id: string;
    /** The session that it is deleted with. */
    session_id: number | null;
    session_key: string | null;
    name: string;
    mime_type: string;
    /** Bytes. */
    size: number;
    origin: "download" | "screenshot" | "pdf";
    /** The page that it comes from. */
    source: string | null;
    created_at: number;
  };
}

/** Messages of queued runs stand behind all others. */
export const queuedFrom = 2 ** 40;
