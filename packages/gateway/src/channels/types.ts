import type { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";

/** A line of the table: what is known of a channel before anything of it is loaded. */
export interface ChannelEntry {
  readonly id: string;
  readonly name: string;
  readonly capabilities: readonly string[];
  /** Keys below `channels.<id>` that must be there, each with other names that it goes by and the variable that may hold it. */
  readonly needs: readonly ChannelNeed[];
  load(): Promise<ChannelModule>;
}

export interface ChannelNeed {
  readonly key: string;
  readonly aliases?: readonly string[];
  /** A variable of the environment that stands for the key of the default account. */
  readonly variable?: string;
  /** Needed only where this says so of the rest of the section. */
  when?(section: Readonly<Record<string, unknown>>): boolean;
}

/** What a channel's folder exports as `channel`. */
export interface ChannelModule<Settings extends z.ZodObject = z.ZodObject> {
  /** The channel's own keys below `channels.<id>`; those that all channels have (policies, `enabled` …) are not in it. */
  readonly settings: Settings;
  /** Makes an account's adapter. Must not connect yet. Throws `GatewayError` invalid_request with `param` for settings that cannot work. */
  create(setup: AccountSetup<z.output<Settings>>): ChannelAdapter;
}

/** What an account is made of. */
export interface AccountSetup<Settings = unknown> {
  readonly channelId: string;
  readonly accountId: string;
  readonly settings: Settings;
  /** What the account keeps on disk: cursors, keys of a session. */
  readonly state: AccountState;
  readonly clock: Clock;
  readonly log: Log;
}

/** Small values that outlive the process, private to the account. Writes are on disk when they resolve. */
export interface AccountState {
  get(key: string): Promise<string | undefined>;
  /** Those of the keys that are there. */
  getMany(keys: readonly string[]): Promise<Map<string, string>>;
  /** Sets and, where the value is undefined, deletes. All or nothing. */
  set(values: Readonly<Record<string, string | undefined>>): Promise<void>;
  clear(): Promise<void>;
}

/**
 * One account of a messenger. Retry, backoff, policy, pairing, de-duplication, chunking and the outbox are the
 * supervisor's: an adapter translates, and tells the truth about what happened.
 */
export interface ChannelAdapter {
  readonly traits: ChannelTraits;
  /**
   * One lifetime: joins, calls `inbox.connected`, hands over what comes in, and ends when the signal aborts (resolve
   * or reject) or the connection is lost for good (reject with what happened). The supervisor begins the next one.
   * Before it resolves or rejects everything is closed: sockets, timers, listeners.
   * A library's own endless reconnecting is switched off where it hides a dead connection.
   */
  run(inbox: Inbox, options: RunOptions): Promise<void>;
  /**
   * Sends one message of at most `traits.textLimit`. Resolves once the platform has taken it. Rejects with a
   * `SendError` that says whether it may have arrived; any other error counts as "unknown".
   */
  send(to: Destination, message: OutboundMessage, options: SendOptions): Promise<Sent>;
  /** Replaces the text of a message of ours. May be repeated. */
  edit?(to: Destination, messageId: string, text: string, options: SendOptions): Promise<void>;
  /** Shows that an answer is being made; is called again every few seconds. Failures are ignored. */
  typing?(to: Destination, options: SendOptions): Promise<void>;
  /** The bytes of what came with a message. Throws `GatewayError` payload_too_large beyond `maxBytes`, before it is read whole. */
  download?(media: InboundMedia, options: { signal: AbortSignal; maxBytes: number }): Promise<Downloaded>;
  /** An address as people write it (`@name`, `+49…`, `channel:123`, `user:456`) as a destination. Throws invalid_request, `param: "to"`. */
  destination(to: string, options: { signal: AbortSignal }): Promise<Destination>;
  /** Whether an entry of an allow-list is a name, which allows nobody, and no id. It begins with @ unless told. */
  isName?(entry: string): boolean;
  /** The immutable id behind a name that stands in an allow-list; undefined: there is none, or the platform cannot tell. */
  resolveName?(name: string, options: { signal: AbortSignal }): Promise<string | undefined>;
  /** The form in which the platform itself writes a sender's id (`+49 170…` → `49170…@s.whatsapp.net`), for comparing. The id itself unless told. */
  canonicalId?(id: string): string;
  /** Whether someone administers a group, for `groupPolicy: admins`. */
  isAdmin?(chatId: string, senderId: string, options: { signal: AbortSignal }): Promise<boolean>;
  /** An HTTP request to the account's webhook. It is open to the world: check secret or signature before anything else. */
  webhook?(request: WebhookRequest, inbox: Inbox): Promise<WebhookAnswer>;
  /** Gives up the account's session at the platform and clears `state`. */
  logout?(options: { signal: AbortSignal }): Promise<void>;
}

export interface RunOptions {
  signal: AbortSignal;
  /** Somebody asked to log in, and how. */
  login?: LoginWish | undefined;
}

export interface LoginWish {
  method: "qr" | "code";
  /** E.164, for a pairing code. */
  phoneNumber?: string | undefined;
}

export interface SendOptions {
  signal: AbortSignal;
  /** The same at every attempt to send the same message: for platforms that de-duplicate by one. */
  idempotencyKey: string;
}

/** What a channel can do, and its platform's limits. */
export interface ChannelTraits {
  /** Most length of one message's text, as `textLength` counts. */
  readonly textLimit: number;
  /** The length of a piece of Markdown as the platform counts it once it is formatted. UTF-16 units of the source unless told. */
  textLength?(markdown: string): number;
  /** Whether a repeated `send` with the same key arrives once: then an unknown outcome may be tried again. */
  readonly idempotentSend: boolean;
  /** Least time between two sends of the account, and of one chat, ms. */
  readonly paceMs: { readonly account: number; readonly chat: number };
  /** Kinds of files that `send` takes, and their most bytes. Empty: none. */
  readonly media: readonly MediaKind[];
  readonly mediaLimit: number;
  /** Longest silence of the incoming side (no message, no answered poll, no heartbeat), ms; beyond it the lifetime is ended. 0: it cannot be told, e.g. webhooks. */
  readonly silenceMs: number;
}

/** Where a lifetime puts what happens. Calls after the lifetime has ended reject with `Stale`: a late old connection cannot speak. */
export interface Inbox {
  /**
   * Takes a message in: once it resolves it is on disk (or was there before, or was refused for good), and the
   * platform may be told so. Rejects when it could not be stored: then it must not be acknowledged.
   */
  receive(message: InboundMessage): Promise<"stored" | "known" | "refused">;
  /** The account is joined. */
  connected(identity: Identity): void;
  /** The incoming side lives: a poll was answered, a heartbeat came. `receive` counts as well. */
  alive(): void;
  /** Nothing goes on until somebody logs in, with this if it is there. */
  needsLogin(step: LoginStep): void;
  /** Counts and logs (once a minute per reason) what was refused before it was a message: an unsigned or replayed webhook, a malformed payload. */
  rejected(reason: RejectReason, facts?: Readonly<Record<string, unknown>>): void;
}

export type RejectReason = "unsigned" | "replayed" | "malformed" | "too_large" | "not_for_us";

export interface Identity {
  /** The account as people know it, e.g. a phone number or a workspace. */
  account?: string | undefined;
  botUsername?: string | undefined;
  /** The bot's own id. */
  id?: string | undefined;
}

export interface LoginStep {
  /** The text of a QR code, to be scanned. */
  qr?: string | undefined;
  /** A code to be typed into the phone. */
  code?: string | undefined;
  /** What to do. */
  message: string;
}

export interface InboundMessage {
  /** Unique in the account, the same at every redelivery. */
  readonly id: string;
  /** Unix ms, by the platform. */
  readonly sentAt: number;
  readonly chat: Chat;
  readonly sender: Sender;
  /** Markdown or plain text, mentions of the bot taken out of its beginning. */
  readonly text: string;
  /** Whether a group's message speaks to the bot: a mention by id, a reply to it. */
  readonly mentioned?: boolean | undefined;
  readonly replyTo?:
    | { readonly id: string; readonly text?: string | undefined; readonly toBot?: boolean }
    | undefined;
  readonly media?: readonly InboundMedia[] | undefined;
}

export interface Chat {
  /** As `Destination.chatId`. Immutable. */
  readonly id: string;
  readonly kind: "dm" | "group";
  readonly threadId?: string | undefined;
  /** The server, team or space that the chat is part of. */
  readonly spaceId?: string | undefined;
  /** For people to read; decides nothing. */
  readonly name?: string | undefined;
}

export interface Sender {
  /** Immutable. */
  readonly id: string;
  /** For people to read; decides nothing. */
  readonly name?: string | undefined;
  readonly isBot?: boolean | undefined;
  /** Whether it is the account itself. */
  readonly isSelf?: boolean | undefined;
}

export type MediaKind = "image" | "audio" | "video" | "file";

export interface InboundMedia {
  readonly kind: MediaKind;
  /** What `download` needs to find it, also after a restart. Must be JSON. */
  readonly ref: unknown;
  readonly mimeType?: string | undefined;
  readonly name?: string | undefined;
  /** Bytes, if the platform says so. */
  readonly size?: number | undefined;
}

export interface Downloaded {
  readonly bytes: Uint8Array;
  readonly mimeType?: string | undefined;
}

export interface Destination {
  readonly chatId: string;
  readonly threadId?: string | undefined;
  /** The message that is answered, where the platform shows that. */
  readonly replyTo?: string | undefined;
}

export interface OutboundMessage {
  /** Markdown (CommonMark with tables and ~~strike~~): the adapter writes it in the platform's form. Empty where only a file is sent. */
  readonly text: string;
  readonly media?: OutboundMedia | undefined;
}

export interface OutboundMedia {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Sent {
  /** The platform's id, for edits. */
  readonly messageId?: string | undefined;
}

/** How a message failed to be sent. */
export class SendError extends Error {
  /**
   * `refused`: the platform said no, for good. `later`: it did not take it now, or was never reached; it is safe to
   * try again. `unknown`: nobody can tell whether it arrived.
   */
  readonly outcome: "refused" | "later" | "unknown";
  /** When to try again, ms, if the platform said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    outcome: "refused" | "later" | "unknown",
    message: string,
    facts: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "SendError";
    this.outcome = outcome;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** The account cannot be joined until its owner changes something: a wrong token, a missing permission. It is tried again rarely. */
export class JoinError extends Error {
  /** `settings`: see the message. `login`: the session was ended, somebody has to log in. */
  readonly reason: "settings" | "login";

  constructor(reason: "settings" | "login", message: string, facts: { cause?: unknown } = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "JoinError";
    this.reason = reason;
  }
}

export interface WebhookRequest {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: URLSearchParams;
  /** Reads the body as it came. Throws `GatewayError` payload_too_large beyond `maxBytes`, before it is read whole. */
  body(maxBytes: number): Promise<Uint8Array>;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}
