// Made from the contract by scripts/generate.ts. Change the contract, not this file.

export interface Agent {
  agentId: string;
  /** The same as agentId */
  id: string;
  name: string;
  /** Whether it answers where no agent is named */
  default: boolean;
  /** provider/model; null: the gateway's default */
  model: string | null;
  fallbacks: string[];
  thinking: ThinkingLevel | null;
  /** The folder that it works in, absolute */
  workspace: string;
  tools: {
    profile: ToolProfile | null;
    /** Exactly these, where names are listed */
    only: string[] | null;
    allow: string[];
    deny: string[];
    policy: Record<string, ToolPolicy>;
  };
  sandbox: {
    mode: "off" | "non-main" | "all";
    backend: "auto" | "bubblewrap" | "docker";
  };
  skills: string[] | null;
  instructions: string | null;
  contextTokens: number | null;
  /** USD per day (UTC) */
  maxCostPerDay: number | null;
}

export interface AllowedCall {
  entryId: string;
  agentId: string;
  tool: string;
  /** The call, word by word; only the very same words match */
  words: string[];
  decidedBy: string;
  createdAt: string;
}

export interface Approval {
  approvalId: string;
  runId: string;
  sessionKey: string;
  tool: string;
  params: unknown;
  toolCallId: string;
  agentId: string;
  /** Exactly what will run if it is allowed, e.g. argv, cwd and env of a command */
  facts?: Record<string, unknown> | undefined;
  /** Why somebody is asked */
  reasons: string[];
  /** Whether `always` can put this very call on the allow-list */
  canAlways: boolean;
  createdAt: string;
  expiresAt: string;
}

export interface ApprovalRequestedData {
  approvalId: string;
  runId: string;
  sessionKey: string;
  tool: string;
  params: unknown;
  toolCallId: string;
  agentId: string;
  /** Exactly what will run if it is allowed, e.g. argv, cwd and env of a command */
  facts?: Record<string, unknown> | undefined;
  /** Why somebody is asked */
  reasons: string[];
  /** Whether `always` can put this very call on the allow-list */
  canAlways: boolean;
  createdAt: string;
  expiresAt: string;
  seq: number;
}

export interface ApprovalResolvedData {
  runId: string;
  sessionKey: string;
  seq: number;
  approvalId: string;
  decision: "allow" | "always" | "deny";
  /** Where nobody decided: timeout, or the run ended */
  reason?: string | undefined;
}

export interface Attachment {
  type?: "image" | "audio" | "video" | "file" | undefined;
  mimeType?: string | undefined;
  /** The bytes, base64 */
  data?: string | undefined;
  url?: string | undefined;
  name?: string | undefined;
}

export type BrowserAction = {
  kind: "click";
  /** Of the last snapshot, e.g. e12 */
  ref?: string | undefined;
  /** CSS, where there is no ref */
  selector?: string | undefined;
  button?: "left" | "middle" | "right" | undefined;
  double?: boolean | undefined;
} | {
  kind: "hover";
  /** Of the last snapshot, e.g. e12 */
  ref?: string | undefined;
  /** CSS, where there is no ref */
  selector?: string | undefined;
} | {
  kind: "type";
  /** Of the last snapshot, e.g. e12 */
  ref?: string | undefined;
  /** CSS, where there is no ref */
  selector?: string | undefined;
  text?: string | undefined;
  /** A name in browser.secrets, instead of text */
  secret?: string | undefined;
  /** Enter afterwards */
  submit?: boolean | undefined;
  /** Keep what is there */
  append?: boolean | undefined;
} | {
  kind: "select";
  /** Of the last snapshot, e.g. e12 */
  ref?: string | undefined;
  /** CSS, where there is no ref */
  selector?: string | undefined;
  /** Values or labels */
  values: string[];
} | {
  kind: "press";
  /** Of the last snapshot, e.g. e12 */
  ref?: string | undefined;
  /** CSS, where there is no ref */
  selector?: string | undefined;
  /** E.g. Enter, Escape, Control+A */
  key: string;
} | {
  kind: "scroll";
  /** Of the last snapshot, e.g. e12 */
  ref?: string | undefined;
  /** CSS, where there is no ref */
  selector?: string | undefined;
  direction?: "up" | "down" | "left" | "right" | "top" | "bottom" | undefined;
  pixels?: number | undefined;
} | {
  kind: "wait";
  /** Until this is on the page */
  text?: string | undefined;
  /** Until this is gone */
  gone?: string | undefined;
  /** Until this is there */
  selector?: string | undefined;
  /** Until the address holds this */
  url?: string | undefined;
  /** Simply wait */
  ms?: number | undefined;
};

export interface BrowserFrameData {
  tabId: string;
  mimeType: string;
  /** A picture of what the tab shows now, base64 */
  data: string;
  width: number;
  height: number;
  /** Unix ms */
  at: number;
}

export interface BrowserTab {
  id: string;
  url: string;
  title: string;
  active: boolean;
  profile: string;
  /** The session whose agent has opened it */
  sessionKey: string | null;
}

export interface CallDecision {
  /** null: nobody was asked */
  approvalId: string | null;
  runId: string;
  sessionKey: string;
  agentId: string;
  toolCallId: string;
  tool: string;
  /** Its params and facts; values that look secret are *** */
  call: unknown;
  decision: "allow" | "always" | "deny";
  reason: string;
  /** The credential; null: the policy, the allow-list or the time limit */
  decidedBy: string | null;
  decidedAt: string;
}

export interface Channel {
  id: string;
  name: string;
  enabled: boolean;
  status: ChannelStatus;
  account?: string | undefined;
  botUsername?: string | undefined;
  lastError: string | null;
  /** When the status last changed */
  since: string | null;
  capabilities: string[];
}

export interface ChannelAccount {
  accountId: string;
  status: ChannelStatus;
  account?: string | undefined;
  botUsername?: string | undefined;
  lastError: string | null;
  /** When the status last changed */
  since: string | null;
  lastInboundAt: string | null;
  lastOutboundAt: string | null;
  /** Messages that wait to be sent */
  queued: number;
  /** Messages of which nobody knows whether they arrived; they are not repeated */
  unknown: number;
  /** Messages that could not be sent */
  failed: number;
  /** Messages that came in and are not answered yet */
  waiting: number;
  reconnects: number;
  /** Where the platform's webhook requests are taken, if it has any */
  webhookPath: string | null;
  /** What it waits for, with needs_login */
  login?: {
    qr?: string | undefined;
    code?: string | undefined;
    message: string;
  } | undefined;
  /** What is wrong with its configuration */
  warnings: string[];
}

export interface ChannelMessageData {
  channelId: string;
  sessionKey: string;
  messageId: string;
}

export type ChannelStatus = "connected" | "connecting" | "disconnected" | "needs_login" | "error" | "disabled" | "not_configured";

export type ChannelStatusData = Channel;

export interface ChatAbortedData {
  runId: string;
  sessionKey: string;
  seq: number;
  finishReason: FinishReason;
  usage: Usage;
  model: string;
  cost: number;
  response: string;
}

export interface ChatDeltaData {
  runId: string;
  sessionKey: string;
  seq: number;
  messageId: string;
  delta: string;
}

export interface ChatDoneData {
  runId: string;
  sessionKey: string;
  seq: number;
  finishReason: FinishReason;
  usage: Usage;
  model: string;
  cost: number;
  response: string;
}

export interface ChatErrorData {
  runId: string;
  sessionKey: string;
  seq: number;
  error: ErrorDetail;
}

export interface ChatStartedData {
  runId: string;
  sessionKey: string;
  seq: number;
  model: string;
  agentId: string;
  thinking: ThinkingLevel;
}

export interface ChatThinkingData {
  runId: string;
  sessionKey: string;
  seq: number;
  delta: string;
}

export interface ConfigChangedData {
  paths: string[];
}

export interface ConnectedData {
  clientId: string;
  gatewayVersion: string;
  capabilities: string[];
  protocol: 1;
  scopes: Scope[];
  heartbeatMs: number;
}

export interface CronFire {
  /** The slot */
  at: string;
  /** missed: the gateway was off; skipped: the run before it had not ended; failed: no run began */
  outcome: "ran" | "missed" | "skipped" | "failed";
  runId: string | null;
  detail: string | null;
}

export interface CronFiredData {
  jobId: string;
  runId: string | null;
  at: string;
}

export interface CronJob {
  jobId: string;
  name: string;
  schedule: string;
  timezone: string;
  message: string;
  agentId: string;
  /** The conversation that all its runs are part of */
  sessionKey: string;
  options: {
    thinking?: ThinkingLevel | undefined;
    /** provider/model */
    model?: string | undefined;
    /** Most time that the run itself may take, ms */
    timeoutMs?: number | undefined;
  };
  misfire: "skip" | "once";
  once: boolean;
  enabled: boolean;
  /** The credential whose rights its runs have */
  createdBy: string;
  createdAt: string;
  nextAt: string | null;
}

export interface Delivery {
  deliveryId: string;
  channelId: string;
  accountId: string;
  to: string;
  threadId: string | null;
  /** At most 200 characters of it */
  text: string;
  status: "queued" | "sending" | "sent" | "unknown" | "failed";
  attempts: number;
  error: string | null;
  createdAt: string;
  settledAt: string | null;
}

export interface ErrorDetail {
  code: "invalid_request" | "unauthorized" | "budget_exceeded" | "forbidden" | "not_found" | "conflict" | "payload_too_large" | "rate_limited" | "aborted" | "internal_error" | "upstream_error" | "service_unavailable" | "timeout";
  /** What was wrong and what to do about it */
  message: string;
  type: "client_error" | "server_error";
  /** Dotted path of the offending field, e.g. options.thinking */
  param?: string | undefined;
  /** Finds the request in the gateway's log */
  requestId?: string | undefined;
  /** When to try again, in milliseconds */
  retryAfterMs?: number | undefined;
  /** The run that the request was about */
  runId?: string | undefined;
}

export type FinishReason = "stop" | "length" | "content_filter" | "max_steps" | "aborted";

export interface HeartbeatData {
  /** Unix ms */
  timestamp: number;
  status: "ok";
}

export interface Media {
  mediaId: string;
  name: string;
  mimeType: string;
  /** Bytes */
  size: number;
  origin: "download" | "screenshot" | "pdf";
  /** The page that it comes from */
  source: string | null;
  sessionKey: string | null;
  createdAt: string;
}

export interface Message {
  id: string;
  runId: string;
  role: "user" | "assistant";
  content: string;
  createdAt: string;
  /** Absent: the message is whole */
  status?: "aborted" | "interrupted" | "failed" | undefined;
  toolCalls?: ToolCall[] | undefined;
  attachments?: Attachment[] | undefined;
}

export interface Model {
  id: string;
  object: "model";
  /** Unix seconds */
  created: number;
  owned_by: string;
  name?: string | undefined;
  type?: "model" | undefined;
  display_name?: string | undefined;
  created_at?: string | undefined;
  /** Tokens */
  context_window?: number | undefined;
  max_output_tokens?: number | undefined;
  /** What it reads: text, image … */
  input?: string[] | undefined;
  reasoning?: boolean | undefined;
  /** The levels that it has */
  thinking?: ThinkingLevel[] | undefined;
  /** USD per million tokens */
  cost?: {
    input: number;
    output: number;
    cacheRead?: number | undefined;
    cacheWrite?: number | undefined;
  } | undefined;
}

export interface NewToken {
  tokenId: string;
  name: string;
  scopes: Scope[];
  limits: TokenLimits;
  createdAt: string;
  expiresAt: string | null;
  /** The credential itself, shown this once */
  token: string;
}

export interface Pairing {
  channelId: string;
  accountId: string;
  peerId: string;
  name: string | null;
  state: "pending" | "approved";
  /** Of a pending one: what the bot told him */
  code: string | null;
  createdAt: string;
  expiresAt: string | null;
}

export interface PairingEvent {
  channelId: string;
  accountId: string;
  peerId: string;
  name: string | null;
  event: "requested" | "approved" | "removed" | "expired" | "cleared";
  /** The credential that decided */
  by: string | null;
  at: string;
}

export interface Run {
  runId: string;
  sessionKey: string;
  agentId: string;
  status: RunStatus;
  model: string;
  createdAt: string;
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  /** The last assistant message */
  response?: string | undefined;
  finishReason?: FinishReason | undefined;
  usage?: Usage | undefined;
  /** USD */
  cost?: number | undefined;
  error?: ErrorDetail | undefined;
}

export interface RunAccepted {
  runId: string;
  sessionKey: string;
  status: "started" | "queued" | "merged";
}

export interface RunAnswer {
  runId: string;
  sessionKey: string;
  response: string;
  usage: Usage;
  finishReason: FinishReason;
  model: string;
  /** USD */
  cost: number;
}

export interface RunOptions {
  thinking?: ThinkingLevel | undefined;
  /** provider/model */
  model?: string | undefined;
  /** false: no deltas, only the end */
  stream?: boolean | undefined;
  temperature?: number | undefined;
  /** Most tokens of one model call */
  maxTokens?: number | undefined;
  /** Most time that the run itself may take, ms */
  timeoutMs?: number | undefined;
  /** What a dropped connection does to the run */
  onDisconnect?: "continue" | "abort" | undefined;
}

export type RunStatus = "queued" | "running" | "done" | "failed" | "aborted" | "interrupted";

export type Scope = "read" | "chat" | "operate" | "approve" | "admin";

export interface Session {
  sessionKey: string;
  agentId: string;
  /** webchat for sessions of HTTP, WebSocket, CLI and console */
  channel: string;
  createdAt: string;
  updatedAt: string;
  messageCount: number;
  /** From the first message unless renamed */
  title: string | null;
  /** The session's own model; null: the agent's */
  model: string | null;
  /** The session's own level; null: the agent's */
  thinking: ThinkingLevel | null;
  usage: Usage;
  /** USD, over all runs */
  cost: number;
}

export interface SessionDetail {
  sessionKey: string;
  agentId: string;
  /** webchat for sessions of HTTP, WebSocket, CLI and console */
  channel: string;
  createdAt: string;
  updatedAt: string;
  messageCount: number;
  /** From the first message unless renamed */
  title: string | null;
  /** The session's own model; null: the agent's */
  model: string | null;
  /** The session's own level; null: the agent's */
  thinking: ThinkingLevel | null;
  usage: Usage;
  /** USD, over all runs */
  cost: number;
  /** The newest page, oldest first */
  messages: Message[];
  /** Pass as before to get the page before this one */
  nextBefore?: string | undefined;
}

export interface SessionUpdatedData {
  sessionKey: string;
  reason: "created" | "message" | "updated" | "reset" | "deleted";
  session: Session | null;
}

export interface Status {
  status: "ok" | "draining";
  version: string;
  /** Seconds */
  uptime: number;
  gateway: {
    port: number;
    /** The address that it listens on */
    bind: string;
    auth: "token" | "password" | "off";
  };
  channels: Record<string, ChannelStatus>;
  /** The default model */
  model: string;
  runs: {
    active: number;
    queued: number;
  };
  storage: {
    engine: "sqlite";
    ok: boolean;
    sizeBytes: number;
  };
}

export type ThinkingLevel = "off" | "minimal" | "low" | "medium" | "high" | "xhigh";

export interface Token {
  tokenId: string;
  name: string;
  scopes: Scope[];
  limits: TokenLimits;
  createdAt: string;
  expiresAt: string | null;
}

export interface TokenLimits {
  concurrency?: number | undefined;
  connections?: number | undefined;
  perMinute?: number | undefined;
  /** USD per day (UTC) that models may cost by this token */
  maxCostPerDay?: number | undefined;
}

export interface ToolCall {
  toolCallId: string;
  tool: string;
  params: unknown;
  result?: unknown | undefined;
  isError?: boolean | undefined;
}

export interface ToolCallData {
  runId: string;
  sessionKey: string;
  seq: number;
  toolCallId: string;
  tool: string;
  params: unknown;
}

export type ToolPolicy = "deny" | "allowlist" | "ask" | "full";

export type ToolProfile = "minimal" | "messaging" | "coding" | "full";

export interface ToolProgressData {
  runId: string;
  sessionKey: string;
  seq: number;
  toolCallId: string;
  tool: string;
  update: unknown;
}

export interface ToolResultData {
  runId: string;
  sessionKey: string;
  seq: number;
  toolCallId: string;
  tool: string;
  result: unknown;
  isError: boolean;
}

export interface Usage {
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
  reasoningTokens?: number | undefined;
  cachedTokens?: number | undefined;
}

/** Every error code that the gateway can answer with. */
export type ErrorCode = "invalid_request" | "unauthorized" | "budget_exceeded" | "forbidden" | "not_found" | "conflict" | "payload_too_large" | "rate_limited" | "aborted" | "internal_error" | "upstream_error" | "service_unavailable" | "timeout";

/** Every method by its canonical name. */
export interface Methods {
  "system.status": { params: Record<string, never>; result: Status };
  "system.health": { params: Record<string, never>; result: {
    status: "ok" | "draining";
    version: string;
  } };
  "agent.run": { params: {
    /** What the user says */
    message: string;
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey?: string | undefined;
    agentId?: string | undefined;
    attachments?: Attachment[] | undefined;
    options?: RunOptions | undefined;
    /** true answers as server-sent events */
    stream?: boolean | undefined;
    /** Same key and body within 24 h: the same run */
    idempotencyKey?: string | undefined;
  }; result: RunAnswer };
  "chat.run": { params: {
    /** What the user says */
    message: string;
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey?: string | undefined;
    agentId?: string | undefined;
    attachments?: Attachment[] | undefined;
    options?: RunOptions | undefined;
    /** true answers as server-sent events */
    stream?: boolean | undefined;
    /** Same key and body within 24 h: the same run */
    idempotencyKey?: string | undefined;
  }; result: RunAccepted };
  "run.get": { params: {
    runId: string;
  }; result: Run };
  "chat.abort": { params: {
    runId: string;
  }; result: {
    aborted: boolean;
  } };
  "chat.subscribe": { params: {
    runId?: string | undefined;
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey?: string | undefined;
    /** The last seq seen; 0 replays from the start */
    afterSeq?: number | undefined;
  }; result: {
    /** null: the session has no run yet */
    runId: string | null;
    sessionKey: string;
    status: RunStatus | null;
    lastSeq: number;
  } };
  "chat.unsubscribe": { params: {
    runId?: string | undefined;
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey?: string | undefined;
  }; result: {
    unsubscribed: boolean;
  } };
  "agent.list": { params: Record<string, never>; result: {
    agents: Agent[];
  } };
  "agent.get": { params: {
    agentId: string;
  }; result: Agent };
  "agent.create": { params: {
    /** 1–64 letters, digits, dots, dashes and underscores */
    id: string;
    name?: string | undefined;
    model?: string | {
      primary: string;
      fallbacks?: string[] | undefined;
    } | {
      provider: string;
      id: string;
    } | undefined;
    thinking?: ThinkingLevel | undefined;
    instructions?: string | undefined;
    /** The folder that it works in; needs the scope admin */
    workspace?: string | undefined;
    /** Rules, or the names of exactly the tools it has; more than before needs the scope admin */
    tools?: string[] | {
      /** minimal | messaging | coding | full */
      profile?: ToolProfile | undefined;
      /** Tools beside those of the profile */
      allow?: string[] | undefined;
      /** Tools that are taken away, whatever else names them */
      deny?: string[] | undefined;
      /** deny | allowlist | ask | full by the tool's name; * stands for all others */
      policy?: Record<string, ToolPolicy> | undefined;
    } | undefined;
    skills?: string[] | undefined;
    /** Needs the scope admin */
    sandbox?: {
      /** off | non-main: all but the owner's own sessions | all. non-main unless told */
      mode?: "off" | "non-main" | "all" | undefined;
      backend?: "auto" | "bubblewrap" | "docker" | undefined;
    } | undefined;
    contextTokens?: number | undefined;
    /** USD per day (UTC); needs the scope admin */
    maxCostPerDay?: number | undefined;
  }; result: Agent };
  "agent.update": { params: {
    agentId: string;
    name?: string | null | undefined;
    model?: string | {
      primary: string;
      fallbacks?: string[] | undefined;
    } | {
      provider: string;
      id: string;
    } | null | undefined;
    thinking?: ThinkingLevel | null | undefined;
    instructions?: string | null | undefined;
    workspace?: string | null | undefined;
    tools?: string[] | {
      /** minimal | messaging | coding | full */
      profile?: ToolProfile | undefined;
      /** Tools beside those of the profile */
      allow?: string[] | undefined;
      /** Tools that are taken away, whatever else names them */
      deny?: string[] | undefined;
      /** deny | allowlist | ask | full by the tool's name; * stands for all others */
      policy?: Record<string, ToolPolicy> | undefined;
    } | null | undefined;
    skills?: string[] | null | undefined;
    sandbox?: {
      /** off | non-main: all but the owner's own sessions | all. non-main unless told */
      mode?: "off" | "non-main" | "all" | undefined;
      backend?: "auto" | "bubblewrap" | "docker" | undefined;
    } | null | undefined;
    contextTokens?: number | null | undefined;
    maxCostPerDay?: number | null | undefined;
  }; result: Agent };
  "agent.delete": { params: {
    agentId: string;
  }; result: {
    deleted: true;
    agentId: string;
  } };
  "session.list": { params: {
    /** Page size, 100 unless told */
    limit?: number | undefined;
    cursor?: string | undefined;
    channel?: string | undefined;
    agentId?: string | undefined;
    /** Part of the key or the title */
    search?: string | undefined;
  }; result: {
    sessions: Session[];
    nextCursor?: string | undefined;
  } };
  "session.get": { params: {
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey: string;
    /** Page size, 100 unless told */
    limit?: number | undefined;
    /** The id of a message, or a nextBefore */
    before?: string | undefined;
  }; result: SessionDetail };
  "session.export": { params: {
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey: string;
    /** Page size, 100 unless told */
    limit?: number | undefined;
    /** The id of a message, or a nextAfter */
    after?: string | undefined;
  }; result: {
    sessionKey: string;
    agentId: string;
    /** webchat for sessions of HTTP, WebSocket, CLI and console */
    channel: string;
    createdAt: string;
    updatedAt: string;
    messageCount: number;
    /** From the first message unless renamed */
    title: string | null;
    /** The session's own model; null: the agent's */
    model: string | null;
    /** The session's own level; null: the agent's */
    thinking: ThinkingLevel | null;
    usage: Usage;
    /** USD, over all runs */
    cost: number;
    /** The oldest page first */
    messages: Message[];
    /** Pass as after to get the next page */
    nextAfter?: string | undefined;
  } };
  "session.update": { params: {
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey: string;
    title?: string | null | undefined;
    model?: string | null | undefined;
    thinking?: ThinkingLevel | null | undefined;
  }; result: Session };
  "session.delete": { params: {
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey: string;
  }; result: {
    deleted: true;
    sessionKey: string;
  } };
  "session.reset": { params: {
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey: string;
  }; result: Session };
  "session.compact": { params: {
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey: string;
  }; result: {
    sessionKey: string;
    agentId: string;
    /** webchat for sessions of HTTP, WebSocket, CLI and console */
    channel: string;
    createdAt: string;
    updatedAt: string;
    messageCount: number;
    /** From the first message unless renamed */
    title: string | null;
    /** The session's own model; null: the agent's */
    model: string | null;
    /** The session's own level; null: the agent's */
    thinking: ThinkingLevel | null;
    usage: Usage;
    /** USD, over all runs */
    cost: number;
    /** About how many tokens of the session a model was and is sent */
    compaction: {
      before: number;
      after: number;
      summarised: boolean;
    };
  } };
  "session.fork": { params: {
    /** Name of the session, 1–256 printable characters; made if absent */
    sessionKey: string;
    /** Name of the session, 1–256 printable characters; made if absent */
    newSessionKey?: string | undefined;
    /** The last message to copy; all unless told */
    messageId?: string | undefined;
  }; result: Session };
  "model.list": { params: {
    /** Page size; all of them unless told */
    limit?: number | undefined;
    /** The last id of the page before */
    after_id?: string | undefined;
    /** The first id of the page behind */
    before_id?: string | undefined;
  }; result: {
    object: "list";
    data: Model[];
    has_more?: boolean | undefined;
    first_id?: string | null | undefined;
    last_id?: string | null | undefined;
  } };
  "model.get": { params: {
    id: string;
  }; result: Model };
  "channel.list": { params: Record<string, never>; result: {
    channels: Channel[];
  } };
  "channel.status": { params: {
    channelId: string;
  }; result: {
    id: string;
    name: string;
    enabled: boolean;
    status: ChannelStatus;
    account?: string | undefined;
    botUsername?: string | undefined;
    lastError: string | null;
    /** When the status last changed */
    since: string | null;
    capabilities: string[];
    lastInboundAt: string | null;
    lastOutboundAt: string | null;
    /** Messages that wait to be sent */
    queued: number;
    /** Messages of which nobody knows whether they arrived; they are not repeated */
    unknown: number;
    /** Messages that could not be sent */
    failed: number;
    /** Messages that came in and are not answered yet */
    waiting: number;
    reconnects: number;
    accounts: ChannelAccount[];
  } };
  "channel.enable": { params: {
    channelId: string;
  }; result: Channel };
  "channel.disable": { params: {
    channelId: string;
  }; result: Channel };
  "channel.login": { params: {
    channelId: string;
    /** The first account unless told */
    accountId?: string | undefined;
    /** A QR code to scan, or a code to type in */
    method?: "qr" | "code" | undefined;
    /** For a code: E.164, e.g. +4915112345678 */
    phoneNumber?: string | undefined;
  }; result: {
    status: ChannelStatus;
    /** The text of the QR code */
    qr?: string | undefined;
    /** The QR code as a PNG, base64 */
    qrPng?: string | undefined;
    code?: string | undefined;
    /** What to do next */
    message?: string | undefined;
  } };
  "channel.logout": { params: {
    channelId: string;
    /** The first account unless told */
    accountId?: string | undefined;
  }; result: Channel };
  "channel.add": { params: {
    channelId: string;
    /** The first account unless told */
    accountId?: string | undefined;
    /** Keys as below channels.<id> */
    settings: Record<string, unknown>;
  }; result: Channel };
  "channel.remove": { params: {
    channelId: string;
    /** The whole channel unless told */
    accountId?: string | undefined;
  }; result: Channel };
  "channel.send": { params: {
    channelId: string;
    to: string;
    /** Markdown */
    text?: string | undefined;
    attachments?: Attachment[] | undefined;
    /** The first account unless told */
    accountId?: string | undefined;
    threadId?: string | undefined;
    /** The platform's id of the message that is answered */
    replyTo?: string | undefined;
    idempotencyKey?: string | undefined;
  }; result: {
    messageId: string;
    /** unknown: it may have arrived; it is not sent again by itself */
    status: "sent" | "queued" | "unknown";
  } };
  "channel.deliveries": { params: {
    channelId: string;
    status?: "queued" | "sending" | "sent" | "unknown" | "failed" | undefined;
    /** Page size, 100 unless told */
    limit?: number | undefined;
  }; result: {
    deliveries: Delivery[];
  } };
  "channel.retry": { params: {
    channelId: string;
    deliveryId: string;
  }; result: Delivery };
  "pairing.list": { params: {
    channelId?: string | undefined;
    accountId?: string | undefined;
  }; result: {
    pairings: Pairing[];
  } };
  "pairing.approve": { params: {
    channelId: string;
    accountId?: string | undefined;
    /** As the bot told it; capitals and small letters are the same */
    code: string;
  }; result: Pairing };
  "pairing.remove": { params: {
    channelId: string;
    peerId: string;
    accountId?: string | undefined;
  }; result: {
    removed: boolean;
  } };
  "pairing.clear": { params: {
    channelId?: string | undefined;
    accountId?: string | undefined;
  }; result: {
    cleared: number;
  } };
  "pairing.history": { params: {
    channelId?: string | undefined;
    accountId?: string | undefined;
    /** Page size, 100 unless told */
    limit?: number | undefined;
  }; result: {
    events: PairingEvent[];
  } };
  "browser.status": { params: Record<string, never>; result: {
    enabled: boolean;
    running: boolean;
    version: string | null;
    /** The one used last */
    profile: string | null;
    profiles: string[];
    tabs: BrowserTab[];
    /** Where the Chromium comes from, once it was looked for */
    executable: string | null;
    processes: {
      profile: string;
      startedAt: string;
      memoryBytes: number | null;
    }[];
    /** Callers that wait for a browser */
    waiting: number;
  } };
  "browser.start": { params: {
    /** default, incognito, or one of your own */
    profile?: string | undefined;
  }; result: {
    running: boolean;
    profile: string;
    version: string | null;
  } };
  "browser.stop": { params: {
    /** default, incognito, or one of your own */
    profile?: string | undefined;
  }; result: {
    /** How many were running */
    stopped: number;
  } };
  "browser.navigate": { params: {
    url: string;
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    waitUntil?: "load" | "domcontentloaded" | "networkidle" | "commit" | undefined;
    /** Size of the page in CSS pixels; it stays so */
    viewport?: {
      width: number;
      height: number;
    } | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    success: boolean;
    url: string;
    title: string;
    /** HTTP status of the page */
    status: number | null;
    tabId: string;
    /** What else happened: dialogs, pop-ups, downloads */
    notes?: string[] | undefined;
  } };
  "browser.back": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    waitUntil?: "load" | "domcontentloaded" | "networkidle" | "commit" | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    success: boolean;
    url: string;
    title: string;
    /** HTTP status of the page */
    status: number | null;
    tabId: string;
    /** What else happened: dialogs, pop-ups, downloads */
    notes?: string[] | undefined;
  } };
  "browser.forward": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    waitUntil?: "load" | "domcontentloaded" | "networkidle" | "commit" | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    success: boolean;
    url: string;
    title: string;
    /** HTTP status of the page */
    status: number | null;
    tabId: string;
    /** What else happened: dialogs, pop-ups, downloads */
    notes?: string[] | undefined;
  } };
  "browser.reload": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    waitUntil?: "load" | "domcontentloaded" | "networkidle" | "commit" | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    success: boolean;
    url: string;
    title: string;
    /** HTTP status of the page */
    status: number | null;
    tabId: string;
    /** What else happened: dialogs, pop-ups, downloads */
    notes?: string[] | undefined;
  } };
  "browser.screenshot": { params: {
    selector?: string | undefined;
    fullPage?: boolean | undefined;
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    format?: "png" | "jpeg" | "webp" | undefined;
    /** JPEG and WebP only */
    quality?: number | undefined;
    /** Size of the page in CSS pixels; it stays so */
    viewport?: {
      width: number;
      height: number;
    } | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    mimeType: string;
    /** base64 */
    data: string;
    width: number;
    height: number;
  } };
  "browser.pdf": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    /** A4 unless told */
    format?: "A4" | "A3" | "A5" | "Letter" | "Legal" | "Tabloid" | undefined;
    landscape?: boolean | undefined;
    /** With colours and pictures behind the text; true unless told */
    background?: boolean | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    mimeType: string;
    /** base64 */
    data: string;
  } };
  "browser.snapshot": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    /** Only this part */
    selector?: string | undefined;
    /** Of a long page; 1 unless told */
    page?: number | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    tabId: string;
    url: string;
    title: string;
    snapshot: string;
    page: number;
    pages: number;
    notes?: string[] | undefined;
  } };
  "browser.act": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    action: BrowserAction;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    success: boolean;
    url: string;
    title: string;
    /** HTTP status of the page */
    status: number | null;
    tabId: string;
    /** What else happened: dialogs, pop-ups, downloads */
    notes?: string[] | undefined;
    /** What was done */
    detail?: string | undefined;
  } };
  "browser.evaluate": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    /** JavaScript; its value, awaited, as JSON */
    expression: string;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    value: unknown;
    url: string;
  } };
  "browser.upload": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    /** Of the last snapshot, e.g. e12 */
    ref?: string | undefined;
    /** CSS, where there is no ref */
    selector?: string | undefined;
    files: {
      name: string;
      mimeType?: string | undefined;
      /** The bytes, base64 */
      data: string;
    }[];
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    success: boolean;
    url: string;
    title: string;
    /** HTTP status of the page */
    status: number | null;
    tabId: string;
    /** What else happened: dialogs, pop-ups, downloads */
    notes?: string[] | undefined;
  } };
  "browser.tabs": { params: {
    /** default, incognito, or one of your own */
    profile?: string | undefined;
  }; result: {
    tabs: BrowserTab[];
  } };
  "browser.open": { params: {
    url?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    waitUntil?: "load" | "domcontentloaded" | "networkidle" | "commit" | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: {
    success: boolean;
    url: string;
    title: string;
    /** HTTP status of the page */
    status: number | null;
    tabId: string;
    /** What else happened: dialogs, pop-ups, downloads */
    notes?: string[] | undefined;
  } };
  "browser.activate": { params: {
    /** The active tab unless told */
    tabId: string;
  }; result: BrowserTab };
  "browser.close": { params: {
    /** The active tab unless told */
    tabId: string;
  }; result: {
    closed: boolean;
    tabId: string;
  } };
  "browser.console": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    limit?: number | undefined;
  }; result: {
    tabId: string;
    entries: {
      at: string;
      level: string;
      text: string;
      url: string;
    }[];
  } };
  "browser.network": { params: {
    /** The active tab unless told */
    tabId?: string | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    limit?: number | undefined;
  }; result: {
    tabId: string;
    entries: {
      at: string;
      method: string;
      url: string;
      /** document, script, image, xhr, websocket … */
      type: string;
      status: number | null;
      ms: number | null;
      error: string | null;
    }[];
  } };
  "browser.watch": { params: {
    /** The active tab unless told */
    tabId: string;
    /** 1024 unless told */
    maxWidth?: number | undefined;
    /** Of the JPEG; 60 unless told */
    quality?: number | undefined;
  }; result: {
    tabId: string;
  } };
  "browser.unwatch": { params: {
    /** The active tab unless told */
    tabId: string;
  }; result: {
    unwatched: boolean;
  } };
  "browser.profiles": { params: Record<string, never>; result: {
    profiles: {
      name: string;
      color: string | null;
      running: boolean;
      persistent: boolean;
      /** A browser of its own, reached by cdpUrl */
      remote: boolean;
      tabs: number;
    }[];
  } };
  "browser.profile.create": { params: {
    /** default, incognito, or one of your own */
    profile: string;
    color?: string | undefined;
  }; result: {
    name: string;
    color: string | null;
    running: boolean;
    persistent: boolean;
    /** A browser of its own, reached by cdpUrl */
    remote: boolean;
    tabs: number;
  } };
  "browser.profile.reset": { params: {
    /** default, incognito, or one of your own */
    profile: string;
  }; result: {
    name: string;
    color: string | null;
    running: boolean;
    persistent: boolean;
    /** A browser of its own, reached by cdpUrl */
    remote: boolean;
    tabs: number;
  } };
  "browser.profile.delete": { params: {
    /** default, incognito, or one of your own */
    profile: string;
  }; result: {
    deleted: boolean;
    profile: string;
  } };
  "browser.request": { params: {
    method: "GET" | "POST" | "DELETE";
    /** E.g. /status, /tabs/open, /screenshot */
    path: string;
    query?: Record<string, string | number | boolean> | undefined;
    body?: Record<string, unknown> | undefined;
    /** default, incognito, or one of your own */
    profile?: string | undefined;
    /** Most time of this action, ms */
    timeoutMs?: number | undefined;
  }; result: Record<string, unknown> };
  "media.list": { params: {
    /** Page size, 100 unless told */
    limit?: number | undefined;
    cursor?: string | undefined;
    sessionKey?: string | undefined;
  }; result: {
    media: Media[];
    nextCursor?: string | undefined;
  } };
  "media.get": { params: {
    mediaId: string;
  }; result: {
    mediaId: string;
    name: string;
    mimeType: string;
    /** Bytes */
    size: number;
    origin: "download" | "screenshot" | "pdf";
    /** The page that it comes from */
    source: string | null;
    sessionKey: string | null;
    createdAt: string;
    /** base64 */
    data: string;
  } };
  "media.delete": { params: {
    mediaId: string;
  }; result: {
    deleted: boolean;
    mediaId: string;
  } };
  "approval.list": { params: Record<string, never>; result: {
    approvals: Approval[];
  } };
  "approval.resolve": { params: {
    approvalId: string;
    decision: "allow" | "always" | "deny";
  }; result: {
    approvalId: string;
    decision: "allow" | "always" | "deny";
  } };
  "approval.log": { params: {
    /** Page size, 100 unless told */
    limit?: number | undefined;
    cursor?: string | undefined;
  }; result: {
    decisions: CallDecision[];
    nextCursor?: string | undefined;
  } };
  "approval.allowlist": { params: Record<string, never>; result: {
    entries: AllowedCall[];
  } };
  "approval.forget": { params: {
    entryId: string;
  }; result: {
    forgotten: true;
    entryId: string;
  } };
  "cron.list": { params: Record<string, never>; result: {
    jobs: CronJob[];
  } };
  "cron.get": { params: {
    jobId: string;
  }; result: {
    jobId: string;
    name: string;
    schedule: string;
    timezone: string;
    message: string;
    agentId: string;
    /** The conversation that all its runs are part of */
    sessionKey: string;
    options: {
      thinking?: ThinkingLevel | undefined;
      /** provider/model */
      model?: string | undefined;
      /** Most time that the run itself may take, ms */
      timeoutMs?: number | undefined;
    };
    misfire: "skip" | "once";
    once: boolean;
    enabled: boolean;
    /** The credential whose rights its runs have */
    createdBy: string;
    createdAt: string;
    nextAt: string | null;
    /** At most 100 */
    fires: CronFire[];
  } };
  "cron.create": { params: {
    name: string;
    /** Five cron fields, `every 15m` (m, h, d; at least 1m), or one date and time by ISO 8601 */
    schedule: string;
    /** IANA zone of the fields, e.g. Europe/Berlin; that of the gateway's machine unless told */
    timezone?: string | undefined;
    /** What is said to the agent */
    message: string;
    options?: {
      thinking?: ThinkingLevel | undefined;
      /** provider/model */
      model?: string | undefined;
      /** Most time that the run itself may take, ms */
      timeoutMs?: number | undefined;
    } | undefined;
    /** A slot that the gateway slept through: once (unless told) makes it good within an hour */
    misfire?: "skip" | "once" | undefined;
    /** Only the next slot; a date and time has one slot anyway */
    once?: boolean | undefined;
    enabled?: boolean | undefined;
    agentId?: string | undefined;
    /** cron:<jobId> unless told */
    sessionKey?: string | undefined;
  }; result: CronJob };
  "cron.update": { params: {
    jobId: string;
    name?: string | undefined;
    /** Five cron fields, `every 15m` (m, h, d; at least 1m), or one date and time by ISO 8601 */
    schedule?: string | undefined;
    /** IANA zone of the fields, e.g. Europe/Berlin; that of the gateway's machine unless told */
    timezone?: string | undefined;
    /** What is said to the agent */
    message?: string | undefined;
    options?: {
      thinking?: ThinkingLevel | undefined;
      /** provider/model */
      model?: string | undefined;
      /** Most time that the run itself may take, ms */
      timeoutMs?: number | undefined;
    } | undefined;
    /** A slot that the gateway slept through: once (unless told) makes it good within an hour */
    misfire?: "skip" | "once" | undefined;
    /** Only the next slot; a date and time has one slot anyway */
    once?: boolean | undefined;
    enabled?: boolean | undefined;
  }; result: CronJob };
  "cron.delete": { params: {
    jobId: string;
  }; result: {
    deleted: true;
    jobId: string;
  } };
  "cron.run": { params: {
    jobId: string;
  }; result: {
    jobId: string;
    runId: string;
  } };
  "token.list": { params: Record<string, never>; result: {
    tokens: Token[];
  } };
  "token.create": { params: {
    name: string;
    scopes: Scope[];
    expiresAt?: string | undefined;
    limits?: TokenLimits | undefined;
  }; result: NewToken };
  "token.revoke": { params: {
    tokenId: string;
  }; result: {
    revoked: true;
    tokenId: string;
  } };
  "token.rotate": { params: {
    tokenId: string;
  }; result: NewToken };
  "ticket.create": { params: Record<string, never>; result: {
    ticket: string;
    expiresAt: string;
  } };
}

/** The events of a run, as a WebSocket carries them. */
export type RunEvent =
  | { type: "chat.started"; data: ChatStartedData }
  | { type: "chat.thinking"; data: ChatThinkingData }
  | { type: "chat.delta"; data: ChatDeltaData }
  | { type: "tool.call"; data: ToolCallData }
  | { type: "tool.progress"; data: ToolProgressData }
  | { type: "tool.result"; data: ToolResultData }
  | { type: "approval.requested"; data: ApprovalRequestedData }
  | { type: "approval.resolved"; data: ApprovalResolvedData }
  | { type: "chat.done"; data: ChatDoneData }
  | { type: "chat.error"; data: ChatErrorData }
  | { type: "chat.aborted"; data: ChatAbortedData };

/** The events of a run, as server-sent events carry them. */
export type StreamEvent =
  | { type: "started"; data: ChatStartedData }
  | { type: "thinking"; data: ChatThinkingData }
  | { type: "delta"; data: ChatDeltaData }
  | { type: "tool.call"; data: ToolCallData }
  | { type: "tool.progress"; data: ToolProgressData }
  | { type: "tool.result"; data: ToolResultData }
  | { type: "approval.requested"; data: ApprovalRequestedData }
  | { type: "approval.resolved"; data: ApprovalResolvedData }
  | { type: "done"; data: ChatDoneData }
  | { type: "error"; data: ChatErrorData }
  | { type: "aborted"; data: ChatAbortedData };

/** Events about the gateway itself. */
export type SystemEvent =
  | { type: "connected"; data: ConnectedData }
  | { type: "heartbeat"; data: HeartbeatData }
  | { type: "session.updated"; data: SessionUpdatedData }
  | { type: "channel.status"; data: ChannelStatusData }
  | { type: "channel.message"; data: ChannelMessageData }
  | { type: "cron.fired"; data: CronFiredData }
  | { type: "config.changed"; data: ConfigChangedData }
  | { type: "browser.frame"; data: BrowserFrameData };
