import type { Delivery, ParsedParamsOf } from "openclaw-protocol";
import { isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import { countOpenInbox } from "../../storage/channel-inbox.ts";
import { countOutbox, findOutbox, lastSent, listOutbox, setOutbox } from "../../storage/channel-outbox.ts";
import type { Database, Reader } from "../../storage/database.ts";
import type { AccountPlan } from "./plan.ts";
import { type Counts, deliveryView, noCounts } from "./view.ts";

const usualPage = 100;

/** What waits, and what went wrong, of each account of a channel. */
export async function countsOf(db: Reader, channelId: string): Promise<Map<string, Counts>> {
  const counts = new Map<string, Counts>();
  const change = (accountId: string, more: (now: Counts) => Partial<Counts>) => {
    const now = counts.get(accountId) ?? noCounts;
    counts.set(accountId, { ...now, ...more(now) });
  };
  for (const { account, state, count } of await countOutbox(db, channelId)) {
    const key = state === "unknown" || state === "failed" ? state : "queued";
    change(account, (now) => ({ [key]: now[key] + count }));
  }
  for (const [account, waiting] of await countOpenInbox(db, channelId)) change(account, () => ({ waiting }));
  for (const { account, at } of await lastSent(db, channelId)) {
    change(account, () => ({ lastOutboundAt: at === null ? null : isoTime(at) }));
  }
  return counts;
}

export async function listDeliveries(
  db: Reader,
  { channelId, status, limit }: ParsedParamsOf<"channel.deliveries">,
  plans: readonly AccountPlan[],
): Promise<Delivery[]> {
  const rows = await listOutbox(db, { channel: channelId, state: status, limit: limit ?? usualPage });
  const secrets = plans.flatMap((it) => it.secrets);
  return rows.map((row) => deliveryView(row, secrets));
}

/** Puts a message into the queue once more, because somebody says so. */
export async function retryDelivery(
  db: Database,
  { channelId, deliveryId, now }: { channelId: string; deliveryId: string; now: number },
  plans: readonly AccountPlan[],
): Promise<Delivery> {
  const row = await db.write(async (tx) => {
    const found = await findOutbox(tx, deliveryId);
    if (!found || found.channel !== channelId) {
      throw new GatewayError("not_found", `There is no message "${deliveryId}".`, { param: "deliveryId" });
    }
    if (found.state !== "unknown" && found.state !== "failed") {
      throw new GatewayError(
        "conflict",
        `The message is ${found.state}; only failed and unknown ones are sent again.`,
        {
          param: "deliveryId",
        },
      );
    }
    const change = { state: "queued", next_at: now, created_at: now, settled_at: null, error: null } as const;
    await setOutbox(tx, deliveryId, change);
    return { ...found, ...change };
  });
  return deliveryView(
    row,
    plans.flatMap((it) => it.secrets),
  );
}
