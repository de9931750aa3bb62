import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configSchema, type RunEvent } from "openclaw-protocol";
import { GatewayError } from "../../src/lib/errors.ts";
import { createIds } from "../../src/lib/ids.ts";
import type { Caller } from "../../src/services/access.ts";
import { createAgents } from "../../src/services/agents/agents.ts";
import type { RunScope } from "../../src/services/run-scope.ts";
import { createRepeats } from "../../src/services/runs/repeats.ts";
import type { Runs } from "../../src/services/runs/runs.ts";
import { noUsage, type RunRequest } from "../../src/services/runs/types.ts";
import type { Subscription } from "../../src/services/subscription.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { insertMessage } from "../../src/storage/messages.ts";
import { endRun, findRun, insertRun, type RunEnd, type RunRow } from "../../src/storage/runs.ts";
import { findSession, insertSession } from "../../src/storage/sessions.ts";

/** Runs that exist on disk as real ones do, and end when the test says so. */
export interface PaperRuns {
  db: Database;
  runs: Pick<Runs, "start" | "abort" | "follow">;
  ids: ReturnType<typeof createIds>;
  agents: ReturnType<typeof createAgents>;
  /** Unix ms; the test turns it. */
  clock: { now(): number; at: number };
  /** What was started, in order; repeats of an idempotency key are not. */
  started: (RunRequest & { runId: string })[];
  end(runId: string, status?: RunEnd["status"], response?: string): Promise<void>;
  /** What the next starts fail with. */
  refuse(error: Error | undefined): void;
  /** A session with a run that goes on, as the scope of that run. */
  scope(wish?: ScopeWish): Promise<RunScope>;
  run(runId: string): Promise<RunRow | undefined>;
  close(): Promise<void>;
}

export type ScopeWish = Partial<RunScope> & { owner?: string; listed?: boolean; tokenLimit?: number };

export async function startPaperRuns(): Promise<PaperRuns> {
  const directory = mkdtempSync(join(tmpdir(), "openclaw-paper-"));
  const db = await openDatabase(join(directory, "openclaw.db"), "process", 1);
  const clock = { at: Date.parse("2026-01-01T00:00:00Z"), now: () => clock.at };
  const ids = createIds(() => clock.at);
  const agents = createAgents(configSchema.parse({}).agents, { stateDir: directory, homeDir: directory });
  const repeats = createRepeats({ clock });
  const ends = new Map<string, PromiseWithResolvers<RunEvent>>();
  const started: PaperRuns["started"] = [];
  let refusal: Error | undefined;

  async function put(request: RunRequest): Promise<string> {
    const key = request.sessionKey ?? ids("session");
    const runId = ids("run");
    const { caller, inherited, listed = true, message } = request;
    const now = clock.at;
    const stored = await db.write(async (tx) => {
      const repeat = await repeats.find(tx, request);
      if (repeat !== undefined) return repeat;
      const agentId = agents.get(request.agentId).id;
      const session =
        (await findSession(tx, key)) ??
        (await insertSession(tx, {
          key,
          agentId,
          owner: caller.id,
          channel: "webchat",
          listed,
          title: message,
          now,
        }));
      const options = {
        ...request.options,
        scopes: inherited?.scopes ?? [...caller.scopes],
        tokenLimit: caller.limits.maxCostPerDay,
        inherited,
      };
      await insertRun(tx, {
        id: runId,
        sessionId: session.id,
        sessionKey: key,
        agentId,
        owner: caller.id,
        status: "running",
        options,
        model: "test/m",
        thinking: "off",
        now,
      });
      await insertMessage(tx, {
        sessionId: session.id,
        id: ids("msg"),
        runId,
        role: "user",
        content: message,
        now,
      });
      await repeats.keep(tx, request, runId);
      return runId;
    });
    if (stored === runId) {
      started.push({ ...request, runId });
      ends.set(runId, Promise.withResolvers());
    }
    return stored;
  }

  function following(runId: string, sessionKey: string): Subscription {
    const closed = Promise.withResolvers<undefined>();
    async function* events(): AsyncGenerator<RunEvent, void> {
      const end = await Promise.race([ends.get(runId)?.promise, closed.promise]);
      if (end) yield end;
    }
    return {
      runId,
      sessionKey,
      status: "running",
      lastSeq: 0,
      events: events(),
      onOverflow: () => {},
      close: () => closed.resolve(undefined),
    };
  }

  async function end(runId: string, status: RunEnd["status"] = "done", response = "fine"): Promise<void> {
    const row = (await findRun(db.read, runId))!;
    const now = clock.at;
    const error = new GatewayError(
      status === "aborted" ? "aborted" : "internal_error",
      `It ${status}.`,
    ).toDetail();
    await db.write(async (tx) => {
      const said = { sessionId: row.session_id, id: ids("msg"), runId, role: "assistant", now } as const;
      if (status === "done") await insertMessage(tx, { ...said, content: response });
      const more = status === "done" ? {} : { error };
      await endRun(tx, runId, { status, usage: noUsage, cost: 0, lastSeq: 2, now, ...more });
    });
    const base = { runId, sessionKey: row.session_key, seq: 2 };
    const done = {
      ...base,
      finishReason: "stop",
      usage: noUsage,
      model: "test/m",
      cost: 0,
      response,
    } as const;
    ends
      .get(runId)
      ?.resolve(
        status === "done"
          ? { type: "chat.done", data: done }
          : { type: "chat.error", data: { ...base, error } },
      );
  }

  return {
    db,
    ids,
    agents,
    clock,
    started,
    end,
    run: (runId) => findRun(db.read, runId),
    refuse(error) {
      refusal = error;
    },
    runs: {
      async start(request) {
        if (refusal) throw refusal;
        const runId = await put(request);
        const { session_key } = (await findRun(db.read, runId))!;
        return {
          runId,
          sessionKey: session_key,
          status: "started",
          follow: async () => following(runId, session_key),
        };
      },
      async abort(runId) {
        if ((await findRun(db.read, runId))?.ended_at !== null) return false;
        await end(runId, "aborted");
        return true;
      },
      follow: async ({ runId }) => following(runId!, (await findRun(db.read, runId!))!.session_key),
    },
    async scope({ owner, listed, tokenLimit, ...wish } = {}) {
      const { id = "gateway", scopes = ["admin"] } = wish.caller ?? {};
      const caller: Caller = {
        id,
        scopes: new Set(scopes),
        limits: tokenLimit === undefined ? {} : { maxCostPerDay: tokenLimit },
        revoked: new AbortController().signal,
      };
      if (owner !== undefined && wish.sessionKey !== undefined)
        await put({ caller: { ...caller, id: owner }, message: "made", sessionKey: wish.sessionKey });
      const runId = await put({ caller, message: "parent", sessionKey: wish.sessionKey, listed });
      const row = (await findRun(db.read, runId))!;
      started.length = 0;
      return {
        runId,
        sessionId: row.session_id,
        sessionKey: row.session_key,
        channel: "webchat",
        agent: agents.get(),
        caller: { id, scopes },
        trust: "owner",
        depth: 0,
        tools: ["clock", "spawn"],
        sandboxed: false,
        signal: new AbortController().signal,
        ...wish,
      };
    },
    async close() {
      await db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
