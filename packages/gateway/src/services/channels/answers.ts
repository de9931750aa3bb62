import { endEvents, type RunEvent } from "openclaw-protocol";
import type { Destination } from "../../channels/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { onAbort } from "../../lib/signals.ts";
import { type InboxRow, setInboxRunning, settleInboxOfRun } from "../../storage/channel-inbox.ts";
import type { Database, Tx } from "../../storage/database.ts";
import { messagesWithCalls } from "../../storage/messages.ts";
import { findRun } from "../../storage/runs.ts";
import type { Caller } from "../access.ts";
import { callerNamed } from "../runs/rights.ts";
import type { Runs, Started } from "../runs/runs.ts";
import type { RunRequest } from "../runs/types.ts";
import type { Subscription } from "../subscription.ts";
import type { Account } from "./account.ts";
import type { Kept } from "./kept.ts";
import type { Outbox } from "./outbox.ts";
import { piecesOf } from "./pieces.ts";
import { createPreview, type Preview } from "./preview.ts";
import { cutShort, saidText, sorryText } from "./said.ts";
import { showTyping } from "./typing.ts";

/** How often a message is begun anew whose run was cut off by a restart. */
const attemptsAtMost = 10;

/** A message that is being answered by a run. */
export interface Answering {
  account: Account;
  row: InboxRow;
  kept: Kept;
  runId: string;
  /** Of this process; runs of an earlier one are looked up. */
  started?: Started | undefined;
}

/** From the end of a run to the outbox. */
export interface Answers {
  /** The request of a message, without what it says. */
  requestOf(account: Account, row: InboxRow, kept: Kept): Omit<RunRequest, "message">;
  /** Waits for the end of the run and puts its answer into the outbox, once, whoever else waits for the same run. */
  follow(it: Answering): Promise<void>;
  /** Puts a text in as the answer to a message. */
  put(tx: Tx, account: Account, row: InboxRow, batch: string, text: string): Promise<void>;
  /** Waits no longer: what has not ended is left for the next start. */
  close(): void;
}

export interface AnswersDeps {
  db: Database;
  runs: Pick<Runs, "start" | "follow">;
  outbox: Outbox;
  clock: Clock;
  /** Whether the gateway is stopping: runs that end now were cut off by that. */
  isStopping(): boolean;
}

/** Looks at runs on behalf of the house. */
const reader = callerNamed("gateway", ["read", "chat"], undefined);

export function createAnswers(deps: AnswersDeps): Answers {
  const { db, runs, outbox, clock } = deps;
  const closing = new AbortController();

  function requestOf(account: Account, row: InboxRow, kept: Kept): Omit<RunRequest, "message"> {
    return {
      caller: callerOf(account, kept),
      sessionKey: row.lane!,
      agentId: kept.agentId,
      channel: account.channelId,
      letIn: true,
      tainted: kept.message.chat.kind === "group",
      idempotencyKey: `inbox:${row.id}:${row.attempt}`,
      keyDecides: true,
    };
  }

  async function follow(it: Answering): Promise<void> {
    const { account, row } = it;
    const stopTyping = showTyping(account, destinationOf(row));
    const preview = createPreview({ ...it, to: destinationOf(row), db, outbox, clock });
    try {
      const subscription = it.started
        ? await it.started.follow(preview !== undefined)
        : await runs.follow({ caller: reader, runId: it.runId, stream: preview !== undefined });
      const end = await read(subscription, it, preview);
      if (!end) return; // the gateway stops; the next start takes it up
      if (end.type === "chat.error" && (await findRun(db.read, it.runId))?.status === "interrupted") {
        if (!deps.isStopping()) await again(it, preview);
        return;
      }
      const text = textOf(end, it.kept.isOwner);
      await finish(it, text, preview);
    } finally {
      await preview?.close();
      stopTyping();
    }
  }

  async function read(
    subscription: Subscription,
    it: Answering,
    preview: Preview | undefined,
  ): Promise<RunEvent | undefined> {
    const stopListening = onAbort(closing.signal, () => subscription.close());
    try {
      for await (const event of subscription.events) {
        if (endEvents.has(event.type)) return event;
        if (event.type === "chat.delta") preview?.add(event.data.messageId, event.data.delta);
        if (event.type === "approval.requested" && it.kept.isOwner) await askOwner(it, event.data);
      }
      return undefined;
    } finally {
      stopListening();
      subscription.close();
    }
  }

  async function askOwner(it: Answering, data: { approvalId: string; tool: string }): Promise<void> {
    const text = `I need your approval for \`${data.tool}\`: \`openclaw approvals\` shows it, \`openclaw approvals allow ${data.approvalId}\` allows it.`;
    await db.write((tx) => put(tx, it.account, it.row, `approval:${data.approvalId}`, text));
    outbox.poke(it.account);
  }

  /** A run that a restart cut off is begun anew where that does nothing twice. */
  async function again(it: Answering, preview: Preview | undefined): Promise<void> {
    const { account, row, kept, runId } = it;
    const attempt = row.attempt + 1;
    const hasActed = (await messagesWithCalls(db.read, runId)).length > 0;
    const hasSpoken = await preview?.hasSpoken();
    if (attempt >= attemptsAtMost || hasActed || hasSpoken) return finish(it, cutShort, undefined);
    const next = { ...row, attempt };
    const started = await runs.start({
      ...requestOf(account, next, kept),
      message: saidText(kept.message, { heard: [], notes: [] }),
      title: kept.message.text,
      takesOver: runId,
    });
    await db.write((tx) => setInboxRunning(tx, [row.id], started.runId, attempt));
    await follow({ account, row: { ...next, run_id: started.runId }, kept, runId: started.runId, started });
  }

  async function finish(it: Answering, text: string, preview: Preview | undefined): Promise<void> {
    const { account, row, runId } = it;
    const edits = await preview?.end();
    const pieces = piecesOf(account, preview ? preview.rest(text) : text).map((piece, index) => ({
      text: piece,
      ...(index === 0 && edits !== undefined && { edits }),
    }));
    await db.write(async (tx) => {
      await settleInboxOfRun(tx, row.lane!, runId, clock.now());
      await outbox.put(tx, account, { batch: `run:${runId}`, to: destinationOf(row), pieces });
    });
    outbox.poke(account);
  }

  async function put(tx: Tx, account: Account, row: InboxRow, batch: string, text: string): Promise<void> {
    const pieces = piecesOf(account, text).map((piece) => ({ text: piece }));
    await outbox.put(tx, account, { batch, to: destinationOf(row), pieces });
  }

  return { requestOf, follow, put, close: () => closing.abort() };
}

/** Who asks: the owner himself, or somebody whom the channel let in. */
export function callerOf(account: Account, kept: Kept): Caller {
  return kept.trusted
    ? callerNamed("gateway", ["read", "chat", "operate", "approve", "admin"], undefined)
    : callerNamed(`channel:${account.channelId}:${account.accountId}`, ["chat"], undefined);
}

/** Answers go where the message came from; in a group they name the message. */
function destinationOf(row: InboxRow): Destination {
  const { message } = JSON.parse(row.message_json ?? "{}") as Partial<Kept>; // written from a Kept
  return {
    chatId: row.chat_id,
    threadId: row.thread_id ?? undefined,
    ...(message?.chat.kind === "group" && { replyTo: row.external_id }),
  };
}

function textOf(end: RunEvent, isOwner: boolean): string {
  if (end.type === "chat.done" || end.type === "chat.aborted") return end.data.response;
  return end.type === "chat.error" ? sorryText(end.data.error, isOwner) : "";
}
