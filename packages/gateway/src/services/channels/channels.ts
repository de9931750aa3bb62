import type { Channel, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import type { ChannelEntry, WebhookAnswer, WebhookRequest } from "../../channels/types.ts";
import type { ConfigFile } from "../../config/write.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import type { Outbound } from "../../lib/net.ts";
import { channelChoices } from "../../storage/channel-choices.ts";
import type { Caller } from "../access.ts";
import type { Pairings } from "./pairing.ts";
import { createRoster, type RosterDeps } from "./roster.ts";
import { accountView, noCounts, trafficOf } from "./view.ts";
import { createWebchat } from "./webchat.ts";

type Answer = { caller: Caller; signal: AbortSignal };

/** Messengers: their state, and everything that can be done with them. What is not configured is not loaded. */
export interface Channels {
  list(): Promise<Channel[]>;
  status(channelId: string): Promise<ResultOf<"channel.status">>;
  setEnabled(channelId: string, enabled: boolean): Promise<Channel>;
  login(params: ParsedParamsOf<"channel.login">, signal: AbortSignal): Promise<ResultOf<"channel.login">>;
  logout(params: ParsedParamsOf<"channel.logout">, signal: AbortSignal): Promise<Channel>;
  add(params: ParsedParamsOf<"channel.add">): Promise<Channel>;
  remove(params: ParsedParamsOf<"channel.remove">): Promise<Channel>;
  send(params: ParsedParamsOf<"channel.send">, by: Answer): Promise<ResultOf<"channel.send">>;
  deliveries(query: ParsedParamsOf<"channel.deliveries">): Promise<ResultOf<"channel.deliveries">>;
  retry(params: ParsedParamsOf<"channel.retry">): Promise<ResultOf<"channel.retry">>;
  pairing: Pairings;
  webhook(channelId: string, accountId: string, request: WebhookRequest): Promise<WebhookAnswer>;
  /** Joins what is configured and switched on. To be called once the port is open; never rejects. */
  start(): Promise<void>;
  /** Takes no message any more; to be called before the runs are drained. */
  stop(): void;
  /** To be called when the runs have ended. */
  close(): Promise<void>;
}

export interface ChannelsDeps extends Omit<RosterDeps, "others"> {
  file: ConfigFile;
  /** Channels that a plugin brings. */
  plugins(): Promise<readonly ChannelEntry[]>;
  outbound(): Promise<Outbound>;
  ids: MakeId;
  log: Log;
}

export function createChannels(deps: ChannelsDeps): Channels {
  let closed = false;
  let hasStarted = false;
  const { db, events, clock, log } = deps;
  const webchat = createWebchat({ db, events, ids: deps.ids, clock });
  const roster = createRoster({ ...deps, others: [webchat.id] });
  const { find, plansOf, view, viewOf, configured, usable, supervision } = roster;

  async function fileEdits() {
    const { createChannelConfig } = await import("./config-edits.ts");
    return createChannelConfig(deps.file, log);
  }

  const pairing = async () => (await supervision()).pairing;

  return {
    async list() {
      const choices = await channelChoices(db.read);
      return [...roster.entries().map((entry) => view(entry, choices.get(entry.id))), webchat.view()];
    },

    async status(channelId) {
      if (channelId === webchat.id) return webchat.status();
      const entry = find(channelId);
      const accounts = roster.running()?.accounts(entry.id) ?? [];
      const row = await viewOf(entry);
      if (accounts.length === 0) return { ...row, ...trafficOf([]), accounts: [] };
      const { countsOf } = await import("./counts.ts");
      const counts = await countsOf(db.read, entry.id);
      const views = accounts.map((it) => accountView(it, counts.get(it.accountId) ?? noCounts));
      return { ...row, ...trafficOf(views), accounts: views };
    },

    async setEnabled(channelId, enabled) {
      if (channelId === webchat.id) {
        if (enabled) return webchat.view();
        throw new GatewayError("invalid_request", "WebChat is the API itself and cannot be switched off.", {
          param: "channelId",
        });
      }
      const entry = find(channelId);
      if (enabled) await configured(entry, undefined);
      await roster.choose(entry.id, enabled);
      await roster.switchTo(entry, enabled);
      const row = await viewOf(entry);
      events.publish({ type: "channel.status", data: row });
      return row;
    },

    async login({ channelId, accountId, method, phoneNumber }, signal) {
      const account = await configured(find(channelId), accountId);
      await roster.choose(channelId, true);
      const { logIn } = await import("./login.ts");
      return logIn(account, { method, phoneNumber }, signal);
    },

    async logout({ channelId, accountId }, signal) {
      const entry = find(channelId);
      const account = await configured(entry, accountId);
      const adapter = account.loaded()?.adapter;
      if (adapter?.logout) await adapter.logout({ signal });
      await account.stop();
      await roster.choose(channelId, false);
      return viewOf(entry);
    },

    async add({ channelId, accountId, settings }) {
      const entry = find(channelId);
      const section = await (await fileEdits()).set(channelId, accountId, settings);
      await roster.choose(channelId, true);
      await roster.renew(entry, section);
      events.publish({ type: "config.changed", data: { paths: [`channels.${channelId}`] } });
      return viewOf(entry);
    },

    async remove({ channelId, accountId }) {
      const entry = find(channelId);
      const own = plansOf(entry);
      if (accountId !== undefined && !own.some((it) => it.accountId === accountId)) {
        throw new GatewayError("not_found", `${entry.name} has no account "${accountId}".`, {
          param: "accountId",
        });
      }
      await roster.renew(entry, await (await fileEdits()).remove(channelId, accountId));
      events.publish({ type: "config.changed", data: { paths: [`channels.${channelId}`] } });
      return viewOf(entry);
    },

    async send({ channelId, accountId, ...wish }, { caller, signal }) {
      if (channelId === webchat.id) return webchat.send(wish);
      const account = await usable(channelId, accountId);
      const { createSending } = await import("./sending.ts");
      const { outbox } = await supervision();
      const newId = () => deps.ids("send");
      const send = createSending({ db, outbox, outbound: deps.outbound, newId });
      return send(account, wish, { caller: caller.id, signal });
    },

    async deliveries(query) {
      const entry = find(query.channelId);
      const { listDeliveries } = await import("./counts.ts");
      return { deliveries: await listDeliveries(db.read, query, plansOf(entry)) };
    },

    async retry({ channelId, deliveryId }) {
      const entry = find(channelId);
      const { outbox, accounts } = await supervision();
      const { retryDelivery } = await import("./counts.ts");
      const row = await retryDelivery(db, { channelId, deliveryId, now: clock.now() }, plansOf(entry));
      const account = accounts(channelId).find((it) => it.accountId === row.accountId);
      if (account) outbox.poke(account);
      return row;
    },

    pairing: {
      isApproved: async (place) => (await pairing()).isApproved(place),
      request: async (place) => (await pairing()).request(place),
      list: async (query) => (await pairing()).list(query),
      async approve(params, caller) {
        find(params.channelId);
        const { pairing: pairings, outbox, accounts } = await supervision();
        const approved = await pairings.approve(params, caller);
        const { channelId, accountId } = approved.pairing;
        const account = accounts(channelId).find((it) => it.accountId === accountId);
        if (account) {
          const to = { chatId: approved.chatId };
          const pieces = [{ text: "You may speak to me now. What can I do for you?" }];
          await db.write((tx) => outbox.put(tx, account, { batch: deps.ids("paired"), to, pieces }));
          outbox.poke(account);
        }
        return approved;
      },
      remove: async (params, caller) => (await pairing()).remove(params, caller),
      clear: async (params, caller) => (await pairing()).clear(params, caller),
      history: async (query) => (await pairing()).history(query),
    },

    async webhook(channelId, accountId, request) {
      const account = roster
        .running()
        ?.accounts(channelId)
        .find((it) => it.accountId === accountId);
      if (account) return account.webhook(request);
      const entry = roster.entries().find((it) => it.id === channelId);
      if (!closed && !hasStarted && entry && plansOf(entry).some((it) => it.accountId === accountId)) {
        const soon = { retryAfterMs: 5_000 };
        throw new GatewayError("service_unavailable", "The channel is not there yet. Try again soon.", soon);
      }
      throw new GatewayError("not_found", "There is nothing at this path.");
    },

    async start() {
      try {
        roster.addEntries(await deps.plugins());
        const choices = await channelChoices(db.read);
        for (const entry of roster.entries()) {
          if (closed || plansOf(entry).length === 0) continue;
          await roster.switchTo(entry, roster.isOn(entry, choices.get(entry.id)));
        }
      } catch (error) {
        log.error({ err: error }, "the channels could not be started");
      } finally {
        hasStarted = true;
      }
    },

    stop() {
      closed = true;
      roster.close();
      roster.running()?.stop();
    },

    async close() {
      closed = true;
      roster.close();
      await roster.running()?.close();
    },
  };
}
