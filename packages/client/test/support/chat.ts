import type { WebSocket } from "ws";
import { OpenClawClient, type RunEvent } from "../../src/index.ts";
import { events } from "./gateway.ts";

/** How a scripted gateway takes in the run of `run`'s events. */
export const accepted = { runId: "run-1", sessionKey: "s", status: "started" };

export const run = events();

/** A client that waits no longer than it must. */
export function clientOf(baseUrl: string, options = {}): OpenClawClient {
  return new OpenClawClient({ baseUrl, reconnectDelay: () => 1, ...options });
}

export function send(socket: WebSocket, ...all: unknown[]): void {
  for (const event of all) socket.send(JSON.stringify(event));
}

/** The deltas joined. */
export function textOf(all: RunEvent[]): string {
  return all.map((event) => (event.type === "chat.delta" ? event.data.delta : "")).join("");
}
