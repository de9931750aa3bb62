import type { AccountSetup, ChannelAdapter, ChannelTraits } from "../types.ts";
import type { Account } from "./account.ts";
import { createApi } from "./api.ts";
import { fetchAttachment } from "./attachments.ts";
import { createChannels } from "./channels.ts";
import { destinationOf } from "./destinations.ts";
import { toDiscord } from "./format.ts";
import { createGuilds } from "./guilds.ts";
import { live } from "./lifetime.ts";
import { editMessage, sendMessage, showTyping } from "./outbound.ts";
import type { Settings } from "./settings.ts";

const traits: ChannelTraits = {
  textLimit: 2_000,
  textLength: (markdown) => toDiscord(markdown).length,
  // Discord compares nonces of the last few minutes only; a message may be repeated later than that.
  idempotentSend: false,
  paceMs: { account: 20, chat: 1_000 },
  media: ["image", "audio", "video", "file"],
  mediaLimit: 10 * 1024 * 1024,
  // The gateway is beaten every 41 s or so, and the library notices a missing answer at the next beat.
  silenceMs: 120_000,
};

export function discordAdapter(
  setup: AccountSetup<Settings>,
  { token, intents }: { token: string; intents: number },
): ChannelAdapter {
  const api = createApi({ root: setup.settings.apiRoot, token });
  const channels = createChannels(api);
  const account: Account = {
    setup,
    token,
    intents,
    api,
    channels,
    guilds: createGuilds(api, setup.clock),
  };
  return {
    traits,
    run: (inbox, options) => live(account, inbox, options),
    send: (to, message, options) => sendMessage(api, to, message, options),
    edit: (to, messageId, text, options) => editMessage(api, to, messageId, text, options),
    typing: (to, options) => showTyping(api, to, options),
    download: (media, options) => fetchAttachment(media, api, options),
    destination: (to, options) => destinationOf(to, account, options),
    canonicalId: (id) => /^(?:discord:)?(?:user:|<@!?)?(\d{15,21})>?$/i.exec(id.trim())?.[1] ?? id,
    async isAdmin(chatId, senderId, options) {
      const place = await channels.find(chatId, options);
      return place?.guildId !== undefined && account.guilds.isAdmin(place.guildId, senderId, options);
    },
  };
}
