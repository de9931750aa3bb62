import { chmodSync, statSync } from "node:fs";
import { Kysely, SqliteDialect, sql, type Transaction } from "kysely";
import { migrate } from "./migrations.ts";
import type { Schema } from "./schema.ts";
import { type Durability, Sqlite } from "./sqlite.ts";

/** A batch of writes ends once it has taken this long, so that the event loop is never held for more. */
const batchMs = 4;

export type Tx = Transaction<Schema>;
export type Reader = Kysely<Schema>;

/** Work on the database in one transaction. It may be run a second time when a neighbour in its batch failed, so it must touch nothing else. */
export type WriteJob<T> = (tx: Tx) => Promise<T>;

export interface Database {
  /** What is committed. */
  readonly read: Reader;
  /** Resolves once committed. Jobs run one after another, in order; those of one tick share a commit. */
  write<T>(job: WriteJob<T>): Promise<T>;
  /** Why nothing can be stored or read now; undefined when it can. */
  check(): Promise<string | undefined>;
  /** Bytes on disk, the write-ahead log included. */
  sizeBytes(): number;
  /** Time spent in commits and their number, for metrics: the fsync is in here. */
  readonly commits: { count: number; ms: number };
  close(): Promise<void>;
}

/** Opens the database file, makes or migrates its tables, and starts the one writer. */
export async function openDatabase(file: string, durability: Durability, now: number): Promise<Database> {
  const writer = new Sqlite(file, { readOnly: false, durability });
  chmodSync(file, 0o600);
  const write = new Kysely<Schema>({ dialect: new SqliteDialect({ database: writer }) });
  await migrate(write, now);
  const reader = new Sqlite(file, { readOnly: true, durability, warm: writer });
  const read = new Kysely<Schema>({ dialect: new SqliteDialect({ database: reader }) });
  const commits = { count: 0, ms: 0 };
  const queue = createWriteQueue(write, commits);
  return {
    read,
    commits,
    write: queue.write,
    async check() {
      try {
        await sql`select 1 from schema_version limit 1`.execute(read);
        return queue.failing() ? "The last write to the database failed. See the log." : undefined;
      } catch {
        return "The database cannot be read. See the log.";
      }
    },
    sizeBytes: () => size(file) + size(`${file}-wal`),
    async close() {
      await queue.close();
      await read.destroy();
      writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      await write.destroy();
    },
  };
}

interface Waiting {
  job: WriteJob<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

function createWriteQueue(db: Kysely<Schema>, commits: Database["commits"]) {
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;
  /** A commit, not a job, failed last: the disk is full or gone. */
  let failing = false;

  function write<T>(job: WriteJob<T>): Promise<T> {
    if (closed) return Promise.reject(new Error("The database is closed."));
    return new Promise<T>((resolve, reject) => {
      waiting.push({ job, resolve: resolve as Waiting["resolve"], reject }); // the job's own result comes back
      running ??= drain();
    });
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await nextTick();
      await commitBatch();
    }
    running = undefined;
  }

  async function commitBatch(): Promise<void> {
    // Never empty, so that a transaction that cannot even begin fails a job instead of being tried for ever.
    const batch = waiting.splice(0, 1);
    const results: unknown[] = [];
    let began = 0;
    try {
      await db.transaction().execute(async (tx) => {
        const until = performance.now() + batchMs;
        for (const one of batch) {
          results.push(await one.job(tx));
          if (performance.now() < until) batch.push(...waiting.splice(0, 1));
        }
        began = performance.now();
      });
    } catch (error) {
      failing = began > 0;
      if (batch.length === 1) batch[0]!.reject(error);
      else await runAlone(batch);
      return;
    }
    failing = false;
    commits.count += 1;
    commits.ms += performance.now() - began;
    batch.forEach((one, index) => {
      one.resolve(results[index]);
    });
  }

  /** One job of the batch failed and took the others' work along: each gets a transaction of its own. */
  async function runAlone(batch: readonly Waiting[]): Promise<void> {
    for (const one of batch) {
      try {
        one.resolve(await db.transaction().execute(one.job));
        failing = false;
      } catch (error) {
        one.reject(error);
      }
    }
  }

  async function close(): Promise<void> {
    closed = true;
    await running;
  }

  return { write, close, failing: () => failing };
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function size(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
