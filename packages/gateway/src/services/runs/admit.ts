import { createHash } from "node:crypto";
import type { ThinkingLevel } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import { nearestThinking } from "../../runtime/models/thinking.ts";
import type { Database, Tx } from "../../storage/database.ts";
import { findIdempotent, keepIdempotent } from "../../storage/idempotency.ts";
import { insertMessage, insertMessages } from "../../storage/messages.ts";
import { insertRun } from "../../storage/runs.ts";
import { findSession, insertSession, type SessionRow } from "../../storage/sessions.ts";
import { maySee } from "../access.ts";
import type { Agent, Agents } from "../agents.ts";
import type { Models, ResolvedModel } from "../models/models.ts";
import { messagesAtMost } from "./history.ts";
import type { Lanes, Turn } from "./lanes.ts";
import { RunLog } from "./run-log.ts";
import type { KeptOptions, LiveRun, RunOutcome, RunRequest } from "./types.ts";

const idempotencyMs = 24 * 60 * 60 * 1000;
/** Most runs that may stand in one session's line. */
const lineAtMost = 100;
const titleAtMost = 80;

/** A new run whose message is on disk, or the run that the idempotency key stands for already. */
export type Admitted = { run: LiveRun; created: boolean } | { repeatOf: string };

export interface AdmissionDeps {
  db: Database;
  agents: Agents;
  models: Models;
  lanes: Lanes;
  ids: MakeId;
  clock: Clock;
}

interface Plan {
  key: string;
  agent: Agent;
  model: ResolvedModel;
  thinking: ThinkingLevel;
  options: KeptOptions;
}

/** Takes a request in: checks it, gives it a place in its session's line, and puts the user's message on disk. */
export function createAdmission(deps: AdmissionDeps): (request: RunRequest) => Promise<Admitted> {
  const { db, ids, clock, lanes } = deps;

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
      const bodyHash = request.idempotencyKey === undefined ? "" : hashOf(request);
      const repeat = await repeatOf(db.read, request, bodyHash);
      if (repeat === undefined) return await store(request, await planRun(request, key), turn, bodyHash);
      turn.leave();
      return { repeatOf: repeat };
    } catch (error) {
      turn.leave();
      throw error;
    }
  };

  async function planRun(request: RunRequest, key: string): Promise<Plan> {
    const { options = {} } = request;
    const session = await findSession(db.read, key);
    if (session) requireAccess(session, request);
    const agent = deps.agents.get(request.agentId ?? session?.agent_id);
    const model = await modelFor(options.model ?? session?.model ?? agent.model, options.model !== undefined);
    const levels = model.facts.thinking;
    const usual = (session?.thinking ?? agent.thinking ?? "off") as ThinkingLevel; // stored from a validated level
    // Only a caller who asks for xhigh here and now is refused where the model lacks it.
    const possible = usual === "xhigh" && !levels.includes(usual) ? "high" : usual;
    const thinking = nearestThinking(options.thinking ?? possible, levels);
    const kept: KeptOptions = {
      ...options,
      ...(request.system !== undefined && { system: request.system }),
    };
    return { key, agent, model, thinking, options: kept };
  }

  async function modelFor(id: string | undefined, asked: boolean): Promise<ResolvedModel> {
    try {
      return await deps.models.resolve(id ?? (await deps.models.defaultModel()));
    } catch (error) {
      if (!asked || !(error instanceof GatewayError)) throw error;
      throw new GatewayError(error.code, error.message, { param: "options.model", cause: error });
    }
  }

  async function store(request: RunRequest, plan: Plan, turn: Turn, bodyHash: string): Promise<Admitted> {
    const now = clock.now();
    const runId = ids("run");
    const messageId = ids("msg");
    await turn.storable;
    const storing = db.write(async (tx) => {
      const repeat = await repeatOf(tx, request, bodyHash);
      if (repeat !== undefined) return { repeat };
      const { session, created } = await findOrMake(tx, request, plan, now);
      await insertRun(tx, {
        id: runId,
        sessionId: session.id,
        sessionKey: plan.key,
        agentId: plan.agent.id,
        owner: request.caller.id,
        status: turn.queued ? "queued" : "running",
        options: plan.options,
        model: plan.model.id,
        thinking: plan.thinking,
        now,
      });
      await insertMessage(
        tx,
        {
          sessionId: session.id,
          id: messageId,
          runId,
          role: "user",
          content: request.message,
          attachments: request.attachments,
          now,
        },
        turn.queued ? "queued" : "next",
      );
      if (request.idempotencyKey !== undefined) {
        const expiresAt = now + idempotencyMs;
        await keepIdempotent(tx, {
          caller: request.caller.id,
          key: request.idempotencyKey,
          bodyHash,
          runId,
          expiresAt,
        });
      }
      return { session, created };
    });
    turn.handedOver();
    const stored = await storing;
    if ("repeat" in stored) {
      turn.leave();
      return { repeatOf: stored.repeat };
    }
    const run = createLiveRun({
      id: runId,
      sessionId: stored.session.id,
      sessionKey: plan.key,
      owner: stored.session.owner,
      listed: stored.session.listed === 1,
      agent: plan.agent,
      model: plan.model,
      thinking: plan.thinking,
      options: plan.options,
      message: { id: messageId, text: request.message, attachments: request.attachments ?? [] },
      turn,
      status: turn.queued ? "queued" : "running",
    });
    return { run, created: stored.created };
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
      channel: "webchat",
      listed: request.listed ?? true,
      title: titleOf(request.message),
      now,
    });
    const past = (request.past ?? []).slice(-messagesAtMost); // the model is sent no more anyway
    await insertMessages(
      tx,
      session.id,
      past.map((said) => ({ id: ids("msg"), runId: "", ...said, now })),
    );
    return { session, created: true };
  }

  async function repeatOf(reader: Database["read"] | Tx, request: RunRequest, bodyHash: string) {
    if (request.idempotencyKey === undefined) return undefined;
    const known = await findIdempotent(reader, request.caller.id, request.idempotencyKey, clock.now());
    if (known && known.bodyHash !== bodyHash) {
      throw new GatewayError("conflict", "This idempotency key was used with another body. Use a new key.", {
        param: "idempotencyKey",
      });
    }
    return known?.runId;
  }
}

/** A session of somebody else is not there for a caller without `read`. */
function requireAccess(session: SessionRow, request: RunRequest): void {
  if (maySee(request.caller, session)) return;
  throw new GatewayError("not_found", "There is no such session.", { param: "sessionKey" });
}

type Start = Omit<LiveRun, "log" | "controller" | "ended" | "settle">;

export function createLiveRun(start: Start): LiveRun {
  const ended = Promise.withResolvers<RunOutcome>();
  return {
    ...start,
    log: new RunLog(start.id, start.sessionKey),
    controller: new AbortController(),
    ended: ended.promise,
    settle: ended.resolve,
  };
}

function hashOf(request: RunRequest): string {
  const { message, sessionKey, agentId, attachments, system, past } = request;
  const options = Object.entries(request.options ?? {}).sort();
  return createHash("sha256")
    .update(JSON.stringify([message, sessionKey, agentId, attachments, options, system, past]))
    .digest("hex");
}

/** The first line of what was said first. */
function titleOf(message: string): string {
  const line = message.trim().split("\n", 1)[0]!.trim();
  return line.length <= titleAtMost ? line || "Untitled" : `${line.slice(0, titleAtMost - 1)}…`;
}
