import { createHash } from "node:crypto";
import type { InboundMessage, RejectReason } from "../../channels/types.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { type InboxRow, insertInbox, isInboxKnown } from "../../storage/channel-inbox.ts";
import type { Database } from "../../storage/database.ts";
import type { Account } from "./account.ts";
import type { Admission, Verdict } from "./admission.ts";
import type { Kept } from "./kept.ts";
import type { Outbox } from "./outbox.ts";
import { createRarely } from "./rarely.ts";

/** Most of a message that is taken: what is longer is cut, with a word about it. */
const textAtMost = 100_000;
const idAtMost = 512;
const mediaAtMost = 10;

export interface Intake {
  /** Takes a message in: once this resolves it is on disk, and the platform may be told so. */
  receive(account: Account, message: InboundMessage): Promise<"stored" | "known" | "refused">;
  rejected(account: Account, reason: RejectReason, facts: Readonly<Record<string, unknown>>): void;
}

export interface IntakeDeps {
  db: Database;
  admission: Admission;
  outbox: Outbox;
  /** A message waits for its turn. */
  onWaiting(account: Account, row: InboxRow, kept: Kept): void;
  count(channel: string, outcome: string): void;
  clock: Clock;
  log: Log;
}

/** Who may speak is decided here, before anything else sees a message. */
export function createIntake(deps: IntakeDeps): Intake {
  const { db, clock, log } = deps;
  const rarely = createRarely(clock);
  /** The last message of each chat that is being taken in: those of one chat stay in their order. */
  const lines = new Map<string, Promise<unknown>>();

  function note(account: Account, reason: string, facts: object): void {
    deps.count(account.channelId, reason);
    const suppressed = rarely(`${account.channelId}/${account.accountId}/${reason}`);
    if (suppressed === undefined) return;
    const place = { channel: account.channelId, account: account.accountId };
    log.warn({ ...place, reason, ...facts, ...(suppressed > 0 && { suppressed }) }, "a message was refused");
  }

  async function receive(account: Account, message: InboundMessage): Promise<"stored" | "known" | "refused"> {
    const name = JSON.stringify([account.channelId, account.accountId, message.chat.id]);
    const before = lines.get(name);
    const mine = (async () => {
      await before?.catch(() => undefined);
      return takeIn(account, message);
    })();
    lines.set(name, mine);
    try {
      return await mine;
    } finally {
      if (lines.get(name) === mine) lines.delete(name);
    }
  }

  async function takeIn(account: Account, given: InboundMessage): Promise<"stored" | "known" | "refused"> {
    const { channelId, accountId } = account;
    const loaded = account.loaded();
    if (!loaded) throw new Error("an account receives before it is loaded");
    const message = bounded(given);
    if (await isInboxKnown(db.read, channelId, accountId, message.id)) {
      deps.count(channelId, "known");
      return "known";
    }
    const place = { channelId, accountId, ...loaded };
    const verdict = await deps.admission.judge(place, message, { signal: AbortSignal.timeout(15_000) });
    if (verdict.kind === "refuse" && verdict.reason === "own") {
      deps.count(channelId, "own"); // many platforms say back what was sent: nothing to keep
      return "refused";
    }
    const row = await store(account, message, verdict);
    if (!row) {
      deps.count(channelId, "known");
      return "known";
    }
    if (verdict.kind === "refuse" || verdict.kind === "pair") {
      note(account, verdict.kind === "pair" ? "pairing" : verdict.reason, {
        sender: message.sender.id.slice(0, 100),
      });
      deps.outbox.poke(account);
      return "refused";
    }
    deps.count(channelId, verdict.kind === "heard" ? "heard" : "accepted");
    if (verdict.kind !== "heard") deps.onWaiting(account, row, keptOf(message, verdict));
    return "stored";
  }

  function store(account: Account, message: InboundMessage, verdict: Verdict): Promise<InboxRow | undefined> {
    const { channelId, accountId } = account;
    const { id: chatId, threadId } = message.chat;
    return db.write(async (tx) => {
      const accepted = verdict.kind === "accept" || verdict.kind === "command";
      const row = await insertInbox(tx, {
        channel: channelId,
        account: accountId,
        externalId: message.id,
        chatId,
        threadId,
        senderId: message.sender.id,
        state: accepted ? "waiting" : verdict.kind === "heard" ? "heard" : "refused",
        reason: verdict.kind === "refuse" ? verdict.reason : verdict.kind === "pair" ? "pairing" : undefined,
        lane: accepted || verdict.kind === "heard" ? verdict.sessionKey : undefined,
        message: accepted
          ? keptOf(message, verdict)
          : verdict.kind === "heard"
            ? heardOf(message)
            : undefined,
        now: clock.now(),
      });
      const text =
        verdict.kind === "pair" ? verdict.text : verdict.kind === "refuse" ? verdict.reply : undefined;
      if (row && text !== undefined) {
        const to = { chatId, threadId };
        await deps.outbox.put(tx, account, { batch: `refusal:${row.id}`, to, pieces: [{ text }] });
      }
      return row;
    });
  }

  return {
    receive,
    rejected: (account, reason, facts) => note(account, reason, facts),
  };
}

function keptOf(message: InboundMessage, verdict: Extract<Verdict, { kind: "accept" | "command" }>): Kept {
  const { agentId, isOwner, trusted } = verdict;
  const command = verdict.kind === "command" ? { name: verdict.name, args: verdict.args } : undefined;
  return { message, agentId, isOwner, trusted, ...(command && { command }) };
}

/** What is kept of a message that was not for us: who said what. */
function heardOf(message: InboundMessage): Pick<Kept, "message"> {
  return { message: { ...message, text: message.text.slice(0, 2_000), media: [] } };
}

/** A message whose parts have a bound, whatever the platform lets through. */
function bounded(message: InboundMessage): InboundMessage {
  const { id, text, media } = message;
  const cut = text.length > textAtMost;
  return {
    ...message,
    id: id.length > idAtMost ? `sha256:${createHash("sha256").update(id).digest("hex")}` : id,
    text: (cut ? `${text.slice(0, textAtMost)}\n[cut: the message was longer]` : text).toWellFormed(),
    ...(media && { media: media.slice(0, mediaAtMost) }),
  };
}
