import { randomBytes } from "node:crypto";
import type { Config } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import type { Database } from "../../storage/database.ts";
import type { Agents } from "../agents/agents.ts";
import type { Events } from "../events.ts";
import type { Models } from "../models/models.ts";
import type { Transcription } from "../models/transcription.ts";
import type { Runs } from "../runs/runs.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { type Account, createAccount } from "./account.ts";
import { createAdmission } from "./admission.ts";
import { createAnswers } from "./answers.ts";
import { createChannelCommands } from "./commands.ts";
import { createDispatch } from "./dispatch.ts";
import { createIntake } from "./intake.ts";
import { createLoading } from "./loading.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createPairing, type Pairings } from "./pairing.ts";
import type { AccountPlan } from "./plan.ts";
import { createPreparing } from "./preparing.ts";

/** Sends that are under way when the gateway stops get so long, ms. */
const sendGraceMs = 3_000;

export interface SupervisionDeps {
  db: Database;
  config: Config;
  runs: Runs;
  sessions: Sessions;
  models: Models;
  agents: Agents;
  transcription: Transcription;
  events: Events;
  /** The channels' part of the metrics. */
  count(channel: string, outcome: string): void;
  onChange(account: Account): void;
  ids: MakeId;
  clock: Clock;
  log: Log;
  version: string;
}

/** What keeps accounts joined and carries messages between them and the runs. Loaded once there is an account. */
export interface Supervision {
  readonly outbox: Outbox;
  readonly pairing: Pairings;
  /** An account of this configuration; it replaces one of the same name, which must have been stopped. */
  add(plan: AccountPlan): Account;
  /** Stops an account and forgets it. */
  remove(account: Account): Promise<void>;
  accounts(channelId?: string): Account[];
  /** Takes no message any more; what is being answered goes on. */
  stop(): void;
  /** To be called when the runs have ended: sends what can still be sent, then closes everything. */
  close(): Promise<void>;
}

export function createSupervision(deps: SupervisionDeps): Supervision {
  const { db, config, runs, sessions, models, agents, events, ids, clock, log } = deps;
  const { random } = Math;
  const accounts = new Map<string, Account>();
  const recovered = new Set<string>();
  const nameOf = (channelId: string, accountId: string) => `${channelId}/${accountId}`;
  let stopping = false;

  const pairing = createPairing({ db, clock, randomBytes });
  const outbox = createOutbox({ db, ids, clock, random, log });
  const load = createLoading({ db, config, defaults: () => config.channels.defaults, clock, log });
  const answers = createAnswers({ db, runs, outbox, clock, isStopping: () => stopping });
  const dispatch = createDispatch({
    db,
    runs,
    accountOf: (channelId, accountId) => accounts.get(nameOf(channelId, accountId)),
    commands: createChannelCommands({ sessions, runs, models, agents, db, version: deps.version }),
    preparing: createPreparing({ transcription: deps.transcription, log }),
    answers,
    outbox,
    clock,
    log,
  });
  const intake = createIntake({
    db,
    outbox,
    admission: createAdmission({
      pairing,
      config: { bindings: config.bindings, session: config.session },
      agents,
      clock,
    }),
    onWaiting(account, row, kept) {
      const messageId = kept.message.id;
      events.publish({
        type: "channel.message",
        data: { channelId: account.channelId, sessionKey: row.lane!, messageId },
      });
      if (kept.command) dispatch.command(account, row, kept);
      else dispatch.wake(row.lane!);
    },
    count: deps.count,
    clock,
    log,
  });
  outbox.settled((account, { state }) => deps.count(account.channelId, `out_${state}`));

  /** An account can send now. Once in a process, what an earlier one left is taken up. */
  async function takeUp(account: Account): Promise<void> {
    const name = nameOf(account.channelId, account.accountId);
    try {
      if (!recovered.has(name)) {
        recovered.add(name);
        await outbox.recover(account);
        await dispatch.wakeAll();
      }
      outbox.poke(account);
    } catch (error) {
      recovered.delete(name);
      log.error(
        { err: error, channel: account.channelId },
        "what an earlier start left could not be taken up",
      );
    }
  }

  return {
    outbox,
    pairing,
    add(plan) {
      const account = createAccount({
        plan,
        load,
        receive: (to, message) => intake.receive(to, message),
        rejected: (at, reason, facts) => intake.rejected(at, reason, facts),
        onChange(changed) {
          deps.onChange(changed);
          if (changed.isConnected()) void takeUp(changed); // it never rejects
        },
        clock,
        random,
        log,
      });
      accounts.set(nameOf(account.channelId, account.accountId), account);
      return account;
    },
    async remove(account) {
      await account.stop();
      const name = nameOf(account.channelId, account.accountId);
      accounts.delete(name);
      recovered.delete(name);
    },
    accounts: (channelId) =>
      [...accounts.values()].filter((it) => channelId === undefined || it.channelId === channelId),
    stop() {
      stopping = true;
      dispatch.stop();
    },
    async close() {
      stopping = true;
      await dispatch.close();
      await outbox.close(sendGraceMs);
      await Promise.all([...accounts.values()].map((account) => account.stop()));
    },
  };
}
