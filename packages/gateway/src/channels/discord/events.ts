import type { z } from "zod";
import type { Inbox } from "../types.ts";
import type { Account } from "./account.ts";
import { missedMessages } from "./catch-up.ts";
import type { Cursors, Seen, Session } from "./cursors.ts";
import { DiscordFailure } from "./failures.ts";
import type { GatewayEvent } from "./gateway.ts";
import { readMessage } from "./inbound.ts";
import { acknowledge, readInteraction } from "./interactions.ts";
import * as wire from "./wire.ts";
import type { WorkLine } from "./work-line.ts";

interface EventsOptions {
  account: Account;
  inbox: Inbox;
  cursors: Cursors;
  line: WorkLine;
  bot: wire.WireUser;
  /** Ends the lifetime. */
  fail(thrown: unknown): void;
  signal: AbortSignal;
}

/** What a lifetime does with the gateway's events (https://discord.com/developers/docs/events/gateway-events). */
export interface Events {
  onEvent(event: GatewayEvent): void;
  onSession(session: Session | undefined): void;
  /**
   * Fetches what the gateway does not tell. A new session begins with its servers, which name their last messages, so
   * only direct messages are asked for; a resumed one should repeat all, and the latest channels show whether it did.
   */
  catchUpAfter(kind: "new" | "resumed"): void;
  settled(): Promise<void>;
}

/** Interactions that may be answered at once; more than a human makes. */
const mostInteractions = 50;
/** Channels that are asked for what was missed, those with the latest messages first. */
const mostAsked = 50;

export function createEvents(options: EventsOptions): Events {
  const { account, inbox, cursors, line, bot, fail, signal } = options;
  const { api, channels, guilds, setup } = account;
  const interactions = new Set<Promise<void>>();
  /** The session as far as the inbox took its messages: what comes after is repeated to the next lifetime. */
  let session = cursors.session();
  /** Whether all that was missed before this session is taken in: only then may the next lifetime go on with it. */
  let isCaughtUp = true;

  function read<T extends z.ZodType>(schema: T, { type, data }: GatewayEvent): z.output<T> | undefined {
    const parsed = schema.safeParse(data);
    if (!parsed.success) inbox.rejected("malformed", { event: type });
    return parsed.data;
  }

  /** Runs in the line: what came before is done. */
  async function take(message: wire.WireMessage): Promise<void> {
    const guildId = message.guild_id;
    const place = guildId === undefined ? undefined : await channels.find(message.channel_id, { signal });
    const said = readMessage(message, {
      botId: bot.id,
      botRoleId: guildId === undefined ? undefined : guilds.botRole(guildId),
      prefix: setup.settings.prefix,
      place,
    });
    if (said) await inbox.receive(said);
    cursors.advance({ channelId: message.channel_id, messageId: message.id, guildId });
  }

  function isDone(sequence: number): void {
    if (session !== undefined && sequence > session.sequence) session = { ...session, sequence };
  }

  function keepSession(): void {
    if (isCaughtUp) cursors.setSession(session);
  }

  function enqueue(work: () => Promise<void>): void {
    if (!line.push(work))
      fail(new Error("More messages come from Discord than can be stored; the rest follows."));
  }

  function catchUp(seen: Seen): void {
    enqueue(async () => {
      const since = cursors.seen(seen.channelId) ?? seen;
      for await (const message of missedMessages(since, { api, cursors, log: setup.log, signal })) {
        await take(message);
        inbox.alive();
      }
    });
  }

  function onGuild(guild: wire.WireGuild): void {
    guilds.learn(guild, bot.id);
    for (const channel of [...(guild.channels ?? []), ...(guild.threads ?? [])]) {
      channels.learn(channel, guild.id);
      const seen = cursors.seen(channel.id);
      const last = channel.last_message_id;
      if (seen && last && wire.byAge(last, seen.messageId) > 0) catchUp(seen);
    }
  }

  async function onInteraction(interaction: wire.WireInteraction): Promise<void> {
    const said = readInteraction(interaction, bot.id);
    if (!said) return;
    try {
      await inbox.receive(said);
    } catch (thrown) {
      fail(thrown); // not answered: Discord tells the user that it failed
      return;
    }
    try {
      await acknowledge(api, interaction, {
        text: `\`${said.text.slice(0, 200).replaceAll("`", "'")}\``,
        signal,
      });
    } catch (thrown) {
      // Too late, or Discord is not to be reached: the message itself was taken.
      if (!(thrown instanceof DiscordFailure) && !signal.aborted) throw thrown;
    }
  }

  function handle(event: GatewayEvent): void {
    switch (event.type) {
      case "MESSAGE_CREATE": {
        const message = read(wire.message, event);
        if (message) {
          enqueue(async () => {
            await take(message);
            isDone(event.sequence);
            keepSession();
          });
        }
        return;
      }
      case "INTERACTION_CREATE": {
        const interaction = read(wire.interaction, event);
        if (!interaction || interactions.size >= mostInteractions) return;
        const work = onInteraction(interaction)
          .catch(fail)
          .finally(() => interactions.delete(work));
        interactions.add(work);
        return;
      }
      case "GUILD_CREATE": {
        const guild = read(wire.guild, event);
        if (guild) onGuild(guild);
        return;
      }
      case "CHANNEL_CREATE":
      case "CHANNEL_UPDATE":
      case "THREAD_CREATE":
      case "THREAD_UPDATE": {
        const channel = read(wire.channel, event);
        if (channel) channels.learn(channel);
        return;
      }
      case "CHANNEL_DELETE":
      case "THREAD_DELETE": {
        const channel = wire.channel.safeParse(event.data).data;
        if (channel) channels.drop(channel.id);
        return;
      }
      default:
    }
  }

  return {
    onEvent(event) {
      inbox.alive();
      handle(event);
      if (line.isEmpty && interactions.size === 0) isDone(event.sequence);
    },
    onSession(next) {
      session = next;
      isCaughtUp = false;
      cursors.setSession(undefined);
    },
    catchUpAfter(kind) {
      const isAskedFor = (seen: Seen) => kind === "resumed" || seen.guildId === undefined;
      for (const seen of cursors.all().filter(isAskedFor).slice(0, mostAsked)) catchUp(seen);
      enqueue(async () => {
        isCaughtUp = true;
      });
    },
    async settled() {
      await Promise.all(interactions);
      keepSession();
    },
  };
}
