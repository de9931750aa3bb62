import type { ToolCall } from "openclaw-protocol";
import { isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import { onAbort } from "../../lib/signals.ts";
import type { SessionPort } from "../../runtime/tools/ports.ts";
import type { Database } from "../../storage/database.ts";
import { type MessageRow, pageBackwards, pageSize } from "../../storage/messages.ts";
import { queuedFrom } from "../../storage/schema.ts";
import { findSession, findSessionById, listSessions, type SessionRow } from "../../storage/sessions.ts";
import { may } from "../access.ts";
import type { RunScope } from "../run-scope.ts";
import { rightsOf } from "../runs/rights.ts";
import type { Runs } from "../runs/runs.ts";
import { handedOn } from "../runs/scope.ts";
import { untilEnd } from "../runs/until-end.ts";

/** How often a message may be passed on from session to session. */
const depthAtMost = 2;
const listedAtMost = 50;
const messagesAtMost = 50;
const messageCharacters = 2_000;
const historyCharacters = 16_000;
const answerCharacters = 16_000;
/** No credential has this id. */
const nobody = "";
const waitAtMostMs = 120_000;

/**
 * Other sessions as a run may see them: the owner's runs see those that their credential may see; all others see what
 * their credential made, and that from a session which it made, too: what a stranger says in his own session must not
 * look into those of a caller who answers there.
 */
export function createSessionPorts(deps: {
  db: Pick<Database, "read">;
  runs: Pick<Runs, "start">;
}): (scope: RunScope) => SessionPort {
  const { db, runs } = deps;

  return (scope) => {
    const caller = { id: scope.caller.id, scopes: new Set(scope.caller.scopes) };

    /** Whose sessions the run sees; undefined: everybody's. */
    async function maker(): Promise<string | undefined> {
      if (scope.trust === "owner") return may(caller, "read") ? undefined : caller.id;
      const own = await findSessionById(db.read, scope.sessionId);
      return own?.owner === caller.id ? caller.id : nobody;
    }

    async function visible(key: string): Promise<SessionRow> {
      const session = await findSession(db.read, key);
      const owner = await maker();
      if (session?.listed === 1 && (owner === undefined || owner === session.owner)) return session;
      throw new GatewayError(
        "not_found",
        `There is no session "${key}" for you. sessions_list tells which there are.`,
      );
    }

    return {
      async list({ limit, search }) {
        const rows = await listSessions(db.read, {
          limit: Math.min(limit, listedAtMost),
          search,
          owner: await maker(),
        });
        return { sessions: rows.map((row) => viewOf(row, scope)) };
      },

      async history(key, { limit }) {
        const session = await visible(key);
        const most = Math.min(limit, messagesAtMost);
        const before = { before: queuedFrom };
        const { count, more } = await pageSize(db.read, session.id, before, most);
        const page = await pageBackwards(db.read, session.id, queuedFrom, count);
        let left = historyCharacters;
        const messages = [];
        for (const row of page) {
          if (left <= 0) break;
          const text = cut(row.content, Math.min(left, messageCharacters));
          left -= text.length;
          messages.unshift(messageOf(row, text));
        }
        const older = more || messages.length < page.length;
        return { ...viewOf(session, scope), messages, ...(older && { older: true }) };
      },

      async send(key, message, { waitMs, signal }) {
        if (key === scope.sessionKey) throw refused("This is your own session. Just answer.");
        if (scope.depth >= depthAtMost)
          throw refused(
            "This message came from another session already. Answer it instead of passing it on.",
          );
        const session = await visible(key);
        const rights = await rightsOf(db, scope.runId);
        if (!rights) throw refused("This session was deleted.");
        signal.throwIfAborted();
        const { runId, follow } = await runs.start({
          caller: rights.caller,
          message,
          sessionKey: session.key,
          inherited: handedOn(scope),
        });
        const view = { sessionKey: session.key, runId };
        if (waitMs <= 0) return { ...view, status: "running" };
        const end = await within(Math.min(waitMs, waitAtMostMs), signal, async (until) =>
          untilEnd(await follow(false), until),
        );
        signal.throwIfAborted();
        if (end?.type === "chat.done")
          return { ...view, status: "done", response: cut(end.data.response, answerCharacters) };
        if (end?.type === "chat.aborted") return { ...view, status: "aborted" };
        if (end?.type === "chat.error")
          return { ...view, status: "failed", error: cut(end.data.error.message, messageCharacters) };
        return { ...view, status: "running", note: "It has not answered yet. See sessions_history later." };
      },
    };
  };
}

/** Work that is told to stop after a while, or when the signal aborts. */
async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  const stopListening = onAbort(signal, () => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

function viewOf(row: SessionRow, scope: RunScope) {
  return {
    sessionKey: row.key,
    agentId: row.agent_id,
    channel: row.channel,
    title: row.title,
    messages: row.message_count,
    updatedAt: isoTime(row.updated_at),
    ...(row.key === scope.sessionKey && { current: true }),
  };
}

function messageOf(row: MessageRow, text: string) {
  const calls = row.tool_calls_json === null ? [] : (JSON.parse(row.tool_calls_json) as ToolCall[]); // written from ToolCalls
  return {
    role: row.role,
    at: isoTime(row.created_at),
    text,
    ...(calls.length > 0 && { tools: calls.map((call) => call.tool) }),
    ...(row.status !== null && { status: row.status }),
  };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}[… cut]`;
}

function refused(message: string): GatewayError {
  return new GatewayError("conflict", message);
}
