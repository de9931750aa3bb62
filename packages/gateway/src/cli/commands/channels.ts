import type { Methods } from "openclaw-client";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { plain } from "../plain.ts";
import { facts, none, table } from "../table.ts";
import { waiting } from "../waiting.ts";

type Channel = Methods["channel.enable"]["result"];
type Status = Methods["channel.status"]["result"];
type Account = Status["accounts"][number];

/** The channel that is the API itself, and always there. */
const ownChannel = "webchat";

/** Every channel of this build. */
export async function list(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("channel.list", {}, waiting(context));
  return { data, text: rowsOf(data.channels) };
}

/** One channel, its accounts and its traffic; without an id, all channels. */
export async function status(context: Context, channelId: string | undefined): Promise<Output> {
  if (channelId === undefined) return list(context);
  const { client } = await connect(context);
  const data = await client.call("channel.status", { channelId }, waiting(context));
  const accounts = data.accounts.map((it) => accountOf(it, data.accounts.length > 1));
  return { data, text: [factsOf(data), ...accounts.filter((it) => it !== "")].join("\n\n") };
}

/** Switches a channel on or off; the choice is kept. */
export async function toggle(
  context: Context,
  channelId: string,
  verb: "enable" | "disable",
): Promise<Output> {
  const { client } = await connect(context);
  const method = verb === "enable" ? "channel.enable" : "channel.disable";
  const data = await client.call(method, { channelId }, waiting(context));
  return { data, text: told(data) };
}

/** Switches every channel off that is on. One that cannot be does not keep the others on. */
export async function disableAll(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const { channels: all } = await client.call("channel.list", {}, waiting(context));
  const on = all.filter((it) => it.enabled && it.id !== ownChannel);
  const results = await Promise.allSettled(
    on.map(({ id }) => client.call("channel.disable", { channelId: id }, waiting(context))),
  );
  const failed = results.find((it) => it.status === "rejected");
  if (failed) throw failed.reason;
  const channels = results.flatMap((it) => (it.status === "fulfilled" ? [it.value] : []));
  return { data: { channels }, text: channels.map(told).join("\n") || "No channel was on." };
}

/** A channel's state in a sentence. */
export function told({ name, enabled, status: now, lastError }: Channel): string {
  const why = lastError === null ? "" : ` ${plain(lastError)}`;
  return `${name} is ${enabled ? "on" : "off"}: ${spoken(now)}.${why}`;
}

export function spoken(now: Channel["status"]): string {
  return now.replaceAll("_", " ");
}

function rowsOf(channels: readonly Channel[]): string {
  const rows = channels.map((it) => [
    it.id,
    it.enabled ? "on" : "off",
    spoken(it.status),
    plain(it.account ?? it.botUsername ?? none),
    plain(it.lastError ?? none),
  ]);
  return table(["channel", "enabled", "status", "account", "last error"], rows);
}

function factsOf(it: Status): string {
  const name = it.account ?? it.botUsername;
  return facts({
    Channel: it.name,
    Enabled: it.enabled ? "on" : "off",
    Status: spoken(it.status),
    Account: name && plain(name),
    Since: it.since ?? undefined,
    "Last message in": it.lastInboundAt ?? none,
    "Last message out": it.lastOutboundAt ?? none,
    Waiting: `${it.waiting} to be answered`,
    Queued: `${it.queued} to be sent`,
    Unknown: `${it.unknown} of which nobody knows whether they arrived`,
    Failed: String(it.failed),
    Reconnects: String(it.reconnects),
    "Last error": it.lastError === null ? undefined : plain(it.lastError),
  });
}

/** What of an account the channel's own lines do not say; of the only one, less. */
function accountOf(it: Account, amongOthers: boolean): string {
  const name = it.account ?? it.botUsername;
  const own: Record<string, string | undefined> = amongOthers
    ? {
        "Account id": it.accountId,
        Status: spoken(it.status),
        Account: name && plain(name),
        Traffic: `${it.waiting} waiting, ${it.queued} queued, ${it.unknown} unknown, ${it.failed} failed`,
        "Last error": it.lastError === null ? undefined : plain(it.lastError),
      }
    : {};
  const pairs = {
    ...own,
    "Webhook path": it.webhookPath ?? undefined,
    Login: it.login && plain(it.login.message),
    "Login code": it.login?.code && plain(it.login.code),
  };
  const lines = Object.values(pairs).some((value) => value !== undefined) ? [facts(pairs)] : [];
  return [...lines, ...it.warnings.map((warning) => `Warning: ${plain(warning)}`)].join("\n");
}
