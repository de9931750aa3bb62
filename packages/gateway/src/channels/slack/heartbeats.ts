import { channel } from "node:diagnostics_channel";
import type { Inbox } from "../types.ts";

/**
 * Tells the inbox of the pings and pongs of one WebSocket, which Slack's client keeps to itself. undici announces
 * those of all its sockets (https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md); ours is
 * known by its address, which has a ticket that no other has.
 */
export function heartbeats(inbox: Pick<Inbox, "alive">): { listenTo(address: string): void; close(): void } {
  const channels = [channel("undici:websocket:ping"), channel("undici:websocket:pong")];
  let address: string | undefined;
  const hear = (message: unknown) => {
    if (address !== undefined && addressOf(message) === address) inbox.alive();
  };
  for (const it of channels) it.subscribe(hear);
  return {
    listenTo(url) {
      address = URL.parse(url)?.href;
    },
    close() {
      for (const it of channels) it.unsubscribe(hear);
    },
  };
}

function addressOf(message: unknown): unknown {
  if (typeof message !== "object" || message === null || !("websocket" in message)) return undefined;
  const { websocket } = message;
  return typeof websocket === "object" && websocket !== null && "url" in websocket
    ? websocket.url
    : undefined;
}
