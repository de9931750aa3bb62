import type { Generated } from "kysely";

/** Times are Unix milliseconds, JSON columns end in `_json`. */
export interface Schema {
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
  channel_choices: {
    channel_id: string;
    enabled: number;
    changed_at: number;
  };
}

/** Messages of queued runs stand behind all others. */
export const queuedFrom = 2 ** 40;
