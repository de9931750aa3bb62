import type { ThinkingLevel } from "openclaw-protocol";
import { toGatewayError } from "../../lib/errors.ts";
import { firstOfRun, placeQueued } from "../../storage/messages.ts";
import { endRun, type RunRow } from "../../storage/runs.ts";
import { findSessionById } from "../../storage/sessions.ts";
import { type AdmissionDeps, createLiveRun } from "./admit.ts";
import { type KeptOptions, type LiveRun, noUsage } from "./types.ts";

/** Makes a queued run of an earlier process live again; one that cannot run any more is ended as failed. */
export async function reviveRun(row: RunRow, deps: AdmissionDeps): Promise<LiveRun | undefined> {
  const { db } = deps;
  const message = await firstOfRun(db.read, row.id);
  const session = await findSessionById(db.read, row.session_id);
  if (!message || !session) return undefined; // deleted with its session
  try {
    const agent = deps.agents.get(row.agent_id);
    const model = await deps.models.resolve(row.model);
    const turn = deps.lanes.enter(row.session_key);
    turn.handedOver(); // it is on disk already
    return createLiveRun({
      id: row.id,
      sessionId: row.session_id,
      sessionKey: row.session_key,
      channel: session.channel,
      owner: session.owner,
      callerId: row.owner,
      listed: session.listed === 1,
      agent,
      model,
      thinking: row.thinking as ThinkingLevel, // written from one
      options: JSON.parse(row.options_json) as KeptOptions, // written from KeptOptions
      message: { id: message.id, text: message.content },
      turn,
      status: "queued",
    });
  } catch (thrown) {
    const error = toGatewayError(thrown).toDetail();
    await db.write(async (tx) => {
      await placeQueued(tx, row.session_id, row.id);
      await endRun(tx, row.id, {
        status: "failed",
        usage: noUsage,
        cost: 0,
        error,
        lastSeq: 1,
        now: deps.clock.now(),
      });
    });
    return undefined;
  }
}
