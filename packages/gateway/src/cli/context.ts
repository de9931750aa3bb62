import type { Terminal } from "./terminal.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  json?: boolean;
  url?: string;
  token?: string;
  password?: string;
  config?: string;
  verbose?: boolean;
}

/** What a command gets besides its own arguments. */
export interface Context {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
}

/** What a command has to say: `data` for `--json`, `text` for people. */
export interface Output {
  data: unknown;
  text: string;
  /** 0 unless told. */
  exitCode?: number;
}
