import { GatewayError } from "../../lib/errors.ts";
import { Secret } from "../../lib/secrets.ts";
import { hmacSha256 } from "../signatures.ts";
import type { AccountSetup, ChannelAdapter, ChannelModule } from "../types.ts";
import { type Bot, type Calls, createBotApi } from "./bot-api.ts";
import { destinationOf, idOfName, placeOf, withoutPrefix } from "./destinations.ts";
import { notSent, queryFailure } from "./failures.ts";
import { fetchFile } from "./files.ts";
import { telegramHtml, visibleText } from "./format.ts";
import { inboundOf } from "./inbound.ts";
import { live } from "./lifetime.ts";
import { editMessage, sendMessage } from "./outbound.ts";
import { type Settings, settings, telegramRoot } from "./settings.ts";
import type { ReadUpdate } from "./take.ts";
import { answerWebhook, type Webhook } from "./webhook.ts";

/** Telegram bots (https://core.telegram.org/bots/api), by polling or by webhook. */
export const channel: ChannelModule<typeof settings> = { settings, create };

function create(setup: AccountSetup<Settings>): ChannelAdapter {
  const { settings, log } = setup;
  const token = tokenOf(settings);
  const webhook = webhookOf(setup, token);
  const api = createBotApi({ apiRoot: settings.apiRoot, token });
  let bot: Bot | undefined;
  let isHinted = false;
  if (settings.inlineQueries?.enabled) {
    log.warn("channels.telegram.inlineQueries.enabled is not supported; the bot answers messages only");
  }

  function reader(found: Bot): ReadUpdate {
    bot = found;
    if (!found.readsGroups && !isHinted) {
      isHinted = true;
      log.info(
        { bot: found.username },
        "this Telegram bot sees only those messages of a group that are meant for it; to change that, send /setprivacy to @BotFather and add the bot to the group anew",
      );
    }
    return read(found);
  }

  function read(found: Bot): ReadUpdate {
    return (update) => inboundOf(update, found, settings);
  }

  /** The calls, once Telegram was reached: before, no library is worth loading. */
  async function ready(signal: AbortSignal): Promise<Calls> {
    bot ??= await api.getMe(signal);
    return api.calls();
  }

  const outbound = (signal: AbortSignal) => ({ isPreviewOff: settings.disableWebPagePreview, signal });

  return {
    traits: {
      textLimit: 4096,
      textLength: (markdown) => visibleText(telegramHtml(markdown)).length,
      idempotentSend: false, // the Bot API has no key for it
      paceMs: { account: 35, chat: 1_000 }, // https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
      media: ["image", "audio", "video", "file"],
      mediaLimit: 50 * 1024 * 1024, // https://core.telegram.org/bots/api#sending-files
      silenceMs: webhook ? 0 : 90_000,
    },
    run: (inbox, { signal }) => live({ api, webhook, reader, log }, inbox, signal),
    async send(to, message, { signal }) {
      const calls = await ready(signal).catch((thrown) => {
        throw notSent(thrown);
      });
      return sendMessage(calls, to, message, outbound(signal));
    },
    async edit(to, messageId, text, { signal }) {
      await editMessage(await ready(signal), to, messageId, text, outbound(signal));
    },
    async typing(to, { signal }) {
      const { raw } = await ready(signal);
      await raw.sendChatAction({ ...placeOf(to, { namesGeneral: true }), action: "typing" }, signal);
    },
    download: (media, options) => fetchFile(api, () => ready(options.signal), media, options),
    destination: (to, { signal }) => destinationOf(to, () => ready(signal), signal),
    resolveName: (name, { signal }) => idOfName(name, () => ready(signal), signal),
    canonicalId: withoutPrefix,
    async isAdmin(chatId, senderId, { signal }) {
      if (senderId === chatId) return true; // an administrator who speaks as the group
      if (senderId.startsWith("-")) return false; // a channel
      try {
        const { raw } = await ready(signal);
        const member = await raw.getChatMember(
          { chat_id: Number(chatId), user_id: Number(senderId) },
          signal,
        );
        return member.status === "creator" || member.status === "administrator";
      } catch (thrown) {
        throw queryFailure(thrown, signal);
      }
    },
    async webhook(request, inbox) {
      if (webhook === undefined) {
        inbox.rejected("not_for_us");
        return { status: 404 };
      }
      const known = bot; // there, since a lifetime began before its inbox could be given here
      if (known === undefined) return { status: 503 };
      return answerWebhook(request, inbox, { secret: webhook.secret, read: read(known), log });
    },
  };
}

function tokenOf({ botToken, token }: Settings): Secret {
  const given = botToken ?? token;
  if (given === undefined) throw wrong("botToken", "Set it to the token that @BotFather shows.");
  return new Secret(given);
}

/** Where Telegram is to send updates; undefined where it is polled. */
function webhookOf({ settings, accountId }: AccountSetup<Settings>, token: Secret): Webhook | undefined {
  const { webhookUrl: url, usePolling, webhookSecret, apiRoot } = settings;
  if (usePolling === true) return undefined;
  if (url === undefined) {
    if (usePolling === false) throw wrong("webhookUrl", "Set it, or leave usePolling out to poll.");
    return undefined;
  }
  // A server of one's own may be on the same machine; Telegram itself takes no less.
  if (!url.startsWith("https:") && URL.parse(apiRoot)?.origin === telegramRoot) {
    throw wrong("webhookUrl", "It must begin with https://.");
  }
  return { url, secret: webhookSecret ?? hmacSha256(token.reveal(), "telegram webhook of ", accountId) };
}

function wrong(key: string, what: string): GatewayError {
  const param = `channels.telegram.${key}`;
  return new GatewayError("invalid_request", `${param}: ${what}`, { param });
}
