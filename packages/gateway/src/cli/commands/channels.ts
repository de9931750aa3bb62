import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { facts, none, table } from "../table.ts";

/** Every channel of this build. */
export async function list(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("channel.list", {}, { signal: context.signal, timeoutMs: answerMs });
  const rows = data.channels.map((it) => [
    it.id,
    it.enabled ? "on" : "off",
    it.status.replaceAll("_", " "),
    it.account ?? it.botUsername ?? none,
    it.lastError ?? none,
  ]);
  return { data, text: table(["channel", "enabled", "status", "account", "last error"], rows) };
}

/** One channel and its traffic; without an id, all of them. */
export async function status(context: Context, channelId: string | undefined): Promise<Output> {
  if (channelId === undefined) return list(context);
  const { client } = await connect(context);
  const data = await client.call(
    "channel.status",
    { channelId },
    { signal: context.signal, timeoutMs: answerMs },
  );
  const text = facts({
    Channel: data.name,
    Enabled: data.enabled ? "on" : "off",
    Status: data.status.replaceAll("_", " "),
    Account: data.account ?? data.botUsername,
    Since: data.since ?? undefined,
    "Last message in": data.lastInboundAt ?? none,
    "Last message out": data.lastOutboundAt ?? none,
    Queued: String(data.queued),
    Reconnects: String(data.reconnects),
    "Last error": data.lastError ?? undefined,
  });
  return { data, text };
}

/** Switches a channel on or off; the choice is kept. */
export async function toggle(
  context: Context,
  channelId: string,
  verb: "enable" | "disable",
): Promise<Output> {
  const { client } = await connect(context);
  const method = verb === "enable" ? "channel.enable" : "channel.disable";
  const data = await client.call(method, { channelId }, { signal: context.signal, timeoutMs: answerMs });
  return {
    data,
    text: `${data.name} is ${data.enabled ? "on" : "off"}: ${data.status.replaceAll("_", " ")}.`,
  };
}
