import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { closeCodes } from "openclaw-protocol";
import type { RawData, WebSocket } from "ws";
import type { SocketCall } from "../api/http-call.ts";
import { GatewayError } from "../lib/errors.ts";
import type { Caller } from "../services/access.ts";
import { binaryFrame, readFrame } from "./frames.ts";
import { type Beating, type Heartbeat, silenceMs } from "./heartbeat.ts";
import { abandonRun } from "./leaving.ts";
import type { Tally } from "./limits.ts";
import { rawSocket } from "./raw-socket.ts";
import { answerFrame, type RequestPorts } from "./requests.ts";
import { createWatches, type Watches } from "./watches.ts";

/** A reader that is so many bytes behind is closed. */
const backlogBytes = 16 * 1024 * 1024;

/** What all sockets share. */
export interface SocketPorts extends RequestPorts {
  readonly heartbeat: Heartbeat;
  /** Unix ms. */
  now(): number;
}

/** An open WebSocket, as the rest of the transport sees it. */
export interface GatewaySocket extends Beating {
  readonly caller: Caller;
  /** Whether it speaks our own dialect, with heartbeats and news. */
  readonly isOurs: boolean;
  send(text: string): void;
  close(code: keyof typeof closeCodes): void;
  terminate(): void;
}

/** Takes the texts of a socket that speaks another dialect. */
export type OpenRawSocket = (socket: SocketCall) => (text: string) => void;

interface Peer {
  readonly ws: WebSocket;
  /** The connection below, for what `ws` does not show: corking and the bytes that came in. */
  readonly connection: Socket;
  readonly caller: Caller;
  readonly tally: Tally;
  readonly headers: IncomingHttpHeaders;
  /** Set where another dialect is spoken. */
  readonly open?: OpenRawSocket | undefined;
}

/**
 * Runs an open WebSocket until it closes. There can be thousands that do nothing, so what only some need
 * (watches, a signal) is made when it is first used.
 */
export function runSocket(
  peer: Peer,
  ports: SocketPorts,
  onClosed: (socket: GatewaySocket) => void,
): GatewaySocket {
  const { ws, connection, caller, tally } = peer;
  let watches: Watches | undefined;
  let controller: AbortController | undefined;
  let corked = false;
  let bytesRead = connection.bytesRead;
  let heardAt = ports.heartbeat.seconds();

  const isOpen = () => ws.readyState === ws.OPEN;

  function uncork(): void {
    corked = false;
    connection.uncork();
  }

  // What is sent within one tick goes out in one write; the frames stay apart.
  function cork(): void {
    if (corked) return;
    corked = true;
    connection.cork();
    process.nextTick(uncork);
  }

  function close(code: keyof typeof closeCodes): void {
    ws.close(code, closeCodes[code]);
  }

  const socket: GatewaySocket = {
    caller,
    isOurs: peer.open === undefined,
    close,
    terminate: () => ws.terminate(),

    send(text) {
      if (!isOpen()) return;
      if (ws.bufferedAmount > backlogBytes) {
        close(1013);
        return;
      }
      cork();
      ws.send(text);
    },

    beat() {
      if (!isOpen()) return;
      if (socket.isOurs)
        socket.send(`{"type":"heartbeat","data":{"timestamp":${ports.now()},"status":"ok"}}`);
      ws.ping();
    },

    check(seconds) {
      if (connection.bytesRead !== bytesRead) {
        bytesRead = connection.bytesRead;
        heardAt = seconds;
      } else if ((seconds - heardAt) * 1000 >= silenceMs) ws.terminate();
    },
  };

  const outlet = {
    isOpen,
    backlog: () => ws.bufferedAmount,
    send: socket.send,
    sendAndWait: (text: string) => new Promise<void>((resolve) => ws.send(text, () => resolve())),
    tooSlow: () => close(1013),
  };

  const requester = {
    caller,
    tally,
    isOpen,
    send: socket.send,
    watches: () => (watches ??= createWatches(outlet, ports.log)),
    signal() {
      controller ??= new AbortController();
      if (!isOpen() && !controller.signal.aborted) controller.abort(gone());
      return controller.signal;
    },
  };

  const takeText = peer.open?.(
    rawSocket({ ...outlet, caller, tally, headers: peer.headers, signal: requester.signal }, ports),
  );

  function onMessage(data: RawData, isBinary: boolean): void {
    // With ws's default binaryType a message is one Buffer.
    if (takeText) {
      takeText((data as Buffer).toString("utf8"));
      return;
    }
    const frame = isBinary ? binaryFrame() : readFrame((data as Buffer).toString("utf8"));
    void answerFrame(frame, requester, ports); // it never rejects
  }

  function onError(error: Error): void {
    // Broken frames and resets come here; ws closes with the right code by itself. Unheard it would end the process.
    ports.log.debug({ err: error.message.slice(0, 200) }, "websocket error");
  }

  function onClose(): void {
    ports.heartbeat.remove(socket);
    controller?.abort(gone());
    for (const runId of watches?.close() ?? [])
      abandonRun(runId, { caller, requestId: ports.ids("req") }, ports);
    onClosed(socket);
  }

  ws.on("message", onMessage).on("error", onError).on("close", onClose);
  ports.heartbeat.add(socket);
  return socket;
}

function gone(): GatewayError {
  return new GatewayError("aborted", "The WebSocket closed before the request was answered.");
}
