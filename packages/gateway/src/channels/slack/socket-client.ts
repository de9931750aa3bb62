import type { SocketModeClient } from "@slack/socket-mode";
import type { Log } from "../../lib/log.ts";
import type { Inbox } from "../types.ts";
import { slackFetch } from "./api.ts";
import { quietLogger } from "./quiet-logger.ts";
import type { Patience } from "./socket.ts";

export interface ClientFacts {
  readonly appToken: string;
  readonly apiRoot: URL;
  readonly log: Log;
  readonly patience: Patience;
  /** For the call that asks for a connection. */
  readonly signal: AbortSignal;
  /** Slack ends the connection, and says why: `warning`, `refresh_requested`, `link_disabled` … */
  onEnd(reason: string): void;
}

/**
 * Slack's own client, not started. Its reconnecting is off: it goes on for ever, and an attempt of its that fails for
 * good becomes an unhandled rejection.
 */
export async function createClient(
  { appToken, apiRoot, log, patience, signal, onEnd }: ClientFacts,
  inbox: Inbox,
): Promise<SocketModeClient> {
  const { SocketModeClient } = await import("@slack/socket-mode");

  /** What comes in is read here first: an envelope without an event, say, makes the client's reading reject unhandled. */
  class Client extends SocketModeClient {
    protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean) {
      inbox.alive();
      const reason = isBinary ? undefined : endOf(data);
      if (reason !== undefined) return onEnd(reason);
      await super.onWebSocketMessage(data, isBinary).catch(() => inbox.rejected("malformed"));
    }
  }
  return new Client({
    appToken,
    autoReconnectEnabled: false,
    clientPingTimeout: patience.pong,
    serverPingTimeout: patience.ping,
    logger: quietLogger(log),
    clientOptions: {
      slackApiUrl: apiRoot.href,
      fetch: (url, init) => slackFetch(url, init, signal),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    },
  });
}

/** Says goodbye, and cuts the connection if the other side does not: Slack often leaves it open. */
export async function closeClient(client: SocketModeClient, goodbyeMs: number): Promise<void> {
  const gone = client.disconnect();
  const cut = setInterval(() => client.websocket?.disconnect(), goodbyeMs);
  try {
    await gone;
  } finally {
    clearInterval(cut);
    client.removeAllListeners();
    // A connection that ends while it is made leaves this timer behind (slackapi/node-slack-sdk#2771).
    // biome-ignore lint/complexity/useLiteralKeys: the field is private, and the client has no other door to it
    clearTimeout(client.websocket?.["closeHandshakeTimeout"]);
  }
}

/** Undefined for all messages but those that end the connection. */
function endOf(data: string | ArrayBuffer): string | undefined {
  if (typeof data !== "string" || !data.includes('"disconnect"')) return undefined;
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== "object" || message === null) return undefined;
    if (!("type" in message) || message.type !== "disconnect") return undefined;
    return "reason" in message && typeof message.reason === "string" ? message.reason : "unknown";
  } catch {
    return undefined; // the client ignores it as well
  }
}
