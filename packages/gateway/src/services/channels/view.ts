import type { Channel, ChannelAccount, ChannelStatus, Delivery } from "openclaw-protocol";
import type { ChannelEntry } from "../../channels/types.ts";
import { isoTime } from "../../lib/clock.ts";
import type { OutboxRow } from "../../storage/channel-outbox.ts";
import type { Account } from "./account.ts";
import { withoutSecrets } from "./plan.ts";

/** What of a channel with several accounts is its status: what somebody should look at first. */
const order: readonly ChannelStatus[] = [
  "error",
  "needs_login",
  "disconnected",
  "connecting",
  "connected",
  "not_configured",
  "disabled",
];

/** A channel's row. */
export function channelView(entry: ChannelEntry, accounts: readonly Account[], enabled: boolean): Channel {
  const views = accounts.map((it) => it.view());
  const worst = [...views].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))[0];
  const { status = "not_configured", account, botUsername, lastError = null, since = null } = worst ?? {};
  return {
    id: entry.id,
    name: entry.name,
    enabled,
    status,
    ...(account !== undefined && { account }),
    ...(botUsername !== undefined && { botUsername }),
    lastError,
    since,
    capabilities: [...entry.capabilities],
  };
}

export type Counts = Pick<ChannelAccount, "queued" | "unknown" | "failed" | "waiting" | "lastOutboundAt">;

export const noCounts: Counts = { queued: 0, unknown: 0, failed: 0, waiting: 0, lastOutboundAt: null };

export function accountView(account: Account, counts: Counts): ChannelAccount {
  const { channelId, accountId, plan } = account;
  const takesWebhooks = account.loaded()?.adapter.webhook !== undefined;
  return {
    accountId,
    ...account.view(),
    ...counts,
    webhookPath: takesWebhooks ? webhookPathOf(channelId, accountId, plan.settings.webhookPath) : null,
  };
}

function webhookPathOf(channelId: string, accountId: string, own: unknown): string {
  if (typeof own === "string") return own;
  return accountId === "default" ? `/webhooks/${channelId}` : `/webhooks/${channelId}/${accountId}`;
}

/** Sums of all accounts. */
export function trafficOf(accounts: readonly ChannelAccount[]) {
  const sum = (key: "queued" | "unknown" | "failed" | "waiting" | "reconnects") =>
    accounts.reduce((total, it) => total + it[key], 0);
  const latest = (key: "lastInboundAt" | "lastOutboundAt") =>
    accounts.reduce<string | null>(
      (last, it) => (it[key] !== null && it[key] > (last ?? "") ? it[key] : last),
      null,
    );
  return {
    lastInboundAt: latest("lastInboundAt"),
    lastOutboundAt: latest("lastOutboundAt"),
    queued: sum("queued"),
    unknown: sum("unknown"),
    failed: sum("failed"),
    waiting: sum("waiting"),
    reconnects: sum("reconnects"),
  };
}

const textShown = 200;

export function deliveryView(row: Omit<OutboxRow, "media_data">, secrets: readonly string[]): Delivery {
  return {
    deliveryId: row.id,
    channelId: row.channel,
    accountId: row.account,
    to: row.chat_id,
    threadId: row.thread_id,
    text: withoutSecrets(row.text, secrets).slice(0, textShown),
    status: row.state,
    attempts: row.attempts,
    error: row.error,
    createdAt: isoTime(row.created_at),
    settledAt: row.settled_at === null ? null : isoTime(row.settled_at),
  };
}
