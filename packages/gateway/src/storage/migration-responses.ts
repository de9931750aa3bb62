import type { Kysely } from "kysely";

/** What callers of the Responses dialect may come back to. */
export async function migrateResponses(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("responses")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("previous_id", "text")
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("input_json", "text", (column) => column.notNull())
    .addColumn("response_json", "text", (column) => column.notNull())
    .addColumn("events_json", "text")
    .addColumn("size", "integer", (column) => column.notNull())
    .addColumn("created_at", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("responses_by_creation")
    .on("responses")
    .columns(["created_at", "size"])
    .execute();
  await db.schema
    .createTable("response_items")
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("response_id", "text", (column) =>
      column.notNull().references("responses.id").onDelete("cascade"),
    )
    .addPrimaryKeyConstraint("response_items_place", ["id", "response_id"])
    .execute();
  await db.schema
    .createIndex("response_items_by_response")
    .on("response_items")
    .column("response_id")
    .execute();
}
