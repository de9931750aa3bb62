import type { ModelRow, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";

/** The models of one page, and whether there are more in the direction that was asked for. */
export function modelPage(
  rows: readonly ModelRow[],
  { limit = rows.length, after_id, before_id }: ParsedParamsOf<"model.list">,
): ResultOf<"model.list"> {
  const from = after_id === undefined ? 0 : placeOf(rows, after_id, "after_id") + 1;
  const to = before_id === undefined ? rows.length : placeOf(rows, before_id, "before_id");
  const between = rows.slice(from, to);
  const isBackwards = before_id !== undefined && after_id === undefined;
  const data = isBackwards ? between.slice(-limit) : between.slice(0, limit);
  return {
    object: "list",
    data,
    has_more: data.length < between.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

function placeOf(rows: readonly ModelRow[], id: string, param: string): number {
  const place = rows.findIndex((it) => it.id === id);
  if (place >= 0) return place;
  throw new GatewayError("invalid_request", `There is no model "${id}" in the list.`, { param });
}
