import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";

/** How long a statement waits for another connection's lock, ms. */
const busyTimeoutMs = 5_000;
const preparedAtMost = 256;
const isSelect = /^select\b/;

/** `full`: a commit is on the disk when it returns; `process`: it survives the process, not the power. */
export type Durability = "full" | "process";

/** `node:sqlite` in the shape that Kysely's SQLite dialect wants, with a cache of prepared statements. */
export class Sqlite implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, Statement>();
  readonly #warm: DatabaseSync | undefined;

  /**
   * `warm`: the connection that writes. What it writes makes the cache of every other one void, so between its
   * transactions its own is read from: both see what is committed then.
   */
  constructor(file: string, options: { readOnly: boolean; durability: Durability; warm?: Sqlite }) {
    this.#warm = options.warm ? options.warm.#database : undefined;
    this.#database = new DatabaseSync(file, { readOnly: options.readOnly, timeout: busyTimeoutMs });
    const pragmas = options.readOnly
      ? ["cache_size = -1000"]
      : [
          "journal_mode = WAL",
          `synchronous = ${options.durability === "full" ? "FULL" : "NORMAL"}`,
          "foreign_keys = ON",
          "cache_size = -2000",
          "wal_autocheckpoint = 1000",
          "journal_size_limit = 16777216",
        ];
    for (const pragma of pragmas) this.#database.exec(`PRAGMA ${pragma}`);
  }

  prepare(sql: string): Statement {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      if (this.#prepared.size >= preparedAtMost) this.#prepared.clear();
      const warm = isSelect.test(sql) ? this.#warm : undefined;
      statement = new Statement(this.#database.prepare(sql), warm && { database: warm, sql });
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }
}

class Statement implements SqliteStatement {
  readonly #statement: StatementSync;
  readonly #warm: { database: DatabaseSync; sql: string; statement?: StatementSync } | undefined;
  readonly reader: boolean;

  constructor(statement: StatementSync, warm?: { database: DatabaseSync; sql: string }) {
    this.#statement = statement;
    this.#warm = warm;
    this.reader = statement.columns().length > 0;
  }

  #warmed(): StatementSync {
    const warm = this.#warm!; // looked at by the caller
    warm.statement ??= warm.database.prepare(warm.sql);
    return warm.statement;
  }

  all(parameters: readonly unknown[]): unknown[] {
    // All in one go, so that no transaction can begin meanwhile; one that is under way is not looked into.
    const statement = this.#warm?.database.isTransaction === false ? this.#warmed() : this.#statement;
    return statement.all(...(parameters as never[])); // Kysely passes only what it was given: strings, numbers, null
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement.run(...(parameters as never[])); // as above
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...(parameters as never[])); // as above
  }
}

/**
 * Holds a state directory for this process alone, through a lock of the operating system, which ends with the
 * process however it dies. Returns the release, or `undefined` when another process has it.
 */
export function lockFile(file: string): (() => void) | undefined {
  // SQLite would make it readable by all, and its journal takes over the file's mode.
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode === 5) return undefined; // SQLITE_BUSY, https://sqlite.org/rescode.html
    throw error;
  }
  return () => lock.close();
}
