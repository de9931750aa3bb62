import { type Kysely, sql } from "kysely";

/** Tables of the agent: what a session is told, what was decided and spent, sub-agents, schedules. */
export async function migrateAgents(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("messages").addColumn("note", "text").execute();
  await db.schema
    .createTable("session_prompts")
    .addColumn("session_id", "integer", (column) =>
      column.primaryKey().references("sessions.id").onDelete("cascade"),
    )
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("files_json", "text", (column) => column.notNull())
    .addColumn("told_at", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("session_contexts")
    .addColumn("session_id", "integer", (column) =>
      column.primaryKey().references("sessions.id").onDelete("cascade"),
    )
    .addColumn("trimmed_through", "integer", (column) => column.notNull())
    .addColumn("dropped_through", "integer", (column) => column.notNull())
    .addColumn("summary", "text")
    .addColumn("updated_at", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("spending")
    .addColumn("day", "text", (column) => column.notNull())
    .addColumn("budget", "text", (column) => column.notNull())
    .addColumn("cost", "real", (column) => column.notNull())
    .addPrimaryKeyConstraint("spending_place", ["day", "budget"])
    .execute();
  await db.schema
    .createTable("allowed_calls")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("agent_id", "text", (column) => column.notNull())
    .addColumn("tool", "text", (column) => column.notNull())
    .addColumn("words_json", "text", (column) => column.notNull())
    .addColumn("decided_by", "text", (column) => column.notNull())
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addUniqueConstraint("allowed_once", ["agent_id", "tool", "words_json"])
    .execute();
  await db.schema
    .createTable("decisions")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("approval_id", "text")
    .addColumn("run_id", "text", (column) => column.notNull())
    .addColumn("session_key", "text", (column) => column.notNull())
    .addColumn("agent_id", "text", (column) => column.notNull())
    .addColumn("tool_call_id", "text", (column) => column.notNull())
    .addColumn("tool", "text", (column) => column.notNull())
    .addColumn("call_json", "text", (column) => column.notNull())
    .addColumn("decision", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("decided_by", "text")
    .addColumn("decided_at", "integer", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("decisions_by_time").on("decisions").column("decided_at").execute();
  await db.schema
    .createTable("tasks")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("parent_session_id", "integer", (column) =>
      column.notNull().references("sessions.id").onDelete("cascade"),
    )
    .addColumn("parent_run_id", "text", (column) => column.notNull())
    .addColumn("child_session_key", "text", (column) => column.notNull())
    .addColumn("child_run_id", "text", (column) => column.notNull())
    .addColumn("label", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("result", "text")
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addColumn("ended_at", "integer")
    .addColumn("delivered_at", "integer")
    .execute();
  await db.schema
    .createIndex("tasks_by_parent")
    .on("tasks")
    .columns(["parent_session_id", "created_at"])
    .execute();
  await sql`create index tasks_undelivered on tasks (created_at) where delivered_at is null`.execute(db);
  await db.schema.createIndex("tasks_by_child").on("tasks").column("child_run_id").execute();
  await db.schema
    .createTable("cron_jobs")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("schedule", "text", (column) => column.notNull())
    .addColumn("timezone", "text", (column) => column.notNull())
    .addColumn("agent_id", "text", (column) => column.notNull())
    .addColumn("session_key", "text")
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("options_json", "text", (column) => column.notNull())
    .addColumn("once", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("misfire", "text", (column) => column.notNull())
    .addColumn("enabled", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("scopes_json", "text", (column) => column.notNull())
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addColumn("next_at", "integer")
    .execute();
  await db.schema
    .createTable("cron_fires")
    .addColumn("job_id", "text", (column) => column.notNull().references("cron_jobs.id").onDelete("cascade"))
    .addColumn("fire_at", "integer", (column) => column.notNull())
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("run_id", "text")
    .addColumn("detail", "text")
    .addPrimaryKeyConstraint("cron_fire", ["job_id", "fire_at"])
    .execute();
}
