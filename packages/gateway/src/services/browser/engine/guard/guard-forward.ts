import { Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { plainHost } from "../../../../lib/addresses.ts";
import { GatewayError } from "../../../../lib/errors.ts";
import { openSocket, type SocketPorts } from "../../../../lib/outbound-socket.ts";
import { handedOn } from "./guard-headers.ts";
import { originOf } from "./guard-judge.ts";

/** Most bytes of an answer's head. */
const headBytes = 128 * 1024;
/** Most connections to be kept, of all hosts; more are closed with their request. */
const mostKept = 128;
/** How long a connection is kept for the next request to the same host, ms. */
const keptMs = 15_000;

export interface ForwardDeps {
  readonly ports: SocketPorts;
  /** A request over which nothing comes or goes for so long is given up, ms. */
  readonly idleMs: number;
  /** The end of the guard. */
  readonly signal: AbortSignal;
  /** What is answered instead when nothing of an answer has been sent yet. */
  refuse(url: URL, thrown: unknown, response: ServerResponse): void;
}

/**
 * Forwards requests in absolute form (RFC 9112 section 3.2.2), over sockets to judged addresses alone.
 *
 * Connections are kept by host and port, and each of them ends at an address that was judged for that host, so one
 * that is used again leads nowhere that a new one would be kept from. Only GET and HEAD without a body and without
 * `authorization` use them: such a request can be made again when the kept connection turns out to be closed, and one
 * that authenticates its connection (NTLM) does not leave that to another profile. No `Via` is added, against RFC 9110
 * section 7.6.3: servers take it as a reason to compress nothing.
 */
export function createForward({ ports, idleMs, signal, refuse }: ForwardDeps) {
  const kept = judgedAgent({ keepAlive: true });
  const single = judgedAgent({ keepAlive: false });
  let keptCount = 0;

  function judgedAgent({ keepAlive }: { keepAlive: boolean }): Agent {
    const agent = new Agent({ keepAlive, timeout: keptMs, maxFreeSockets: 6 });
    agent.createConnection = ({ host, port }, callback) => {
      const name = host?.includes(":") ? `[${host}]` : host;
      openSocket(new URL(`http://${name}:${port}/`), ports, signal).then(
        (socket) => {
          if (keepAlive) {
            keptCount++;
            socket.once("close", () => keptCount--);
          }
          callback?.(null, socket);
        },
        // Node's type wants a socket even where there is an error; Node itself does not look at it then.
        (thrown: unknown) => (callback as ((error: unknown) => void) | undefined)?.(thrown),
      );
      return undefined;
    };
    return agent;
  }

  /** `url` is the request's target, parsed. Never throws. */
  function forward(url: URL, incoming: IncomingMessage, response: ServerResponse): void {
    try {
      ports.judge.judge(originOf(url));
      // Browsers open WebSockets by CONNECT.
      const wantsSocket = incoming.headers.upgrade?.toLowerCase().includes("websocket");
      if (wantsSocket) response.writeHead(501, { connection: "close" }).end();
      else send(url, incoming, response, isRepeatable(incoming));
    } catch (thrown) {
      refuse(url, thrown, response);
    }
  }

  function send(url: URL, incoming: IncomingMessage, response: ServerResponse, mayReuse: boolean): void {
    const outgoing = request({
      agent: mayReuse && keptCount < mostKept ? kept : single,
      method: incoming.method,
      host: plainHost(url.hostname),
      port: url.port || 80,
      path: url.pathname + url.search,
      headers: requestHeaders(url, incoming),
      maxHeaderSize: headBytes,
      insecureHTTPParser: false,
      timeout: idleMs,
    });
    const leave = () => outgoing.destroy();
    response.once("close", leave);
    let isAnswered = false;
    outgoing.once("response", (answer) => {
      isAnswered = true;
      answerWith(url, answer, response, refuse);
    });
    outgoing.once("upgrade", (_answer, socket) => {
      socket.destroy();
      refuse(url, new Error("Nobody has asked for another protocol."), response);
    });
    outgoing.on("timeout", () => outgoing.destroy(tooSlow(url)));
    outgoing.on("error", (thrown) => {
      response.off("close", leave);
      if (isAnswered || response.destroyed) response.destroy();
      else if (wasClosedMeanwhile(outgoing, thrown)) send(url, incoming, response, false);
      else refuse(url, thrown, response);
    });
    // Errors of the body are heard above.
    if (hasBody(incoming)) pipeline(incoming, outgoing, () => {});
    else outgoing.end();
  }

  return {
    forward,
    close() {
      kept.destroy();
      single.destroy();
    },
  };
}

/** Its own error for a kept connection that the server has closed in the meantime. */
function wasClosedMeanwhile(outgoing: ClientRequest, thrown: Error): boolean {
  const code = "code" in thrown ? thrown.code : undefined;
  return outgoing.reusedSocket && (code === "ECONNRESET" || code === "EPIPE");
}

function isRepeatable(incoming: IncomingMessage): boolean {
  const isSafe = incoming.method === "GET" || incoming.method === "HEAD";
  return isSafe && !hasBody(incoming) && incoming.headers.authorization === undefined;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** The URL decides on the host, whatever the request's own header says. */
function requestHeaders(url: URL, incoming: IncomingMessage): string[] {
  const headers = ["Host", url.host, ...handedOn(incoming.rawHeaders)];
  const isChunked = incoming.headers["transfer-encoding"] !== undefined;
  if (isChunked)
    headers.push("Transfer-Encoding", "chunked"); // else Node would leave a GET's body without a frame
  else if (
    incoming.headers["content-length"] === undefined &&
    /^(POST|PUT|PATCH)$/.test(incoming.method ?? "")
  ) {
    headers.push("Content-Length", "0");
  }
  return headers;
}

function answerWith(
  url: URL,
  answer: IncomingMessage,
  response: ServerResponse,
  refuse: ForwardDeps["refuse"],
): void {
  try {
    // A site that answers like a proxy would make Chromium ask for the proxy's password.
    if (answer.statusCode === 407)
      throw new GatewayError("upstream_error", `${plainHost(url.hostname)} answers as a proxy.`);
    response.sendDate = false;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, handedOn(answer.rawHeaders));
  } catch (thrown) {
    answer.destroy();
    refuse(url, thrown, response);
    return;
  }
  response.flushHeaders();
  pipeline(answer, response, () => {}); // both are destroyed by it
}

function tooSlow(url: URL): GatewayError {
  return new GatewayError("timeout", `${plainHost(url.hostname)} did not answer in time.`);
}
