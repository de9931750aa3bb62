import { GatewayError } from "../../../lib/errors.ts";
import type { Json } from "../dialect.ts";

const usual = 20;
const most = 100;

/** One page of a response's input, newest first unless asked otherwise. Items without an id are named by their place. */
export function pageOf(responseId: string, items: readonly Json[], query: URLSearchParams): Json {
  const limit = limitOf(query.get("limit"));
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") {
    throw new GatewayError("invalid_request", "order must be asc or desc.", { param: "order" });
  }
  const base = responseId.replace(/^resp_/, "");
  const list = items.map((it, index) => inFull(it, `${base}i${index.toString(36).padStart(2, "0")}`));
  if (order === "desc") list.reverse();
  const after = query.get("after");
  const from = after ? list.findIndex((it) => it.id === after) + 1 : 0;
  if (after && from === 0) {
    throw new GatewayError("invalid_request", "There is no such item in this response.", { param: "after" });
  }
  const data = list.slice(from, from + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? "",
    last_id: data.at(-1)?.id ?? "",
    has_more: from + data.length < list.length,
  };
}

/** Items are listed in full: with an id, and a message's text as a part. */
function inFull(item: Json, place: string): Json {
  const kind = item.type ?? "message";
  const named = { ...item, type: kind, id: item.id ?? `${kind === "message" ? "msg" : "item"}_${place}` };
  if (kind !== "message") return { status: "completed", ...named };
  const type = item.role === "assistant" ? "output_text" : "input_text";
  const content = typeof item.content === "string" ? [{ type, text: item.content }] : item.content;
  const parts = Array.isArray(content) ? (content as Json[]).map(partInFull) : content; // judged when it was answered
  return { status: "completed", ...named, content: parts };
}

function partInFull(part: Json): Json {
  if (part.type === "output_text") return { annotations: [], logprobs: [], ...part };
  return part.type === "input_image" ? { detail: "auto", ...part } : part;
}

function limitOf(text: string | null): number {
  if (text === null || text === "") return usual;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw new GatewayError("invalid_request", `limit must be between 1 and ${most}.`, { param: "limit" });
}
