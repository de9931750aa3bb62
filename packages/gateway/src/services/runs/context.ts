import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Summarise } from "../../runtime/compaction.ts";
import type { Database } from "../../storage/database.ts";
import { pageForwards } from "../../storage/messages.ts";
import { findContext, keepContext, placesAfter } from "../../storage/session-contexts.ts";
import { type Conversation, createConversation, type FullConversation, type Window } from "./conversation.ts";
import { pastOf, readOn, readPast } from "./history.ts";
import { createLogCache } from "./log-cache.ts";
import { createSessionLog, type SessionLog } from "./session-log.ts";

export type { Summarise } from "../../runtime/compaction.ts";
export type { Conversation } from "./conversation.ts";
export { userParts } from "./history.ts";

/** What is read of a past at first: so many times the limit, in characters. It is made smaller before it is sent. */
const charactersRead = 8;
/** However large the model's window is. */
const mostCharactersRead = 16_000_000;

/** Rows that are read at once of what came since a session was put into the cache. */
const rowsAtOnce = 4;

export interface ContextsDeps {
  db: Database;
  clock: Clock;
  log: Log;
}

/** What models are sent of sessions: always fitting, and the same bytes in front from turn to turn. */
export interface Contexts {
  /** The conversation of a run that is about to begin; its user's messages have their places. One run of a session at a time. */
  open(
    run: Window & { sessionId: number; runId: string; input: readonly string[] },
    summarise: Summarise,
  ): Promise<Conversation>;
  /**
   * Sums up all but the last turn now. Between runs only, else it throws `conflict`; a failed model call throws.
   * Returns tokens before and after, estimated.
   */
  compact(
    sessionId: number,
    options: Window & { summarise: Summarise; signal: AbortSignal },
  ): Promise<{ before: number; after: number; summarised: boolean }>;
  /** The session changed in another way than by a run that ended well. */
  forget(sessionId: number): void;
}

export function createContexts({ db, clock, log }: ContextsDeps): Contexts {
  const cache = createLogCache();
  /** Who works on a session's log. */
  const holders = new Map<number, object>();

  async function begin(
    run: Window & { sessionId: number; runId: string; input: readonly string[] },
    summarise: Summarise,
  ): Promise<FullConversation> {
    const { sessionId } = run;
    const holder = {};
    holders.set(sessionId, holder);
    const known = cache.take(sessionId);
    const session =
      (known && (await continued(sessionId, known))) ?? (await read(sessionId, run.limitTokens));
    session.runId = run.runId;
    return createConversation(session, run, {
      summarise,
      log,
      async place() {
        session.place(await placesAfter(db.read, sessionId, session.through, session.appendedRows()));
      },
      save: () => db.write((tx) => keepContext(tx, sessionId, session.context(), clock.now())),
      keep() {
        if (holders.get(sessionId) !== holder) return; // forgotten meanwhile
        holders.delete(sessionId);
        cache.put(sessionId, session);
      },
    });
  }

  /** A log of the cache with what came since; undefined: it does not agree with the disk. */
  async function continued(sessionId: number, session: SessionLog): Promise<SessionLog | undefined> {
    const appended = session.appendedRows();
    if (appended > rowsAtOnce) {
      if (!session.place(await placesAfter(db.read, sessionId, session.through, appended))) return undefined;
      session.append(await readOn(db.read, sessionId, session.through));
      return session;
    }
    // One look for the usual case: an answer and a question.
    const rows = await pageForwards(db.read, sessionId, session.through, rowsAtOnce + 1);
    if (!session.place(rows)) return undefined;
    session.append(await pastOf(db.read, rows.slice(appended)));
    if (rows.length > rowsAtOnce) session.append(await readOn(db.read, sessionId, session.through));
    return session;
  }

  async function read(sessionId: number, limitTokens: number): Promise<SessionLog> {
    const kept = (await findContext(db.read, sessionId)) ?? {
      trimmedThrough: 0,
      droppedThrough: 0,
      summary: undefined,
    };
    const room = Math.min(mostCharactersRead, limitTokens * charactersRead);
    return createSessionLog(kept, await readPast(db.read, sessionId, kept, room));
  }

  return {
    open: begin,
    async compact(sessionId, { summarise, signal, ...window }) {
      if (holders.has(sessionId)) {
        throw new GatewayError(
          "conflict",
          "A run of this session is under way. Compact it once the run has ended.",
        );
      }
      try {
        const conversation = await begin({ ...window, sessionId, runId: "", input: [] }, summarise);
        const before = conversation.tokens();
        const summarised = await conversation.sumUpNow({ signal });
        const after = conversation.tokens();
        conversation.keep();
        return { before, after, summarised };
      } catch (error) {
        forget(sessionId);
        throw error;
      }
    },
    forget,
  };

  function forget(sessionId: number): void {
    holders.delete(sessionId);
    cache.forget(sessionId);
  }
}
