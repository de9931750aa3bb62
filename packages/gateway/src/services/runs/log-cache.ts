import type { SessionLog } from "./session-log.ts";

/** What the cache may hold: sessions, and characters over all of them. */
const sessionsAtMost = 256;
const charactersAtMost = 6_000_000;
const charactersOfOne = charactersAtMost / 3;
/** What a message takes in memory besides its text, in characters. */
const messageOverhead = 250;

/** The logs of busy sessions between their runs, within bounds: those used longest ago go first. */
export interface LogCache {
  /** Takes a log out: it belongs to one run at a time. */
  take(sessionId: number): SessionLog | undefined;
  put(sessionId: number, log: SessionLog): void;
  forget(sessionId: number): void;
}

export function createLogCache(): LogCache {
  const kept = new Map<number, { log: SessionLog; characters: number }>();
  let total = 0;

  function take(sessionId: number): SessionLog | undefined {
    const found = kept.get(sessionId);
    if (!found) return undefined;
    total -= found.characters;
    kept.delete(sessionId);
    return found.log;
  }

  return {
    take,
    put(sessionId, log) {
      take(sessionId);
      const { messages, summary = "" } = log;
      const { characters: text, media } = log.measure();
      const characters = text + summary.length + (messages.length + 1) * messageOverhead;
      if (characters > charactersOfOne || media > 0) return; // pictures and files stay on disk between runs
      kept.set(sessionId, { log, characters });
      total += characters;
      for (const oldest of kept.keys()) {
        if (kept.size <= sessionsAtMost && total <= charactersAtMost) break;
        take(oldest);
      }
    },
    forget: take,
  };
}
