import type { Generated } from "kysely";

/** What channels keep; a part of `Schema`. */
export interface ChannelSchema {
  channel_choices: {
    channel_id: string;
    enabled: number;
    changed_at: number;
  };
  /** Every message that came in by a channel, once; refused ones too, so that a redelivery is known. */
  channel_inbox: {
    id: Generated<number>;
    channel: string;
    account: string;
    /** The platform's id of it. */
    external_id: string;
    chat_id: string;
    thread_id: string | null;
    sender_id: string;
    /**
     * waiting: for its turn; running: `run_id` answers it; done: the answer is in the outbox, or there is none to give;
     * heard: said in a group, not to us; refused: see `reason`.
     */
    state: "waiting" | "running" | "done" | "heard" | "refused";
    reason: string | null;
    /** The session that it belongs to: those of one lane are taken in order. */
    lane: string | null;
    /** The message as it is needed; null once it is settled. */
    message_json: string | null;
    run_id: string | null;
    /** How often it was begun. */
    attempt: Generated<number>;
    received_at: number;
    settled_at: number | null;
  };
  /** Every message that goes out by a channel, in pieces of the platform's size. */
  channel_outbox: {
    /** The order of sending within a chat. */
    seq: Generated<number>;
    id: string;
    /** What belongs together, e.g. an answer; a batch is put in once. */
    batch: string;
    piece: number;
    channel: string;
    account: string;
    chat_id: string;
    thread_id: string | null;
    reply_to: string | null;
    text: string;
    media_json: string | null;
    media_data: Uint8Array | null;
    /** The platform's id of a message of ours that this replaces the text of. */
    edits: string | null;
    state: "queued" | "sending" | "sent" | "unknown" | "failed";
    attempts: Generated<number>;
    /** Not before. */
    next_at: number;
    platform_id: string | null;
    error: string | null;
    created_at: number;
    settled_at: number | null;
  };
  /** Who asked to speak, and who may. */
  channel_peers: {
    channel: string;
    account: string;
    peer_id: string;
    /** For people to read; decides nothing. */
    name: string | null;
    state: "pending" | "approved";
    /** Of a pending one. */
    code: string | null;
    /** Where it is told that it may speak. */
    chat_id: string;
    created_at: number;
    expires_at: number | null;
  };
  pairing_history: {
    id: Generated<number>;
    channel: string;
    account: string;
    peer_id: string;
    name: string | null;
    event: "requested" | "approved" | "removed" | "expired" | "cleared";
    /** The credential that decided. */
    by: string | null;
    at: number;
  };
  /** What accounts keep: cursors, keys. */
  channel_state: {
    channel: string;
    account: string;
    key: string;
    value: string;
  };
}
