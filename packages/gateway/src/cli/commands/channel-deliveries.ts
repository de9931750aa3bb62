import type { Methods } from "openclaw-client";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { positive } from "../numbers.ts";
import { plain } from "../plain.ts";
import { none, table } from "../table.ts";
import { waiting } from "../waiting.ts";

type Status = NonNullable<Methods["channel.deliveries"]["params"]["status"]>;

const statuses: readonly Status[] = ["queued", "sending", "sent", "unknown", "failed"];
const atMost = 500;
const textShown = 40;

/** What went out, the newest first. */
export async function deliveries(
  context: Context,
  channelId: string,
  options: { status?: string; limit?: string },
): Promise<Output> {
  const status = statuses.find((it) => it === options.status);
  if (options.status !== undefined && status === undefined) {
    throw new UsageError(`--status must be one of ${statuses.join(", ")}, not "${options.status}".`);
  }
  const limit = positive("--limit", options.limit);
  if (limit !== undefined && limit > atMost) throw new UsageError(`--limit must be at most ${atMost}.`);
  const { client } = await connect(context);
  const query = { channelId, ...(status && { status }), ...(limit !== undefined && { limit }) };
  const data = await client.call("channel.deliveries", query, waiting(context));
  if (data.deliveries.length === 0) return { data, text: "Nothing was sent." };
  const rows = data.deliveries.map((it) => [
    it.deliveryId,
    it.createdAt,
    it.accountId,
    plain(it.to),
    it.status,
    String(it.attempts),
    brief(it.text),
    it.error === null ? none : plain(it.error),
  ]);
  return {
    data,
    text: table(["delivery", "when", "account", "to", "status", "attempts", "text", "error"], rows),
  };
}

/** Sends one again that failed, or that may not have arrived. */
export async function retry(context: Context, channelId: string, deliveryId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("channel.retry", { channelId, deliveryId }, waiting(context));
  return { data, text: `${data.deliveryId} is ${data.status} again.` };
}

function brief(text: string): string {
  const shown = plain(text.replace(/\s+/g, " "));
  return shown.length <= textShown ? shown : `${shown.slice(0, textShown - 1)}…`;
}
