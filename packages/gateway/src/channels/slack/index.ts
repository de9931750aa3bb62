import { once } from "node:events";
import type {
  AccountSetup,
  ChannelAdapter,
  ChannelModule,
  ChannelTraits,
  Inbox,
  RunOptions,
} from "../types.ts";
import { createApi, type Self, whoAmI } from "./api.ts";
import { fetchFile } from "./files.ts";
import { mrkdwn } from "./format.ts";
import { canonicalId, destinationOf, isAdministrator, memberOf } from "./lookup.ts";
import { post, update } from "./outbound.ts";
import { joinFailure } from "./outcome.ts";
import { optionsOf, type Settings, settings } from "./settings.ts";
import { receiveBySocket, usualPatience } from "./socket.ts";
import { takeRequest } from "./webhook.ts";

/** Slack: events by Socket Mode or by HTTP, everything else by its Web API. */
export const channel: ChannelModule<typeof settings> = { settings, create: (setup) => createSlack(setup) };

/** The adapter of an account; `patience` is for tests. */
export function createSlack(setup: AccountSetup<Settings>, patience = usualPatience): ChannelAdapter {
  const options = optionsOf(setup);
  const { intake } = options;
  const api = createApi(options);
  let self: Self | undefined;

  async function run(inbox: Inbox, { signal }: RunOptions): Promise<void> {
    let me: Self;
    try {
      me = await whoAmI(options, { signal });
    } catch (thrown) {
      throw joinFailure(thrown, "botToken");
    }
    self = me;
    let isFirst = true;
    const connected = () => {
      if (isFirst) {
        inbox.connected({ account: me.teamName ?? me.teamId, botUsername: me.userName, id: me.userId });
      }
      isFirst = false;
    };
    if (intake.mode === "socket") {
      const facts = { self: me, options, appToken: intake.appToken, log: setup.log, patience };
      return receiveBySocket(facts, inbox, { signal, connected });
    }
    connected();
    if (!signal.aborted) await once(signal, "abort");
  }

  return {
    traits: traitsOf(intake.mode),
    run,
    send: (to, message, sending) => post(api, to, message, sending),
    edit: (to, messageId, text, sending) => update(api, to, messageId, text, sending),
    download: (media, limits) => fetchFile(media, { api, options }, limits),
    destination: (to, looking) => destinationOf(to, api, looking),
    resolveName: (name, looking) => memberOf(name, api, looking),
    canonicalId,
    isAdmin: (_chatId, senderId, looking) => isAdministrator(senderId, api, looking),
    ...(intake.mode === "http" && {
      webhook: (request, inbox) => {
        const { signingSecret } = intake;
        return takeRequest(request, inbox, { self, options, signingSecret, now: setup.clock.now() });
      },
    }),
  };
}

/**
 * Slack's limits: 4000 characters that it recommends for a text (it cuts at 40,000), a message a second in a channel
 * (https://docs.slack.dev/apis/web-api/rate-limits), 1 GB for a file. There is no key that would keep a repeated post from arriving twice.
 */
function traitsOf(mode: "socket" | "http"): ChannelTraits {
  return {
    textLimit: 4000,
    textLength: (markdown) => mrkdwn(markdown).length,
    idempotentSend: false,
    paceMs: { account: 20, chat: 1000 },
    media: ["image", "audio", "video", "file"],
    mediaLimit: 1024 * 1024 * 1024,
    silenceMs: mode === "socket" ? 120_000 : 0,
  };
}
