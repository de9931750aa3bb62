import { type Kysely, sql } from "kysely";

/** Messages in and out of channels, who may speak, and what accounts keep. */
export async function migrateChannels(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("channel_inbox")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("account", "text", (column) => column.notNull())
    .addColumn("external_id", "text", (column) => column.notNull())
    .addColumn("chat_id", "text", (column) => column.notNull())
    .addColumn("thread_id", "text")
    .addColumn("sender_id", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("lane", "text")
    .addColumn("message_json", "text")
    .addColumn("run_id", "text")
    .addColumn("attempt", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("received_at", "integer", (column) => column.notNull())
    .addColumn("settled_at", "integer")
    .addUniqueConstraint("channel_inbox_once", ["channel", "account", "external_id"])
    .execute();
  await sql`create index channel_inbox_open on channel_inbox (lane, id) where state in ('waiting', 'running')`.execute(
    db,
  );
  await sql`create index channel_inbox_heard on channel_inbox (channel, account, chat_id, id) where state = 'heard'`.execute(
    db,
  );
  await db.schema
    .createIndex("channel_inbox_by_arrival")
    .on("channel_inbox")
    .columns(["received_at"])
    .execute();
  await db.schema
    .createTable("channel_outbox")
    .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("batch", "text", (column) => column.notNull())
    .addColumn("piece", "integer", (column) => column.notNull())
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("account", "text", (column) => column.notNull())
    .addColumn("chat_id", "text", (column) => column.notNull())
    .addColumn("thread_id", "text")
    .addColumn("reply_to", "text")
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("media_json", "text")
    .addColumn("media_data", "blob")
    .addColumn("edits", "text")
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("next_at", "integer", (column) => column.notNull())
    .addColumn("platform_id", "text")
    .addColumn("error", "text")
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addColumn("settled_at", "integer")
    .addUniqueConstraint("channel_outbox_once", ["batch", "piece"])
    .execute();
  await sql`create index channel_outbox_open on channel_outbox (channel, account, seq) where state in ('queued', 'sending')`.execute(
    db,
  );
  await db.schema
    .createIndex("channel_outbox_by_state")
    .on("channel_outbox")
    .columns(["channel", "state", "seq"])
    .execute();
  await db.schema
    .createIndex("channel_outbox_by_creation")
    .on("channel_outbox")
    .column("created_at")
    .execute();
  await db.schema
    .createTable("channel_peers")
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("account", "text", (column) => column.notNull())
    .addColumn("peer_id", "text", (column) => column.notNull())
    .addColumn("name", "text")
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("code", "text")
    .addColumn("chat_id", "text", (column) => column.notNull())
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addColumn("expires_at", "integer")
    .addPrimaryKeyConstraint("channel_peers_place", ["channel", "account", "peer_id"])
    .execute();
  await db.schema
    .createTable("pairing_history")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("account", "text", (column) => column.notNull())
    .addColumn("peer_id", "text", (column) => column.notNull())
    .addColumn("name", "text")
    .addColumn("event", "text", (column) => column.notNull())
    .addColumn("by", "text")
    .addColumn("at", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("channel_state")
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("account", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("channel_state_place", ["channel", "account", "key"])
    .execute();
}
