import { inSlices } from "../../../lib/slices.ts";
import type { HttpCall } from "../../http-call.ts";
import type { Json } from "../dialect.ts";
import { itemsOf } from "./vectors.ts";

/** Numbers of an answer that are written at once, and characters of one that is written in pieces. */
const numbersAtOnce = 8_192;
const piece = 64 * 1024;

/** Sends an answer, in pieces where writing it whole would hold up everybody else. */
export async function sendVectors(
  http: Pick<HttpCall, "sendJson" | "openStream">,
  answer: Json,
  options: { signal: AbortSignal },
): Promise<void> {
  const items = itemsOf(answer);
  const most = items.reduce((sum, { embedding }) => sum + lengthOf(embedding), 0);
  if (most <= numbersAtOnce) {
    http.sendJson(200, answer);
    return;
  }
  const { data: _, ...rest } = answer;
  const stream = http.openStream({ contentType: "application/json; charset=utf-8" });
  let text = "";
  let before = `${JSON.stringify(rest).slice(0, -1)},"data":[`; // never empty: the model is in it
  await inSlices(
    items,
    (item) => {
      text += before + JSON.stringify(item);
      before = ",";
      if (text.length < piece) return;
      const full = text;
      text = "";
      return stream.write(full) ? undefined : stream.drained(options);
    },
    options,
  );
  stream.end(`${text}]}`);
}

function lengthOf(embedding: unknown): number {
  return Array.isArray(embedding) || typeof embedding === "string" ? embedding.length : 0;
}
