import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";
import { migrateAgents } from "./migration-agents.ts";
import { migrateChannels } from "./migration-channels.ts";
import { migrateMedia } from "./migration-media.ts";
import { migrateResponses } from "./migration-responses.ts";
import type { Schema } from "./schema.ts";

/** In order, never changed once released; a new one is appended. */
const migrations: Record<string, Migration> = {
  "0001-foundation": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("sessions")
        .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("key", "text", (column) => column.notNull().unique())
        .addColumn("agent_id", "text", (column) => column.notNull())
        .addColumn("channel", "text", (column) => column.notNull())
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("listed", "integer", (column) => column.notNull().defaultTo(1))
        .addColumn("title", "text")
        .addColumn("model", "text")
        .addColumn("thinking", "text")
        .addColumn("created_at", "integer", (column) => column.notNull())
        .addColumn("updated_at", "integer", (column) => column.notNull())
        .addColumn("message_count", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("next_seq", "integer", (column) => column.notNull().defaultTo(1))
        .addColumn("prompt_tokens", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("completion_tokens", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("reasoning_tokens", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("cached_tokens", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("cost", "real", (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema
        .createIndex("sessions_by_update")
        .on("sessions")
        .columns(["listed", "updated_at desc", "id desc"])
        .execute();
      await db.schema
        .createTable("messages")
        .addColumn("session_id", "integer", (column) =>
          column.notNull().references("sessions.id").onDelete("cascade"),
        )
        .addColumn("seq", "integer", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull().unique())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("role", "text", (column) => column.notNull())
        .addColumn("content", "text", (column) => column.notNull())
        .addColumn("status", "text")
        .addColumn("tool_calls_json", "text")
        .addColumn("reasoning_json", "text")
        .addColumn("attachments", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("created_at", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("messages_place", ["session_id", "seq"])
        .execute();
      await db.schema.createIndex("messages_by_run").on("messages").columns(["run_id", "seq"]).execute();
      await db.schema
        .createTable("attachments")
        .addColumn("message_id", "text", (column) =>
          column.notNull().references("messages.id").onDelete("cascade"),
        )
        .addColumn("position", "integer", (column) => column.notNull())
        .addColumn("type", "text", (column) => column.notNull())
        .addColumn("mime_type", "text")
        .addColumn("name", "text")
        .addColumn("url", "text")
        .addColumn("data", "text")
        .addPrimaryKeyConstraint("attachments_place", ["message_id", "position"])
        .execute();
      await db.schema
        .createTable("runs")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("session_id", "integer", (column) =>
          column.notNull().references("sessions.id").onDelete("cascade"),
        )
        .addColumn("session_key", "text", (column) => column.notNull())
        .addColumn("agent_id", "text", (column) => column.notNull())
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("options_json", "text", (column) => column.notNull())
        .addColumn("model", "text", (column) => column.notNull())
        .addColumn("thinking", "text", (column) => column.notNull())
        .addColumn("created_at", "integer", (column) => column.notNull())
        .addColumn("started_at", "integer")
        .addColumn("ended_at", "integer")
        .addColumn("finish_reason", "text")
        .addColumn("usage_json", "text")
        .addColumn("cost", "real")
        .addColumn("error_json", "text")
        .addColumn("last_seq", "integer", (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema
        .createIndex("runs_by_session")
        .on("runs")
        .columns(["session_id", "created_at"])
        .execute();
      await sql`create index runs_unfinished on runs (status) where status in ('queued', 'running')`.execute(
        db,
      );
      await db.schema.createIndex("runs_by_end").on("runs").column("ended_at").execute();
      await db.schema
        .createTable("run_events")
        .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
        .addColumn("seq", "integer", (column) => column.notNull())
        .addColumn("events_json", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("run_events_place", ["run_id", "seq"])
        .execute();
      await db.schema
        .createTable("idempotency")
        .addColumn("caller", "text", (column) => column.notNull())
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("body_hash", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("expires_at", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("idempotency_key", ["caller", "key"])
        .execute();
      await db.schema.createIndex("idempotency_by_expiry").on("idempotency").column("expires_at").execute();
      await db.schema
        .createTable("tokens")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("hash", "text", (column) => column.notNull().unique())
        .addColumn("scopes_json", "text", (column) => column.notNull())
        .addColumn("limits_json", "text", (column) => column.notNull())
        .addColumn("created_at", "integer", (column) => column.notNull())
        .addColumn("expires_at", "integer")
        .execute();
      await db.schema
        .createTable("channel_choices")
        .addColumn("channel_id", "text", (column) => column.primaryKey())
        .addColumn("enabled", "integer", (column) => column.notNull())
        .addColumn("changed_at", "integer", (column) => column.notNull())
        .execute();
    },
  },
  "0002-agents": { up: migrateAgents },
  "0003-responses": { up: migrateResponses },
  "0004-channels": { up: migrateChannels },
  "0005-media": { up: migrateMedia },
};

/** Brings the database to this version's schema. Each migration runs once, in a transaction of its own. */
export async function migrate(db: Kysely<Schema>, now: number): Promise<void> {
  await sql`create table if not exists schema_version (name text primary key, applied_at integer not null)`.execute(
    db,
  );
  const applied = await sql<{ name: string }>`select name from schema_version`.execute(db);
  const done = new Set(applied.rows.map((row) => row.name));
  const unknown = [...done].find((name) => !(name in migrations));
  if (unknown !== undefined) throw new NewerDatabaseError(unknown);
  for (const [name, migration] of Object.entries(migrations)) {
    if (done.has(name)) continue;
    await db.transaction().execute(async (tx) => {
      await migration.up(tx);
      await sql`insert into schema_version (name, applied_at) values (${name}, ${now})`.execute(tx);
    });
  }
}

/** The database was written by a newer version of the gateway. */
class NewerDatabaseError extends Error {
  constructor(migration: string) {
    super(
      `The database has the change "${migration}", which this version does not know. Start the version that wrote it, or restore a backup.`,
    );
    this.name = "NewerDatabaseError";
  }
}
