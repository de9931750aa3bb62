import type { BrowserContext } from "playwright-core";

/** One browser that runs, ours or somebody else's. */
export interface Chrome {
  readonly version: string;
  readonly startedAt: number;
  /** Settles with why, once it is no more. */
  readonly gone: Promise<string>;
  /** Settles after `gone`, once nothing of it is left. */
  readonly over: Promise<void>;
  /** Whether each owner has a context of its own. */
  readonly isShared: boolean;
  /** The one context of a persistent profile, else a new one. */
  context(): Promise<BrowserContext>;
  /** Notes its cookies. Never rejects. */
  remember(): Promise<void>;
  /** Memory of all its processes, bytes; null where nobody tells. */
  memory(): Promise<number | null>;
  /** Ends it in order, else by force; never rejects, and it is over afterwards, `gone` with `why`. */
  stop(why: string): Promise<void>;
}
