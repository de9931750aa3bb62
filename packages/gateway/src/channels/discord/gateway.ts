import { once } from "node:events";
import type { IContextFetchingStrategy, SessionInfo, WebSocketShard } from "@discordjs/ws";
import type { GatewayDispatchPayload } from "discord-api-types/v10";
import { onAbort, sleep } from "../../lib/signals.ts";
import { closeError } from "./close-codes.ts";
import type { Session } from "./cursors.ts";

export interface GatewayOptions {
  /** Where sessions begin; a resumed one has an address of its own. */
  url: string;
  token: string;
  intents: number;
  /** A session that is gone on with: Discord then repeats what came after `sequence`. */
  session?: Session | undefined;
  signal: AbortSignal;
  /** A new session began (undefined: it may not be resumed any more), or the old one goes on. */
  onSession(session: Session | undefined): void;
  onReady(kind: "new" | "resumed", data: unknown): void;
  onEvent(event: GatewayEvent): void;
  onAlive(): void;
}

export interface GatewayEvent {
  type: string;
  data: unknown;
  sequence: number;
}

/** How long joining, and coming back after a drop, may take, ms. */
const readyWithinMs = 45_000;
/** A session that Discord refuses costs two closed connections before the next one stands. */
const mostCloses = 3;
/** Least time between two sessions, ms: Discord takes the token away from who begins too many. */
const identifyEveryMs = 5_000;
/** How long the other side may take to close the connection, ms. */
const closeWithinMs = 1_000;
/** Closes a connection so that its session can be resumed. */
const resumable = 4200;

/**
 * One connection to Discord's gateway by discord.js's own client, which beats, resumes and reconnects
 * (https://discord.com/developers/docs/events/gateway). Runs until the signal aborts (resolves) or it is lost for
 * good (rejects), and leaves nothing open. The library reconnects for ever and has no end of a connection that is
 * being made: both are mended here.
 */
export async function runGateway(options: GatewayOptions): Promise<void> {
  const { WebSocketShard, WebSocketShardEvents: events } = await import("@discordjs/ws");
  options.signal.throwIfAborted();
  const end = Promise.withResolvers<void>();
  const parked = Promise.withResolvers<void>();
  const over = new AbortController();
  let session: SessionInfo | null = options.session
    ? { ...options.session, shardId: 0, shardCount: 1 }
    : null;
  let isAsleep = false;
  let lastIdentify = 0;
  let closes = 0;
  let deadline: NodeJS.Timeout | undefined;

  const strategy: IContextFetchingStrategy = {
    options: shardOptions(options),
    async retrieveSessionInfo() {
      isAsleep = false;
      if (!over.signal.aborted) return session;
      parked.resolve();
      return new Promise(() => {}); // the library would open another connection now
    },
    async updateSessionInfo(_id, next) {
      if (over.signal.aborted) return;
      const isNew = next?.sessionId !== session?.sessionId;
      session = next && { ...next, resumeURL: webSocketUrl(next.resumeURL) ?? options.url };
      if (isNew) options.onSession(session ? { ...session } : undefined);
    },
    async waitForIdentify() {
      const wait = lastIdentify === 0 ? 0 : lastIdentify + identifyEveryMs - Date.now();
      if (wait > 0) await sleep(wait, { signal: over.signal }).catch(() => new Promise(() => {}));
      lastIdentify = Date.now();
    },
  };
  const shard = new WebSocketShard(strategy, 0);

  function expectReady(): void {
    deadline ??= setTimeout(() => end.reject(lost("it did not get ready in time")), readyWithinMs);
  }
  function isReady(kind: "new" | "resumed", data: unknown): void {
    clearTimeout(deadline);
    deadline = undefined;
    closes = 0;
    options.onReady(kind, data);
  }

  shard.on(events.Ready, (data) => isReady("new", data));
  shard.on(events.Resumed, () => isReady("resumed", undefined));
  shard.on(events.HeartbeatComplete, () => options.onAlive());
  shard.on(events.Dispatch, (payload: GatewayDispatchPayload) => {
    options.onEvent({ type: payload.t, data: payload.d, sequence: payload.s });
  });
  shard.on(events.Closed, (code) => {
    if (over.signal.aborted) return;
    closes += 1;
    const fatal = closeError(code, options.intents);
    isAsleep = fatal === undefined;
    if (fatal) end.reject(fatal);
    else if (closes >= mostCloses) end.reject(lost(`it was closed again and again (${code})`));
    else expectReady();
  });
  // What follows an error is `closed`, which decides.
  shard.on(events.Error, () => {});
  shard.on(events.SocketError, () => {});

  const off = onAbort(options.signal, () => end.resolve());
  try {
    expectReady();
    shard.connect().catch(() => undefined); // resolves when it is ready; `closed` and the deadline tell of failures
    await end.promise;
  } finally {
    off();
    clearTimeout(deadline);
    over.abort();
    await close(shard);
    // Between two connections the library sleeps for half a second, then asks for the session: there it stays.
    if (isAsleep) await within(closeWithinMs, parked.promise);
    shard.removeAllListeners();
  }
}

/** Ends the shard and whatever socket it has, without Discord forgetting the session. */
async function close(shard: WebSocketShard): Promise<void> {
  const before = socketOf(shard);
  // Without a listener, an error of a connection that is still being made would end the process.
  before?.on("error", () => {});
  const closed = shard.destroy({ code: resumable, reason: "The gateway stops" }).catch(() => undefined);
  await within(closeWithinMs, closed);
  const socket = socketOf(shard);
  if (socket === undefined || socket.readyState === 3) return;
  socket.on("error", () => {});
  const gone = once(socket, "close").catch(() => undefined);
  socket.terminate();
  await within(closeWithinMs, gone);
}

interface Socket extends NodeJS.EventEmitter {
  readonly readyState: number;
  terminate(): void;
}

/** The library keeps its socket to itself, and cannot close it while it connects. */
function socketOf(shard: WebSocketShard): Socket | undefined {
  const socket: unknown = Reflect.get(shard, "connection");
  // In Node.js the library uses the package ws.
  return typeof socket === "object" && socket !== null && "terminate" in socket
    ? (socket as Socket)
    : undefined;
}

async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function shardOptions({ url, token, intents }: GatewayOptions): IContextFetchingStrategy["options"] {
  return {
    token,
    // The library takes one bit or all: a type too narrow for a sum of them.
    intents: intents as IContextFetchingStrategy["options"]["intents"],
    version: "10",
    encoding: "json" as IContextFetchingStrategy["options"]["encoding"], // an enum of the one value
    compression: null,
    useIdentifyCompression: false,
    shardCount: 1,
    largeThreshold: 50,
    initialPresence: null,
    identifyProperties: { os: process.platform, browser: "openclaw", device: "openclaw" },
    handshakeTimeout: 15_000,
    helloTimeout: 15_000,
    readyTimeout: 15_000,
    gatewayInformation: {
      url,
      shards: 1,
      session_start_limit: { total: 1, remaining: 1, reset_after: 0, max_concurrency: 1 },
    },
  };
}

function webSocketUrl(text: string): string | undefined {
  const protocol = URL.parse(text)?.protocol;
  return protocol === "wss:" || protocol === "ws:" ? text.replace(/\/$/, "") : undefined;
}

function lost(why: string): Error {
  return new Error(`The connection to Discord's gateway is lost: ${why}.`);
}
