import type { ParsedParamsOf, ResultOf, Session, SessionDetail, SystemEvent } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import { attachmentsOf } from "../../storage/attachments.ts";
import type { Database, Tx } from "../../storage/database.ts";
import {
  copyMessages,
  findMessage,
  type MessageRow,
  pageBackwards,
  pageForwards,
  pageSize,
} from "../../storage/messages.ts";
import { queuedFrom } from "../../storage/schema.ts";
import { copyPrompt } from "../../storage/session-prompts.ts";
import {
  burySession,
  findSession,
  insertSession,
  listSessions,
  type SessionChange,
  type SessionRow,
  updateSession,
} from "../../storage/sessions.ts";
import { type Caller, may, maySee } from "../access.ts";
import type { Events } from "../events.ts";
import type { Models } from "../models/models.ts";
import type { Contexts } from "../runs/context.ts";
import type { Runs } from "../runs/runs.ts";
import { decodeCursor, encodeCursor, messageView, sessionView } from "./views.ts";

const pageUnlessTold = 100;
/** Messages of one write of a fork. */
const copiedAtOnce = 200;

/** Looking at, changing and deleting kept conversations. */
export interface Sessions {
  list(query: ParsedParamsOf<"session.list">, caller: Caller): Promise<ResultOf<"session.list">>;
  get(query: ParsedParamsOf<"session.get">, caller: Caller): Promise<SessionDetail>;
  export(query: ParsedParamsOf<"session.export">, caller: Caller): Promise<ResultOf<"session.export">>;
  update(change: ParsedParamsOf<"session.update">, caller: Caller): Promise<Session>;
  delete(sessionKey: string, caller: Caller): Promise<ResultOf<"session.delete">>;
  reset(sessionKey: string, caller: Caller): Promise<Session>;
  compact(sessionKey: string, caller: Caller, signal: AbortSignal): Promise<ResultOf<"session.compact">>;
  fork(query: ParsedParamsOf<"session.fork">, caller: Caller): Promise<Session>;
}

export interface SessionsDeps {
  db: Database;
  runs: Pick<Runs, "abortSession" | "compact">;
  contexts: Pick<Contexts, "forget">;
  /** The session is gone, and so is what runs for it. */
  onGone(sessionId: number): void;
  models: Pick<Models, "resolve">;
  events: Events;
  ids: MakeId;
  clock: Clock;
  /** Clears up behind buried sessions, in its own time. */
  purge(): void;
}

type Reason = Extract<SystemEvent, { type: "session.updated" }>["data"]["reason"];

export function createSessions(deps: SessionsDeps): Sessions {
  const { db, clock } = deps;

  async function visible(key: string, caller: Caller): Promise<SessionRow> {
    const row = await findSession(db.read, key);
    // Whoever may change sessions may change all of them; the others see their own.
    if (row && (maySee(caller, row) || may(caller, "operate"))) return row;
    throw notThere(key);
  }

  /** For whatever gives away what was said: to change sessions does not include to read them. */
  async function readable(key: string, caller: Caller): Promise<SessionRow> {
    const row = await findSession(db.read, key);
    if (row && maySee(caller, row)) return row;
    throw notThere(key);
  }

  /** The place that a page begins at: that of a message, or one that an earlier page named. */
  async function placeOf(session: SessionRow, text: string, param: string): Promise<number> {
    const message = await findMessage(db.read, session.id, text);
    return message ? message.seq : decodeCursor(text, 1, param)[0]!;
  }

  async function changed(key: string, reason: Reason): Promise<Session> {
    const row = await findSession(db.read, key);
    if (!row)
      throw new GatewayError("not_found", `The session "${key}" was deleted meanwhile.`, {
        param: "sessionKey",
      });
    const session = sessionView(row);
    deps.events.publish({ type: "session.updated", data: { sessionKey: key, reason, session } });
    return session;
  }

  async function views(rows: readonly MessageRow[]) {
    const files = await attachmentsOf(db.read, rows);
    return rows.map((row) => messageView(row, files.get(row.id)));
  }

  /**
   * Ends a session's runs and takes it out of sight; `replace` puts another in its place in the same write. Begins
   * again where somebody else did so meanwhile.
   */
  async function clearOut(
    key: string,
    caller: Caller,
    replace?: (tx: Tx, old: SessionRow) => Promise<unknown>,
  ): Promise<void> {
    for (let isGone = false; !isGone; ) {
      const session = await visible(key, caller);
      await deps.runs.abortSession(session.id);
      isGone = await db.write(async (tx) => {
        const now = await findSession(tx, key);
        if (now?.id !== session.id) return false;
        await burySession(tx, session.id);
        await replace?.(tx, now);
        return true;
      });
      await deps.runs.abortSession(session.id); // those that came in before it was out of sight
      deps.contexts.forget(session.id);
      deps.onGone(session.id);
    }
    deps.purge();
  }

  return {
    async list(query, caller) {
      const limit = query.limit ?? pageUnlessTold;
      const place = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 2, "cursor");
      const rows = await listSessions(db.read, {
        limit: limit + 1,
        after: place && { updatedAt: place[0]!, id: place[1]! },
        channel: query.channel,
        agentId: query.agentId,
        search: query.search,
        owner: may(caller, "read") ? undefined : caller.id,
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        sessions: page.map(sessionView),
        ...(rows.length > limit && last && { nextCursor: encodeCursor([last.updated_at, last.id]) }),
      };
    },

    async get(query, caller) {
      const session = await readable(query.sessionKey, caller);
      const limit = query.limit ?? pageUnlessTold;
      const before = query.before === undefined ? undefined : await placeOf(session, query.before, "before");
      const { count, more } = await pageSize(db.read, session.id, { before }, limit);
      const page = (await pageBackwards(db.read, session.id, before, count)).reverse();
      const first = page[0];
      return {
        ...sessionView(session),
        messages: await views(page),
        ...(more && first && { nextBefore: encodeCursor([first.seq]) }),
      };
    },

    async export(query, caller) {
      const session = await readable(query.sessionKey, caller);
      const limit = query.limit ?? pageUnlessTold;
      const after = query.after === undefined ? -1 : await placeOf(session, query.after, "after");
      const { count, more } = await pageSize(db.read, session.id, { after }, limit);
      const page = await pageForwards(db.read, session.id, after, count);
      const last = page.at(-1);
      return {
        ...sessionView(session),
        messages: await views(page),
        ...(more && last && { nextAfter: encodeCursor([last.seq]) }),
      };
    },

    async update({ sessionKey, ...change }, caller) {
      const session = await visible(sessionKey, caller);
      if (change.model) await deps.models.resolve(change.model);
      const set: SessionChange = {
        ...(change.title !== undefined && { title: change.title }),
        ...(change.model !== undefined && { model: change.model }),
        ...(change.thinking !== undefined && { thinking: change.thinking }),
      };
      await db.write((tx) => updateSession(tx, session.id, set, clock.now()));
      return changed(sessionKey, "updated");
    },

    async delete(sessionKey, caller) {
      await clearOut(sessionKey, caller);
      deps.events.publish({
        type: "session.updated",
        data: { sessionKey, reason: "deleted", session: null },
      });
      return { deleted: true, sessionKey };
    },

    async reset(sessionKey, caller) {
      await clearOut(sessionKey, caller, (tx, old) => {
        const { owner, listed } = old;
        return copySettings(tx, old, { key: sessionKey, owner, listed: listed === 1, now: clock.now() });
      });
      return changed(sessionKey, "reset");
    },

    async compact(sessionKey, caller, signal) {
      const compaction = await deps.runs.compact(await visible(sessionKey, caller), caller, signal);
      return { ...(await changed(sessionKey, "updated")), compaction };
    },

    async fork({ sessionKey, newSessionKey, messageId }, caller) {
      const from = await readable(sessionKey, caller);
      const key = newSessionKey ?? deps.ids("session");
      const last = messageId === undefined ? undefined : await findMessage(db.read, from.id, messageId);
      if (messageId !== undefined && !last) {
        throw new GatewayError("not_found", `The session has no message "${messageId}".`, {
          param: "messageId",
        });
      }
      const now = clock.now();
      const to = await db.write(async (tx) => {
        if (await findSession(tx, key)) {
          throw new GatewayError("conflict", `There is a session "${key}" already. Choose another name.`, {
            param: "newSessionKey",
          });
        }
        const copy = await copySettings(tx, from, { key, owner: caller.id, listed: true, now });
        await copyPrompt(tx, from.id, copy.id);
        return copy;
      });
      const upTo = last?.seq ?? queuedFrom - 1;
      let after = -1;
      for (let copied: MessageRow | undefined; ; after = copied.seq) {
        const page = { sessionId: from.id, after, upTo, limit: copiedAtOnce };
        copied = await db.write((tx) => copyMessages(tx, page, to.id, () => deps.ids("msg")));
        if (!copied) break;
      }
      return changed(key, "created");
    },
  };
}

function notThere(key: string): GatewayError {
  return new GatewayError("not_found", `There is no session "${key}".`, { param: "sessionKey" });
}

/** A new session with another one's settings. */
async function copySettings(
  tx: Tx,
  from: SessionRow,
  to: { key: string; owner: string; listed: boolean; now: number },
): Promise<SessionRow> {
  const { agent_id: agentId, channel, title, model, thinking } = from;
  const session = await insertSession(tx, { ...to, agentId, channel, title });
  if (model !== null || thinking !== null) await updateSession(tx, session.id, { model, thinking }, to.now);
  return session;
}
