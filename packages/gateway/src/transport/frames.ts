import { GatewayError } from "../lib/errors.ts";

type FrameId = string | number;

/** A request as it came over a WebSocket, or what was wrong with it and whom to tell. */
export type Frame =
  | { ok: true; id: FrameId | undefined; method: string; params: Record<string, unknown> }
  | { ok: false; id: FrameId | null; error: GatewayError };

const longestId = 256;
const longestMethod = 128;

/** Reads a frame. Checked by hand and not by schema: this runs for every frame, and its errors name the id. */
export function readFrame(text: string): Frame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return bad(null, "The frame is not valid JSON. Send {id, method, params}.");
  }
  if (frame === null || typeof frame !== "object" || Array.isArray(frame)) {
    return bad(null, "The frame must be a JSON object: {id, method, params}.");
  }
  const { id, method, params } = frame as { id?: unknown; method?: unknown; params?: unknown }; // an object, checked above
  if (id !== undefined && id !== null && !isId(id)) {
    return bad(null, `id must be a number or a text of at most ${longestId} characters.`, "id");
  }
  if (typeof method !== "string" || method === "" || method.length > longestMethod) {
    // The contract's answer to a frame without a method has no id, even where one could be read.
    return bad(null, "The frame must name a method, e.g. system.status.", "method");
  }
  if (params !== undefined && params !== null && (typeof params !== "object" || Array.isArray(params))) {
    return bad(id ?? null, "params must be a JSON object.", "params");
  }
  return { ok: true, id: id ?? undefined, method, params: (params ?? {}) as Record<string, unknown> }; // checked above
}

/** The answer to a frame that is no text. */
export function binaryFrame(): Frame {
  return bad(null, "Binary frames are not understood. Send JSON as text.");
}

function isId(id: unknown): id is FrameId {
  return typeof id === "number" || (typeof id === "string" && id.length <= longestId);
}

function bad(id: FrameId | null, message: string, param?: string): Frame {
  return { ok: false, id, error: new GatewayError("invalid_request", message, { param }) };
}
