import type { Kysely } from "kysely";

/** Files that the gateway keeps for a while; their bytes lie beside the database. */
export async function migrateMedia(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("media")
    .addColumn("media_id", "text", (column) => column.primaryKey())
    .addColumn("session_id", "integer", (column) => column.references("sessions.id").onDelete("cascade"))
    .addColumn("session_key", "text")
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("mime_type", "text", (column) => column.notNull())
    .addColumn("size", "integer", (column) => column.notNull())
    .addColumn("origin", "text", (column) => column.notNull())
    .addColumn("source", "text")
    .addColumn("created_at", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("media_by_creation")
    .on("media")
    .columns(["created_at", "media_id", "size"])
    .execute();
  // For the cascade, which looks a deleted session's files up.
  await db.schema.createIndex("media_by_session").on("media").column("session_id").execute();
}
