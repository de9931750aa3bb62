import type { Channel, ChannelStatus, Config, ResultOf } from "openclaw-protocol";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import { type ChannelChoice, channelChoices, keepChannelChoice } from "../../storage/channel-choices.ts";
import type { Database } from "../../storage/database.ts";
import type { Events } from "../events.ts";
import { type KnownChannel, knownChannels } from "./known.ts";

/** Messengers and their state. No adapter is part of this version, and every answer says so. */
export interface Channels {
  list(): Promise<Channel[]>;
  status(channelId: string): Promise<ResultOf<"channel.status">>;
  setEnabled(channelId: string, enabled: boolean): Promise<Channel>;
  /** Always fails: the channel cannot be reached. */
  unavailable(channelId: string): never;
}

export interface ChannelsDeps {
  db: Database;
  config: Config["channels"];
  events: Events;
  clock: Clock;
}

export function createChannels({ db, config, events, clock }: ChannelsDeps): Channels {
  function find(channelId: string): KnownChannel {
    const channel = knownChannels.find((it) => it.id === channelId);
    if (channel) return channel;
    const ids = knownChannels.map((it) => it.id).join(", ");
    throw new GatewayError("not_found", `There is no channel "${channelId}". Known: ${ids}.`, {
      param: "channelId",
    });
  }

  /** The key that a channel's configuration lacks, from the root; undefined when it is whole. */
  function missingKey(channel: KnownChannel): string | undefined {
    const section = `channels.${channel.id}`;
    const set = config[channel.id];
    if (channel.requires.length === 0) return set === undefined ? section : undefined;
    const missing = channel.requires.find((key) => !set?.[key]);
    return missing && `${section}.${missing}`;
  }

  function view(channel: KnownChannel, choice: ChannelChoice | undefined): Channel {
    const enabled = choice?.enabled ?? config[channel.id]?.enabled ?? false;
    const status = statusOf(channel, enabled);
    return {
      id: channel.id,
      name: channel.name,
      enabled,
      status,
      lastError: status === "error" ? noAdapter(channel) : null,
      since: choice ? isoTime(choice.changedAt) : null,
      capabilities: [...channel.capabilities],
    };
  }

  function statusOf(channel: KnownChannel, enabled: boolean): ChannelStatus {
    if (missingKey(channel) !== undefined) return "not_configured";
    return enabled ? "error" : "disabled";
  }

  function noAdapter(channel: KnownChannel): string {
    return `This version of OpenClaw cannot connect to ${channel.name} yet. See CHANGELOG.md for the version that can.`;
  }

  return {
    async list() {
      const choices = await channelChoices(db.read);
      return knownChannels.map((channel) => view(channel, choices.get(channel.id)));
    },

    async status(channelId) {
      const channel = find(channelId);
      const choices = await channelChoices(db.read);
      const traffic = { lastInboundAt: null, lastOutboundAt: null, queued: 0, reconnects: 0 };
      return { ...view(channel, choices.get(channelId)), ...traffic };
    },

    async setEnabled(channelId, enabled) {
      const channel = find(channelId);
      const param = missingKey(channel);
      if (enabled && param !== undefined) {
        throw new GatewayError(
          "invalid_request",
          `${channel.name} is not configured: set ${param} in openclaw.json.`,
          {
            param,
          },
        );
      }
      const now = clock.now();
      await db.write((tx) => keepChannelChoice(tx, channelId, enabled, now));
      const row = view(channel, { enabled, changedAt: now });
      events.publish({ type: "channel.status", data: row });
      return row;
    },

    unavailable(channelId) {
      throw new GatewayError("service_unavailable", noAdapter(find(channelId)), { param: "channelId" });
    },
  };
}
