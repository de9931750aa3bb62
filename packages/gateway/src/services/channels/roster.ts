import type { Channel, ChannelSection, Config } from "openclaw-protocol";
import type { ChannelEntry } from "../../channels/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import { type ChannelChoice, channelChoices, keepChannelChoice } from "../../storage/channel-choices.ts";
import type { Database } from "../../storage/database.ts";
import type { Events } from "../events.ts";
import type { Account } from "./account.ts";
import { type AccountPlan, accountPlans } from "./plan.ts";
import type { Supervision } from "./supervision.ts";
import { channelView } from "./view.ts";

export interface RosterDeps {
  db: Database;
  config: Config;
  entries: readonly ChannelEntry[];
  /** A variable of the environment. */
  variable(name: string): string | undefined;
  /** What keeps accounts joined, loaded when there is one. */
  supervise(onChange: (account: Account) => void): Promise<Supervision>;
  events: Events;
  clock: Clock;
  /** Ids of channels that are no entries. */
  others: readonly string[];
}

/** Which channels there are, how they are configured and switched, and their accounts. */
export interface Roster {
  entries(): readonly ChannelEntry[];
  addEntries(more: readonly ChannelEntry[]): void;
  /** Throws `not_found`. */
  find(channelId: string): ChannelEntry;
  plansOf(entry: ChannelEntry): readonly AccountPlan[];
  /** The row of a channel. */
  view(entry: ChannelEntry, choice: ChannelChoice | undefined): Channel;
  viewOf(entry: ChannelEntry): Promise<Channel>;
  isOn(entry: ChannelEntry, choice: ChannelChoice | undefined): boolean;
  /** The account that is meant. Throws `invalid_request` naming the key that is missing. */
  configured(entry: ChannelEntry, accountId: string | undefined): Promise<Account>;
  /** As `configured`; throws `service_unavailable` while it cannot work. */
  usable(channelId: string, accountId: string | undefined): Promise<Account>;
  switchTo(entry: ChannelEntry, on: boolean): Promise<void>;
  /** Keeps what somebody chose by hand. */
  choose(channelId: string, enabled: boolean): Promise<void>;
  /** From now on this is the channel's section: its accounts are made anew. */
  renew(entry: ChannelEntry, section: ChannelSection | undefined): Promise<void>;
  supervision(): Promise<Supervision>;
  /** Undefined until somebody needed it. */
  running(): Supervision | undefined;
  close(): void;
}

export function createRoster(deps: RosterDeps): Roster {
  const { db, events, clock } = deps;
  let entries = [...deps.entries];
  const sections: Record<string, ChannelSection | undefined> = { ...deps.config.channels };
  const plans = new Map<string, AccountPlan[]>();
  let supervising: Promise<Supervision> | undefined;
  let running: Supervision | undefined;
  let closed = false;

  function supervision(): Promise<Supervision> {
    supervising ??= deps
      .supervise((account) => void announce(account.channelId))
      .then((it) => {
        running = it;
        return it;
      });
    return supervising;
  }

  function plansOf(entry: ChannelEntry): AccountPlan[] {
    const known = plans.get(entry.id);
    if (known) return known;
    const made = accountPlans(entry, sections[entry.id], deps.variable);
    plans.set(entry.id, made);
    return made;
  }

  function find(channelId: string): ChannelEntry {
    const entry = entries.find((it) => it.id === channelId);
    if (entry) return entry;
    const ids = [...entries.map((it) => it.id), ...deps.others].join(", ");
    throw new GatewayError("not_found", `There is no channel "${channelId}". Known: ${ids}.`, {
      param: "channelId",
    });
  }

  function isOn(entry: ChannelEntry, choice: ChannelChoice | undefined): boolean {
    const section = sections[entry.id];
    return choice?.enabled ?? (section !== undefined && section.enabled !== false);
  }

  function view(entry: ChannelEntry, choice: ChannelChoice | undefined): Channel {
    const enabled = isOn(entry, choice);
    const accounts = running?.accounts(entry.id) ?? [];
    const row = channelView(entry, accounts, enabled);
    if (accounts.length > 0) return row;
    const own = plansOf(entry);
    const missing = own[0]?.missing;
    if (own.length === 0 || missing !== undefined) {
      return { ...row, lastError: missing === undefined ? null : `Set ${missing} in openclaw.json.` };
    }
    return { ...row, status: enabled ? "connecting" : "disabled" };
  }

  async function viewOf(entry: ChannelEntry): Promise<Channel> {
    return view(entry, (await channelChoices(db.read)).get(entry.id));
  }

  async function announce(channelId: string): Promise<void> {
    const entry = entries.find((it) => it.id === channelId);
    if (!entry || closed || !events.hasListeners()) return;
    events.publish({ type: "channel.status", data: await viewOf(entry) });
  }

  /** The account that is meant, loaded and able to work. */
  async function usable(channelId: string, accountId: string | undefined): Promise<Account> {
    const account = await configured(find(channelId), accountId);
    if (account.loaded()) return account;
    const { lastError } = account.view();
    throw new GatewayError(
      "service_unavailable",
      `${account.plan.entry.name} is not connected: ${lastError ?? "it is switched off."}`,
      { param: "channelId" },
    );
  }

  async function configured(entry: ChannelEntry, accountId: string | undefined): Promise<Account> {
    const own = plansOf(entry);
    const missing = own[0]?.missing ?? (own.length === 0 ? missingKey(entry) : undefined);
    if (missing !== undefined && own.every((it) => it.missing !== undefined)) {
      throw new GatewayError(
        "invalid_request",
        `${entry.name} is not configured: set ${missing} in openclaw.json.`,
        { param: missing },
      );
    }
    await begin(entry);
    const accounts = (await supervision()).accounts(entry.id);
    const account = accountId === undefined ? accounts[0] : accounts.find((it) => it.accountId === accountId);
    if (account) return account;
    const names = accounts.map((it) => it.accountId).join(", ");
    throw new GatewayError("not_found", `${entry.name} has no account "${accountId}". It has: ${names}.`, {
      param: "accountId",
    });
  }

  /** Makes the accounts of a channel, without starting them. */
  async function begin(entry: ChannelEntry): Promise<Account[]> {
    const { accounts, add } = await supervision();
    const there = accounts(entry.id);
    return there.length > 0 ? there : plansOf(entry).map(add);
  }

  /** Ends a channel's accounts and makes them anew from its section. */
  async function renew(entry: ChannelEntry, section: ChannelSection | undefined): Promise<void> {
    sections[entry.id] = section;
    const { accounts, remove } = await supervision();
    await Promise.all(accounts(entry.id).map(remove));
    plans.delete(entry.id);
    await switchTo(entry, isOn(entry, (await channelChoices(db.read)).get(entry.id)));
  }

  async function switchTo(entry: ChannelEntry, on: boolean): Promise<void> {
    if (plansOf(entry).length === 0) return;
    const accounts = await begin(entry);
    if (!on) await Promise.all(accounts.map((it) => it.stop()));
    else
      for (const it of accounts) if (it.plan.settings.enabled !== false || accounts.length === 1) it.start();
  }

  async function choose(channelId: string, enabled: boolean): Promise<void> {
    await db.write((tx) => keepChannelChoice(tx, channelId, enabled, clock.now()));
  }

  return {
    entries: () => entries,
    addEntries(more) {
      entries = [...entries, ...more];
    },
    find,
    plansOf,
    view,
    viewOf,
    isOn,
    configured,
    usable,
    switchTo,
    choose,
    renew,
    supervision,
    running: () => running,
    close() {
      closed = true;
    },
  };
}

/** The key that a channel without a section lacks. */
function missingKey(entry: ChannelEntry): string {
  const need = entry.needs.find((it) => it.when === undefined);
  return need ? `channels.${entry.id}.${need.key}` : `channels.${entry.id}`;
}
