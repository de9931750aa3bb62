import { GatewayError } from "../../../lib/errors.ts";
import { type AccountSetup, type ChannelAdapter, SendError } from "../../types.ts";
import { whatsappText } from "../both/format.ts";
import type { Settings } from "../both/settings.ts";
import { downloadMedia } from "./downloads.ts";
import { destinationJid, jidOf, keyIdOf, plainJid } from "./jids.ts";
import { live } from "./lifetime.ts";
import { type Link, memory } from "./link.ts";
import { editContent, keyIdFor, sendMessage } from "./outbound.ts";

/** An account as a linked device, by the package baileys (https://baileys.wiki), as WhatsApp Web is one. */
export function webAdapter(setup: AccountSetup<Settings>): ChannelAdapter {
  const { settings, state } = setup;
  const url = urlOf(settings);
  const sent = memory();
  const received = memory();
  let current: Link | undefined;

  function link(): Link {
    if (current !== undefined) return current;
    throw new SendError("later", "WhatsApp is not connected now.");
  }

  return {
    traits: {
      textLimit: 4096,
      textLength: (markdown) => whatsappText(markdown).length,
      idempotentSend: false, // a repeat has the same id, but WhatsApp promises nothing for it
      paceMs: { account: 300, chat: 1_000 },
      media: ["image", "audio", "video", "file"],
      mediaLimit: 64 * 1024 * 1024,
      silenceMs: 90_000,
    },
    run: (inbox, options) =>
      live(
        {
          setup,
          url: url.href,
          sent,
          received,
          onLink: (it) => {
            current = it;
          },
        },
        inbox,
        options,
      ),
    send: async (to, message, options) => sendMessage(link(), received, to, message, options),
    async edit({ chatId }, messageId, text, { signal, idempotencyKey }) {
      const content = editContent(chatId, keyIdOf(messageId), whatsappText(text));
      await link().send(chatId, content, { keyId: keyIdFor(idempotencyKey), signal });
    },
    async typing({ chatId }) {
      await current?.socket.sendPresenceUpdate("composing", chatId);
    },
    download: (media, options) =>
      downloadMedia(media, {
        ...options,
        extraOrigin: isOwnServer(settings) ? url.origin.replace(/^ws/, "http") : undefined,
      }),
    destination: async (to) => ({ chatId: destinationJid(to) }),
    canonicalId: (id) => jidOf(id) ?? plainJid(id),
    async isAdmin(chatId, senderId, { signal }) {
      const { participants } = await link().group(chatId, signal);
      const found = participants.find((it) =>
        [it.id, it.phoneNumber, it.lid].some((jid) => jid && plainJid(jid) === plainJid(senderId)),
      );
      return Boolean(found?.admin);
    },
    async logout() {
      await current?.socket.logout();
      await state.clear();
    },
  };
}

function isOwnServer({ apiRoot, webSocketUrl }: Settings): boolean {
  return (webSocketUrl ?? apiRoot) !== undefined;
}

function urlOf({ apiRoot, webSocketUrl }: Settings): URL {
  const key = webSocketUrl === undefined ? "apiRoot" : "webSocketUrl";
  const url = new URL(webSocketUrl ?? apiRoot ?? "wss://web.whatsapp.com/ws/chat");
  if (url.protocol === "ws:" || url.protocol === "wss:") return url;
  throw new GatewayError(
    "invalid_request",
    `channels.whatsapp.${key} must begin with ws:// or wss:// for a linked device.`,
    {
      param: `channels.whatsapp.${key}`,
    },
  );
}
