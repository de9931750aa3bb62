import type { ErrorDetail, ToolCall } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import type { Database, Tx } from "../../storage/database.ts";
import { findMessage, insertMessage, messagesWithCalls, setToolCalls } from "../../storage/messages.ts";
import { endRun, eventsAfter, type RunRow, unfinishedRuns } from "../../storage/runs.ts";
import { burySession, findSessionById } from "../../storage/sessions.ts";
import { answered, Interrupted } from "./endings.ts";
import { type Segment, textOf } from "./segments.ts";
import { noUsage } from "./types.ts";

const runsAtOnce = 50;

/**
 * Mends what a killed process left: running runs become `interrupted`, what they had said is kept, every
 * tool call gets a result. Returns the queued runs, oldest first, for the caller to start.
 */
export async function repairRuns(
  db: Database,
  clock: Clock,
): Promise<{ interrupted: number; queued: RunRow[] }> {
  let interrupted = 0;
  const left = await unfinishedRuns(db.read, Number.MAX_SAFE_INTEGER);
  const running = left.filter((run) => run.status === "running");
  for (let from = 0; from < running.length; from += runsAtOnce) {
    const some = running.slice(from, from + runsAtOnce);
    await db.write(async (tx) => {
      for (const run of some) await interrupt(tx, run, clock.now());
    });
    interrupted += some.length;
  }
  return { interrupted, queued: left.filter((run) => run.status === "queued") };
}

async function interrupt(tx: Tx, run: RunRow, now: number): Promise<void> {
  const session = await findSessionById(tx, run.session_id);
  if (session?.listed === 0) {
    await burySession(tx, session.id); // a throw-away one: whoever waited for its answer is gone
    return;
  }
  for (const message of await messagesWithCalls(tx, run.id)) {
    const calls = JSON.parse(message.tool_calls_json ?? "[]") as ToolCall[]; // written from ToolCalls
    if (calls.some((call) => call.result === undefined)) {
      await setToolCalls(tx, message.id, calls.map(answered), "interrupted");
    }
  }
  const rows = await eventsAfter(tx, run.id, 0, Number.MAX_SAFE_INTEGER);
  const segments = rows.flatMap((row) => JSON.parse(row.events_json) as Segment[]); // written by RunLog.takeUnsaved
  await keepPartial(tx, run, segments, now);
  const error: ErrorDetail = { ...new Interrupted().toDetail(), runId: run.id };
  const lastSeq = (segments.at(-1)?.seq ?? 0) + 1;
  await endRun(tx, run.id, { status: "interrupted", usage: noUsage, cost: 0, error, lastSeq, now });
}

/** The message that was being written becomes part of the transcript as far as its deltas are on disk. */
async function keepPartial(tx: Tx, run: RunRow, segments: readonly Segment[], now: number): Promise<void> {
  const last = segments.findLast((segment) => "ends" in segment && segment.messageId !== undefined);
  const id = last && "ends" in last ? last.messageId : undefined;
  if (id === undefined) return;
  if (await findMessage(tx, run.session_id, id)) return;
  const content = textOf(segments, id);
  await insertMessage(tx, {
    sessionId: run.session_id,
    id,
    runId: run.id,
    role: "assistant",
    content,
    status: "interrupted",
    now,
  });
}
