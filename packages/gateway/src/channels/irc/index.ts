import { GatewayError } from "../../lib/errors.ts";
import {
  type AccountSetup,
  type ChannelAdapter,
  type ChannelModule,
  type ChannelTraits,
  SendError,
} from "../types.ts";
import { isAddressee, lowerAscii } from "./names.ts";
import type { Send } from "./send.ts";
import { accountOf, type Settings, settings } from "./settings.ts";
import { openSocket } from "./socket.ts";

const traits: ChannelTraits = {
  textLimit: 2000,
  textLength,
  idempotentSend: false,
  paceMs: { account: 500, chat: 500 },
  media: [],
  mediaLimit: 0,
  silenceMs: 120_000,
};

/** IRC, as https://modern.ircdocs.horse describes it, with the extensions of https://ircv3.net that a server offers. */
export const channel: ChannelModule<typeof settings> = { settings, create };

function create(setup: AccountSetup<Settings>): ChannelAdapter {
  const account = accountOf(setup.settings);
  let sendNow: Send | undefined;
  return {
    traits,
    async run(inbox, { signal }) {
      const socket = await openSocket(account, signal);
      try {
        const { live } = await import("./life.ts");
        await live({
          socket,
          account,
          setup,
          inbox,
          signal,
          onSend(send) {
            sendNow = send;
          },
        });
      } finally {
        socket.destroy();
      }
    },
    async send(to, { text }, { signal }) {
      if (!sendNow) throw new SendError("later", "The bot is not connected to the IRC server.");
      return sendNow(to, text, signal);
    },
    async destination(to) {
      const chatId = to.trim().replace(/^irc:/i, "");
      if (!isAddressee(chatId)) {
        const message = "Give a channel (#name) or a nickname. Services of the network cannot be written to.";
        throw new GatewayError("invalid_request", message, { param: "to" });
      }
      return { chatId };
    },
    canonicalId,
  };
}

/** Each line of a message takes its turn, so a short one counts like a longer one: at most 20 lines are one message. */
function textLength(markdown: string): number {
  return Math.max(markdown.length, markdown.split("\n").length * 100);
}

/** Only ASCII is folded: which other signs are the same depends on the server. */
function canonicalId(id: string): string {
  return lowerAscii(id.trim());
}
