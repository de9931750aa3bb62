import type { Reader, Tx } from "./database.ts";

export interface ChannelChoice {
  enabled: boolean;
  changedAt: number;
}

/** What the owner switched on and off by hand, by channel. */
export async function channelChoices(db: Reader): Promise<Map<string, ChannelChoice>> {
  const rows = await db.selectFrom("channel_choices").selectAll().execute();
  return new Map(
    rows.map((row) => [row.channel_id, { enabled: row.enabled === 1, changedAt: row.changed_at }]),
  );
}

export async function keepChannelChoice(
  tx: Tx,
  channelId: string,
  enabled: boolean,
  now: number,
): Promise<void> {
  await tx
    .replaceInto("channel_choices")
    .values({ channel_id: channelId, enabled: enabled ? 1 : 0, changed_at: now })
    .execute();
}
