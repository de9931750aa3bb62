import { GatewayError, toGatewayError } from "../../../lib/errors.ts";
import { parseParams } from "../../dispatch.ts";
import type { RawSocketRoute, SocketCall } from "../../http-call.ts";
import type { Json } from "../dialect.ts";
import { deadline } from "../route.ts";
import { responseBody, responses } from "./dialect.ts";
import { errorOf } from "./errors.ts";
import type { LocalMemory, Responding } from "./responding.ts";

export interface ResponsesSocketDeps {
  responding: Responding;
  /** Most time of an answer, ms; 0 = off. */
  timeoutMs: number;
}

/** Messages that wait their turn on one socket. */
const mostWaiting = 100;

/**
 * The Responses dialect over a WebSocket: `response.create` messages, answered by the events of a stream, one after
 * the other; those with a `stream_id` only wait for those of the same. Source: OpenAI's guide "WebSocket mode".
 */
export function responsesSocket({ responding, timeoutMs }: ResponsesSocketDeps): RawSocketRoute {
  return {
    path: responses.path,
    scopes: ["chat"],
    open(socket) {
      const lanes = new Map<string, Promise<void>>();
      const local = createLocalMemory();
      let waiting = 0;
      return (text) => {
        const message = read(text);
        const lane = typeof message?.stream_id === "string" ? message.stream_id : "";
        if (!message || waiting >= mostWaiting) {
          const requestId = socket.newRequestId();
          void tell(socket, lane, message ? tooMany() : notJson(), requestId);
          return;
        }
        waiting += 1;
        const turn = (lanes.get(lane) ?? Promise.resolve())
          .then(() => answer(message, lane, socket, local))
          .finally(() => {
            waiting -= 1;
            if (lanes.get(lane) === turn) lanes.delete(lane);
          });
        lanes.set(lane, turn);
      };
    },
  };

  /** Never rejects. */
  async function answer(message: Json, lane: string, socket: SocketCall, local: SocketMemory): Promise<void> {
    const requestId = socket.newRequestId();
    const limit = deadline(socket.signal, timeoutMs);
    const previous = message.previous_response_id;
    let leave: (() => void) | undefined;
    try {
      socket.signal.throwIfAborted();
      leave = socket.enter();
      const { type, stream_id: _, stream: __, generate, ...rest } = message;
      if (type !== "response.create") throw unknownType();
      const body = parseParams(responseBody, rest);
      if (body.background) throw noBackground();
      const ask = { body, caller: socket.caller, signal: limit.signal, requestId, local };
      if (generate === false) {
        for (const event of await responding.warm(ask)) await socket.send(framed(event, lane));
        return;
      }
      const { events } = await responding.stream(ask);
      for await (const together of events) {
        for (const event of together) {
          await socket.send(framed(event, lane));
          if (event.type !== "error") continue;
          local.forget(previous);
          return; // a turn has one end: what else tells of the failure is for streams
        }
      }
    } catch (thrown) {
      if (socket.signal.aborted) return;
      const error = toGatewayError(thrown);
      socket.report(requestId, error);
      local.forget(previous);
      await tell(socket, lane, error, requestId);
    } finally {
      limit.clear();
      leave?.();
    }
  }
}

function read(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined; // checked
  } catch {
    return undefined;
  }
}

function framed(event: Json, lane: string): string {
  return JSON.stringify(lane === "" ? event : { ...event, stream_id: lane });
}

/** Tells of a request that came to nothing before its first event. */
async function tell(socket: SocketCall, lane: string, error: GatewayError, requestId: string): Promise<void> {
  const detail = errorOf(error.toDetail(requestId), error.status);
  const { code, message, param } = detail;
  const event = {
    type: "error",
    sequence_number: 0,
    status: error.status,
    code,
    message,
    param,
    error: detail,
  };
  await socket.send(framed(event, lane));
}

interface SocketMemory extends LocalMemory {
  forget(id: unknown): void;
}

/** How many conversations a socket remembers for callers that do not want them kept. */
const remembered = 8;

function createLocalMemory(): SocketMemory {
  const conversations = new Map<string, readonly Json[]>();
  return {
    get: (id) => conversations.get(id),
    set(id, conversation) {
      conversations.set(id, conversation);
      for (const oldest of conversations.keys()) {
        if (conversations.size <= remembered) break;
        conversations.delete(oldest);
      }
    },
    forget(id) {
      if (typeof id === "string") conversations.delete(id);
    },
  };
}

function notJson(): GatewayError {
  return new GatewayError(
    "invalid_request",
    'The message is not a JSON object. Send {type: "response.create", …}.',
  );
}

function unknownType(): GatewayError {
  return new GatewayError(
    "invalid_request",
    "Messages of this type are not understood. Send response.create.",
    {
      param: "type",
    },
  );
}

function noBackground(): GatewayError {
  return new GatewayError("invalid_request", "A WebSocket has no background. Use POST /v1/responses.", {
    param: "background",
  });
}

function tooMany(): GatewayError {
  return new GatewayError("rate_limited", `${mostWaiting} messages wait already. Wait for an answer.`, {
    retryAfterMs: 1_000,
  });
}
