import { z } from "zod";
import { onAbort } from "../../../lib/signals.ts";
import { type AccountSetup, type ChannelAdapter, type Inbox, JoinError } from "../../types.ts";
import { noAddress, phoneDigits } from "../both/addresses.ts";
import { whatsappText } from "../both/format.ts";
import type { Settings } from "../both/settings.ts";
import { downloadMedia } from "./downloads.ts";
import { joinErrorOf } from "./failures.ts";
import { type Graph, graphOf } from "./graph.ts";
import { sendMessage } from "./outbound.ts";
import { answerWebhook } from "./webhook.ts";

/** So many chats' last messages are remembered, for showing that an answer is being made. */
const mostChats = 1_000;

/** An account of Meta's Cloud API (https://developers.facebook.com/docs/whatsapp/cloud-api): it hears by webhook, it speaks by HTTP. */
export function cloudAdapter(
  { settings, log }: AccountSetup<Settings>,
  { phoneNumberId, accessToken }: { phoneNumberId: string; accessToken: string },
): ChannelAdapter {
  const { appSecret, verifyToken, template } = settings;
  const graph = graphOf({ ...settings, accessToken });
  const lastMessages = new Map<string, string>();

  return {
    traits: {
      textLimit: 4096,
      textLength: (markdown) => whatsappText(markdown).length,
      idempotentSend: false, // the API has no key for it
      paceMs: { account: 13, chat: 6_000 / 45 }, // 80 a second; bursts of 45 in 6 seconds to one person
      media: ["image", "audio", "video", "file"],
      mediaLimit: 100 * 1024 * 1024,
      silenceMs: 0,
    },
    async run(inbox, { signal }) {
      if (appSecret === undefined) {
        throw new JoinError(
          "settings",
          "Set channels.whatsapp.appSecret: without it nobody could tell Meta's webhooks from forged ones.",
        );
      }
      await join(graph, phoneNumberId, inbox, signal);
      await aborted(signal);
    },
    send: (to, message, { signal }) => sendMessage({ graph, phoneNumberId, template }, to, message, signal),
    async typing(to, { signal }) {
      const messageId = lastMessages.get(to.chatId);
      if (messageId === undefined) return;
      const body = {
        messaging_product: "whatsapp",
        status: "read",
        message_id: messageId,
        typing_indicator: { type: "text" },
      };
      await graph.post(`${phoneNumberId}/messages`, body, signal);
    },
    download: (media, options) => downloadMedia(graph, media, options),
    async destination(to) {
      const digits = phoneDigits(to);
      if (digits === undefined) throw noAddress("a number with its country code, as in +49 170 1234567");
      return { chatId: digits };
    },
    canonicalId: (id) => phoneDigits(id) ?? id,
    webhook(request, inbox) {
      return answerWebhook(request, inbox, {
        phoneNumberId,
        appSecret,
        verifyToken,
        log,
        onMessage({ id, chat }) {
          lastMessages.delete(chat.id);
          lastMessages.set(chat.id, id);
          if (lastMessages.size > mostChats) lastMessages.delete(lastMessages.keys().next().value!);
        },
      });
    },
  };
}

const phone = z.object({ display_phone_number: z.string().optional(), verified_name: z.string().optional() });

/** Tries the token, and learns what the number is called. */
async function join(graph: Graph, phoneNumberId: string, inbox: Inbox, signal: AbortSignal): Promise<void> {
  const path = `${phoneNumberId}?fields=display_phone_number,verified_name`;
  const answer = await graph.get(path, signal).catch((cause: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw new Error("Meta's Graph API cannot be reached. Check the network, and channels.whatsapp.apiRoot.", {
      cause,
    });
  });
  const found = phone.safeParse(answer.body);
  if (answer.status !== 200 || !found.success) {
    throw joinErrorOf(answer) ?? new Error(`Meta's Graph API answered ${answer.status}.`);
  }
  const { display_phone_number: account, verified_name: botUsername } = found.data;
  inbox.connected({ account, botUsername, id: account?.replace(/\D/g, "") });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    onAbort(signal, resolve);
  });
}
