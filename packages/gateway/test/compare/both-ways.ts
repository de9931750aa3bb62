import type { Json } from "../support/gateway.ts";

/** An answer, taken apart. */
export interface Came {
  status: number;
  type: string;
  headers: Headers;
  /** The body, or undefined where it was streamed. */
  body: Json | undefined;
  /** The events of a stream with their names, comments left out. */
  events: { event: string; data: Json }[];
  /** Whether `[DONE]` was the very last of them. */
  done: boolean;
}

/** Sends a body and reads the whole answer by the rules of server-sent events. */
export async function send(url: string, body: Json, headers: Record<string, string>): Promise<Came> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const type = (response.headers.get("content-type") ?? "").split(";")[0]!;
  const came = {
    status: response.status,
    type,
    headers: response.headers,
    body: undefined,
    events: [],
    done: false,
  };
  if (type !== "text/event-stream") return { ...came, body: parsed(text) };
  const blocks = text.split(/\r?\n\r?\n/).flatMap((block) => {
    const lines = block.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith(":"));
    return lines.length > 0 ? [lines] : [];
  });
  const field = (lines: string[], name: string) =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const done = blocks.at(-1)?.[0] === "data: [DONE]";
  const events = (done ? blocks.slice(0, -1) : blocks).map((lines) => ({
    event: field(lines, "event") ?? "message",
    data: JSON.parse(field(lines, "data") ?? "null"),
  }));
  return { ...came, events, done };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

/** What of a Responses answer is the gateway's own, which stores responses itself: docs/compatibility.md. */
const ownOfResponses = ["id", "store", "previous_response_id", "background"];

/** A provider's piece as it should come through the gateway to a caller that asked for `model`. */
export function expected(path: string, direct: Json, model: string): Json {
  switch (path) {
    case "/v1/chat/completions":
      return { ...direct, model, id: withPrefix(direct.id, "chatcmpl-") };
    case "/v1/completions":
      return { ...direct, model, id: withPrefix(direct.id, "cmpl-") };
    case "/v1/embeddings":
      return { ...direct, model };
    case "/v1/responses":
      if (direct.response) return { ...direct, response: responseOf(direct.response, model) };
      return direct.object === "response" ? responseOf(direct, model) : direct;
    case "/v1/messages":
      if (direct.message) return { ...direct, message: { ...direct.message, model } };
      return direct.type === "message" ? { ...direct, model } : direct;
    default:
      return direct;
  }
}

function responseOf(response: Json, model: string): Json {
  return without({ ...response, model }, ownOfResponses);
}

/** A piece that came through, without what is the gateway's own. */
export function comparable(path: string, piece: Json): Json {
  if (path !== "/v1/responses") return piece;
  if (piece.response) return { ...piece, response: without(piece.response, ownOfResponses) };
  return piece.object === "response" ? without(piece, ownOfResponses) : piece;
}

function without(object: Json, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

function withPrefix(id: unknown, prefix: string): string {
  return typeof id === "string" && id.startsWith(prefix) ? id : `${prefix}${id ?? ""}`;
}
