import type { Clock } from "../../lib/clock.ts";
import { type GatewayError, toGatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { sleep } from "../../lib/signals.ts";
import {
  forgetHeard,
  heardBefore,
  type InboxRow,
  openLanes,
  runningInLane,
  setInboxRunning,
  settleInbox,
  waitingInLane,
} from "../../storage/channel-inbox.ts";
import type { Database } from "../../storage/database.ts";
import type { Runs, Started } from "../runs/runs.ts";
import type { Account } from "./account.ts";
import { type Answers, callerOf } from "./answers.ts";
import type { ChannelCommands } from "./commands.ts";
import { createGatekeeper } from "./gatekeeper.ts";
import { type Kept, keptOf } from "./kept.ts";
import type { Outbox } from "./outbox.ts";
import type { Preparing } from "./preparing.ts";
import { saidText, sorryText } from "./said.ts";

/** Messages of one session, and of all, that are being answered at once. */
const perLane = 20;
const atOnce = 64;
/** What was heard in a group and is told along. */
const heardAtMost = 20;
const attemptsAtMost = 3;
const rowsAtOnce = 20;

/** Takes messages out of the inbox and has them answered: those of one session in the order of their coming. */
export interface Dispatch {
  /** A message waits in a lane. */
  wake(lane: string): void;
  /** Obeys a command that has just come in, at once: it must not wait behind what it may be meant to stop. */
  command(account: Account, row: InboxRow, kept: Kept): void;
  /** Takes up everything that is open; accounts that are not loaded yet are passed over. */
  wakeAll(): Promise<void>;
  /** Begins nothing more; what is being answered goes on. */
  stop(): void;
  /** Resolves once nothing is being answered any more. To be called when the runs have ended. */
  close(): Promise<void>;
}

export interface DispatchDeps {
  db: Database;
  runs: Pick<Runs, "start">;
  accountOf(channelId: string, accountId: string): Account | undefined;
  commands: ChannelCommands;
  preparing: Preparing;
  answers: Answers;
  outbox: Outbox;
  clock: Clock;
  log: Log;
}

export function createDispatch(deps: DispatchDeps): Dispatch {
  const { db, clock, log, answers } = deps;
  const lanes = new Map<
    string,
    { again: boolean; done: Promise<void>; gate: ReturnType<typeof createGatekeeper> }
  >();
  const all = createGatekeeper(atOnce);
  const stopping = new AbortController();
  const answering = new Set<Promise<void>>();
  /** Rows that this process looks after already. */
  const taken = new Set<number>();

  function wake(lane: string): void {
    if (stopping.signal.aborted) return;
    const known = lanes.get(lane);
    if (known) {
      known.again = true;
      return;
    }
    const gate = createGatekeeper(perLane);
    const entry = { again: true, gate, done: Promise.resolve() };
    lanes.set(lane, entry);
    entry.done = serve(lane, entry);
  }

  /** Begins what waits in a lane, one after another. Never rejects. */
  async function serve(lane: string, entry: { again: boolean; gate: ReturnType<typeof createGatekeeper> }) {
    try {
      for (const row of await runningInLane(db.read, lane)) takeUp(row);
      while (entry.again && !stopping.signal.aborted) {
        entry.again = false;
        for (let more = true; more && !stopping.signal.aborted; ) {
          const rows = (await waitingInLane(db.read, lane, rowsAtOnce)).filter((row) => !taken.has(row.id));
          more = rows.length > 0;
          for (const row of rows) {
            if (stopping.signal.aborted || !(await begin(row, entry.gate))) return;
          }
        }
      }
    } catch (error) {
      if (!stopping.signal.aborted) log.error({ err: error }, "messages of a channel could not be taken up");
    } finally {
      lanes.delete(lane); // here and not later: whoever wakes the lane from now on begins it anew
    }
  }

  /** A row that a run of an earlier process answers. */
  function takeUp(row: InboxRow): void {
    const account = deps.accountOf(row.channel, row.account);
    if (taken.has(row.id) || !account?.loaded() || row.run_id === null) return;
    attend(row, answers.follow({ account, row, kept: keptOf(row), runId: row.run_id }));
  }

  function attend(row: InboxRow, work: Promise<void>, leave: () => void = () => {}): void {
    taken.add(row.id);
    const watched = work
      .catch((error: unknown) => {
        log.error({ err: error, channel: row.channel }, "an answer could not be delivered");
      })
      .finally(() => {
        taken.delete(row.id);
        answering.delete(watched);
        leave();
      });
    answering.add(watched);
  }

  /** False: the lane has to wait for its account. */
  async function begin(row: InboxRow, gate: ReturnType<typeof createGatekeeper>): Promise<boolean> {
    const account = deps.accountOf(row.channel, row.account);
    if (!account) {
      await db.write((tx) => settleInbox(tx, row.id, clock.now(), "no_account"));
      return true;
    }
    if (!account.loaded()) return false;
    const kept = keptOf(row);
    if (kept.command) {
      await obey(account, row, kept, kept.command);
      return true;
    }
    const leaveLane = await gate.enter(stopping.signal);
    const leaveAll = await all.enter(stopping.signal);
    const leave = () => {
      leaveLane();
      leaveAll();
    };
    try {
      const started = await start(account, row, kept);
      if (started) attend(row, answers.follow({ account, row, kept, runId: started.runId, started }), leave);
      else leave();
      return true;
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function obey(account: Account, row: InboxRow, kept: Kept, command: NonNullable<Kept["command"]>) {
    const { id: callerId } = callerOf(account, kept);
    const place = { channelId: row.channel, sessionKey: row.lane!, agentId: kept.agentId, callerId };
    const text = await deps.commands.run(command, place).catch((thrown: unknown) => {
      log.warn({ err: thrown, command: command.name }, "a command failed");
      return toGatewayError(thrown).message;
    });
    await db.write(async (tx) => {
      await settleInbox(tx, row.id, clock.now());
      await answers.put(tx, account, row, `command:${row.id}`, text);
    });
    deps.outbox.poke(account);
  }

  /** Hands a message to the runs. Undefined: it cannot be answered, and its sender was told so. */
  async function start(account: Account, row: InboxRow, kept: Kept): Promise<Started | undefined> {
    const { message } = kept;
    const heard = message.chat.kind === "group" ? await heardBefore(db.read, row, heardAtMost) : [];
    const { attachments, notes } = await deps.preparing.take(account, kept, stopping.signal);
    const text = saidText(message, { heard: heard.map((it) => keptOf(it).message), notes });
    for (let failures = 0; ; failures += 1) {
      try {
        const started = await deps.runs.start({
          ...answers.requestOf(account, row, kept),
          message: text,
          title: message.text,
          attachments,
        });
        await db.write(async (tx) => {
          await setInboxRunning(tx, [row.id], started.runId, row.attempt);
          if (heard.length > 0) await forgetHeard(tx, row);
        });
        return started;
      } catch (thrown) {
        const error = toGatewayError(thrown);
        if (stopping.signal.aborted) throw error;
        if (!isPassing(error) || failures >= attemptsAtMost) {
          if (error.code === "internal_error") log.error({ err: thrown }, "a message could not be answered");
          await db.write(async (tx) => {
            await settleInbox(tx, row.id, clock.now(), error.code);
            await answers.put(tx, account, row, `sorry:${row.id}`, sorryText(error.toDetail(), kept.isOwner));
          });
          deps.outbox.poke(account);
          return undefined;
        }
        await sleep(error.retryAfterMs ?? 1_000 * 2 ** failures, { signal: stopping.signal });
      }
    }
  }

  return {
    wake,
    command(account, row, kept) {
      if (kept.command && !stopping.signal.aborted) attend(row, obey(account, row, kept, kept.command));
    },
    async wakeAll() {
      for (const lane of await openLanes(db.read)) wake(lane);
    },
    stop: () => stopping.abort(new Error("The gateway stops.")),
    async close() {
      stopping.abort(new Error("The gateway stops."));
      await Promise.all([...lanes.values()].map((it) => it.done));
      answers.close();
      await Promise.all(answering);
    },
  };
}

/** Whether a failure to start is likely to be gone in a moment. */
function isPassing(error: GatewayError): boolean {
  return (
    error.code === "rate_limited" || error.code === "internal_error" || error.code === "service_unavailable"
  );
}
