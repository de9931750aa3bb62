import type { Config } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Database } from "../../storage/database.ts";
import { insertMessage } from "../../storage/messages.ts";
import type { Agents } from "../agents/agents.ts";
import { userParts } from "./context.ts";
import type { Repeats } from "./repeats.ts";
import type { LiveRun, RunRequest } from "./types.ts";

export type QueueMode = Config["session"]["queue"];

export interface JoinDeps {
  db: Database;
  agents: Agents;
  ids: MakeId;
  clock: Clock;
  repeats: Repeats;
  mode: QueueMode;
}

/** What is looked at when two messages are to be one run's. */
const decisive = ["model", "thinking", "temperature", "maxTokens"] as const;

/**
 * Lets a message join a run of its session that is there already: `steer` the running one, `collect` the next waiting
 * one. The message is on disk when this resolves. Undefined: it needs a run of its own.
 */
export function createJoin(deps: JoinDeps) {
  const { db, ids, clock, repeats } = deps;

  return async (
    request: RunRequest,
    line: readonly LiveRun[],
  ): Promise<{ merged: LiveRun } | { repeatOf: string } | undefined> => {
    const run = hostOf(request, line);
    const place = run?.inbox.reserve();
    if (!run || !place) return undefined;
    try {
      const repeat = await repeats.find(db.read, request);
      if (repeat !== undefined) {
        place.giveBack();
        return { repeatOf: repeat };
      }
      const id = ids("msg");
      const { message, attachments } = request;
      await db.write(async (tx) => {
        const { sessionId, id: runId } = run;
        const now = clock.now();
        await insertMessage(
          tx,
          { sessionId, id, runId, role: "user", content: message, attachments, now },
          "queued",
        );
        await repeats.keep(tx, request, runId);
      });
      place.fill({ messageId: id, parts: userParts(message, attachments ?? []) });
      return { merged: run };
    } catch (error) {
      place.giveBack();
      throw error;
    }
  };

  function hostOf(request: RunRequest, line: readonly LiveRun[]): LiveRun | undefined {
    const running = deps.mode === "steer" ? line.find((run) => run.status === "running") : undefined;
    const host = running ?? line.findLast((run) => run.status === "queued");
    return host && fits(request, host) ? host : undefined;
  }

  function fits(request: RunRequest, run: LiveRun): boolean {
    const { options = {}, caller, agentId } = request;
    return (
      run.callerId === caller.id &&
      (agentId === undefined || deps.agents.get(agentId) === run.agent) &&
      request.system === undefined &&
      request.past === undefined &&
      request.inherited === undefined &&
      !request.tainted &&
      !request.message.startsWith("/") &&
      decisive.every((name) => options[name] === undefined || options[name] === run.options[name])
    );
  }
}
