import type { Database } from "./database.ts";

/** Most values that are asked for in one statement. */
const valuesAtOnce = 500;

/** What one account keeps: small values by key. */
export interface ChannelState {
  get(key: string): Promise<string | undefined>;
  getMany(keys: readonly string[]): Promise<Map<string, string>>;
  set(values: Readonly<Record<string, string | undefined>>): Promise<void>;
  clear(): Promise<void>;
}

export function channelState(db: Database, channel: string, account: string): ChannelState {
  async function getMany(keys: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (let from = 0; from < keys.length; from += valuesAtOnce) {
      const rows = await db.read
        .selectFrom("channel_state")
        .select(["key", "value"])
        .where("channel", "=", channel)
        .where("account", "=", account)
        .where("key", "in", keys.slice(from, from + valuesAtOnce))
        .execute();
      for (const row of rows) found.set(row.key, row.value);
    }
    return found;
  }

  return {
    getMany,
    get: async (key) => (await getMany([key])).get(key),
    async set(values) {
      await db.write(async (tx) => {
        for (const [key, value] of Object.entries(values)) {
          if (value === undefined) {
            await tx
              .deleteFrom("channel_state")
              .where("channel", "=", channel)
              .where("account", "=", account)
              .where("key", "=", key)
              .execute();
          } else await tx.replaceInto("channel_state").values({ channel, account, key, value }).execute();
        }
      });
    },
    async clear() {
      await db.write(async (tx) => {
        await tx
          .deleteFrom("channel_state")
          .where("channel", "=", channel)
          .where("account", "=", account)
          .execute();
      });
    },
  };
}
