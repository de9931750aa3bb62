import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Tx } from "../../storage/database.ts";
import { insertMessage, insertMessages } from "../../storage/messages.ts";
import { insertRun } from "../../storage/runs.ts";
import { findSession, insertSession } from "../../storage/sessions.ts";
import { takeMessages } from "../../storage/taken-messages.ts";
import { createInbox } from "./inbox.ts";
import type { Lanes, Turn } from "./lanes.ts";
import { createPlanner, type Plan, type PlanDeps, requireAccess } from "./plan.ts";
import type { Repeats } from "./repeats.ts";
import { RunLog } from "./run-log.ts";
import type { LiveRun, RunOutcome, RunRequest } from "./types.ts";

/** Most runs that may stand in one session's line. */
const lineAtMost = 100;
/** Most messages that a caller may bring along as a session's past. */
const pastAtMost = 1_000;
const titleAtMost = 80;

/** A new run whose message is on disk, or the run that the idempotency key stands for already. */
export type Admitted = { run: LiveRun; created: boolean } | { repeatOf: string };

export interface AdmissionDeps extends PlanDeps {
  lanes: Lanes;
  repeats: Repeats;
  ids: MakeId;
  clock: Clock;
}

/** Takes a request in: checks it, gives it a place in its session's line, and puts the user's message on disk. */
export function createAdmission(deps: AdmissionDeps): (request: RunRequest) => Promise<Admitted> {
  const { db, ids, clock, lanes, repeats } = deps;
  const planRun = createPlanner(deps);

  return async (request) => {
    const key = request.sessionKey ?? ids("session");
    if (lanes.length(key) >= lineAtMost) {
      throw new GatewayError(
        "rate_limited",
        `${lineAtMost} runs of this session wait already. Try again later.`,
        {
          param: "sessionKey",
          retryAfterMs: 5_000,
        },
      );
    }
    // Before anything is waited for: the place in the line is that of the request's coming.
    const turn = lanes.enter(key);
    try {
      const repeat = await repeats.find(db.read, request);
      if (repeat === undefined) return await store(request, await planRun(request, key), turn);
      turn.leave();
      return { repeatOf: repeat };
    } catch (error) {
      turn.leave();
      throw error;
    }
  };

  async function store(request: RunRequest, plan: Plan, turn: Turn): Promise<Admitted> {
    const now = clock.now();
    const runId = ids("run");
    const messageId = ids("msg");
    const status = turn.queued ? "queued" : "running";
    await turn.storable;
    const storing = db.write(async (tx) => {
      const repeat = await repeats.find(tx, request);
      if (repeat !== undefined) return { repeat };
      const { session, created } = await findOrMake(tx, request, plan, now);
      await insertRun(tx, {
        id: runId,
        sessionId: session.id,
        sessionKey: plan.key,
        agentId: plan.agent.id,
        owner: request.caller.id,
        status,
        options: plan.options,
        model: plan.model.id,
        thinking: plan.thinking,
        now,
      });
      await plan.instructions.store(tx, session.id);
      const place = turn.queued ? "queued" : "next";
      const from = request.takesOver;
      const taken = from === undefined ? undefined : await takeMessages(tx, session.id, from, runId, place);
      if (taken === undefined) {
        await insertMessage(
          tx,
          {
            sessionId: session.id,
            id: messageId,
            runId,
            role: "user",
            content: request.message,
            attachments: request.attachments,
            note: plan.instructions.note,
            now,
          },
          place,
        );
      }
      await repeats.keep(tx, request, runId);
      return { session, created, message: taken ?? { id: messageId, text: request.message } };
    });
    turn.handedOver();
    const stored = await storing;
    if ("repeat" in stored) {
      turn.leave();
      return { repeatOf: stored.repeat };
    }
    const { session, created, message } = stored;
    const run = createLiveRun({
      id: runId,
      sessionId: session.id,
      sessionKey: plan.key,
      channel: session.channel,
      owner: session.owner,
      callerId: request.caller.id,
      listed: session.listed === 1,
      agent: plan.agent,
      model: plan.model,
      thinking: plan.thinking,
      options: plan.options,
      message,
      turn,
      status,
    });
    return { run, created };
  }

  async function findOrMake(tx: Tx, request: RunRequest, plan: Plan, now: number) {
    const found = await findSession(tx, plan.key);
    if (found) {
      requireAccess(found, request);
      if (found.agent_id !== plan.agent.id) {
        throw new GatewayError(
          "conflict",
          `The session belongs to the agent "${found.agent_id}". Use another sessionKey for "${plan.agent.id}".`,
          { param: "agentId" },
        );
      }
      return { session: found, created: false };
    }
    const session = await insertSession(tx, {
      key: plan.key,
      agentId: plan.agent.id,
      owner: request.caller.id,
      channel: request.channel ?? "webchat",
      listed: request.listed ?? true,
      title: titleOf(request.title || request.message),
      now,
    });
    const past = (request.past ?? []).slice(-pastAtMost);
    await insertMessages(
      tx,
      session.id,
      past.map((said) => ({ id: ids("msg"), runId: "", ...said, now })),
    );
    return { session, created: true };
  }
}

type Start = Omit<LiveRun, "log" | "inbox" | "controller" | "ended" | "settle" | "answering">;

export function createLiveRun(start: Start): LiveRun {
  const ended = Promise.withResolvers<RunOutcome>();
  return {
    ...start,
    answering: start.model,
    log: new RunLog(start.id, start.sessionKey),
    inbox: createInbox(),
    controller: new AbortController(),
    ended: ended.promise,
    settle: ended.resolve,
  };
}

/** The first line of what was said first. */
function titleOf(message: string): string {
  const line = message.trim().split("\n", 1)[0]!.trim();
  return line.length <= titleAtMost ? line || "Untitled" : `${line.slice(0, titleAtMost - 1)}…`;
}
