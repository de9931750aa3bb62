import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { positive } from "../numbers.ts";
import { plain } from "../plain.ts";
import { none, table } from "../table.ts";
import { waiting } from "../waiting.ts";

const historyAtMost = 500;

/** Who waits to be let in, and who was; of one channel or of all. */
export async function list(context: Context, channelId: string | undefined): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("pairing.list", of(channelId), waiting(context));
  if (data.pairings.length === 0) return { data, text: "Nobody has asked yet." };
  const rows = data.pairings.map((it) => [
    it.channelId,
    it.accountId,
    plain(it.peerId),
    it.name === null ? none : plain(it.name),
    it.state,
    it.code ?? none,
    it.expiresAt ?? none,
  ]);
  return { data, text: table(["channel", "account", "id", "name", "state", "code", "until"], rows) };
}

/** Lets somebody in. */
export async function approve(context: Context, channelId: string, code: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("pairing.approve", { channelId, code }, waiting(context));
  const name = data.name === null ? "" : ` (${plain(data.name)})`;
  return { data, text: `${plain(data.peerId)}${name} may now write to the bot on ${data.channelId}.` };
}

/** Lets somebody in no longer; the two may be given as one, `telegram:123`. */
export async function remove(context: Context, channel: string, peer: string | undefined): Promise<Output> {
  const colon = channel.indexOf(":");
  const channelId = peer === undefined ? channel.slice(0, Math.max(colon, 0)) : channel;
  const peerId = peer ?? channel.slice(colon + 1);
  if (channelId === "" || peerId === "") {
    throw new UsageError("Say whom, like telegram:123456 or telegram 123456. See openclaw pairing list.");
  }
  const { client } = await connect(context);
  const data = await client.call("pairing.remove", { channelId, peerId }, waiting(context));
  const who = `${plain(peerId)} on ${plain(channelId)}`;
  return { data, text: data.removed ? `Removed ${who}.` : `There is no ${who}.` };
}

/** Turns down all who wait. */
export async function clear(context: Context, channelId: string | undefined): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("pairing.clear", of(channelId), waiting(context));
  return { data, text: `Turned down ${data.cleared}.` };
}

/** What became of requests, the newest first. */
export async function history(
  context: Context,
  channelId: string | undefined,
  options: { limit?: string },
): Promise<Output> {
  const limit = positive("--limit", options.limit);
  if (limit !== undefined && limit > historyAtMost) {
    throw new UsageError(`--limit must be at most ${historyAtMost}.`);
  }
  const { client } = await connect(context);
  const query = { ...of(channelId), ...(limit !== undefined && { limit }) };
  const data = await client.call("pairing.history", query, waiting(context));
  if (data.events.length === 0) return { data, text: "Nobody has asked yet." };
  const rows = data.events.map((it) => [
    it.at,
    it.event,
    it.channelId,
    it.accountId,
    plain(it.peerId),
    it.name === null ? none : plain(it.name),
    it.by === null ? none : plain(it.by),
  ]);
  return { data, text: table(["when", "event", "channel", "account", "id", "name", "by"], rows) };
}

function of(channelId: string | undefined): { channelId?: string } {
  return channelId === undefined ? {} : { channelId };
}
