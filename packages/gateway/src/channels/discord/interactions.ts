import type { InboundMessage } from "../types.ts";
import type { Api } from "./api.ts";
import type { Place } from "./channels.ts";
import { groupChat, senderOf } from "./inbound.ts";
import { isThread, timeOf, type WireInteraction } from "./wire.ts";

/**
 * A slash command as a message. Undefined: another kind of interaction, or one without a channel to answer in.
 * https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
 */
export function readInteraction(interaction: WireInteraction, botId: string): InboundMessage | undefined {
  const { data, channel, guild_id } = interaction;
  const user = interaction.member?.user ?? interaction.user;
  const channelId = interaction.channel_id ?? channel?.id;
  if (interaction.type !== 2 || data === undefined || (data.type ?? 1) !== 1) return undefined;
  if (user === undefined || channelId === undefined) return undefined;
  const values = (data.options ?? []).flatMap((it) =>
    it.value === undefined ? [] : [String(it.value).trim()],
  );
  const place: Place = {
    id: channelId,
    type: channel?.type ?? 0,
    guildId: guild_id,
    parentId: isThread(channel?.type ?? 0) ? (channel?.parent_id ?? undefined) : undefined,
    name: channel?.name ?? undefined,
  };
  const isGroup = guild_id !== undefined || channel?.type === 3;
  return {
    id: interaction.id,
    sentAt: timeOf(interaction.id),
    chat: isGroup ? groupChat(channelId, guild_id, place) : { id: channelId, kind: "dm" },
    sender: senderOf(user, botId, { nick: interaction.member?.nick }),
    text: [`/${data.name}`, ...values].join(" "),
    ...(isGroup && { mentioned: true }),
  };
}

/** Tells the one who typed the command, and nobody else, that it was taken; the answer itself is a message. */
export async function acknowledge(
  api: Api,
  { id, token }: WireInteraction,
  { text, signal }: { text: string; signal: AbortSignal },
): Promise<void> {
  const body = { type: 4, data: { content: text, flags: 64, allowed_mentions: { parse: [] } } };
  await api.call("post", `/interactions/${id}/${token}/callback`, { body, isUnsigned: true, signal });
}
