import { GatewayError } from "../../lib/errors.ts";
import type { ChannelModule } from "../types.ts";
import { discordAdapter } from "./adapter.ts";
import { defaultIntents, intentsOf } from "./intents.ts";
import { settings } from "./settings.ts";

/** Discord, as a bot: its gateway for what comes in, its REST API for what goes out. */
export const channel: ChannelModule<typeof settings> = {
  settings,
  create(setup) {
    const token = setup.settings.botToken ?? setup.settings.token;
    if (token === undefined) {
      throw new GatewayError(
        "invalid_request",
        "Discord needs channels.discord.botToken: the token of your bot from the Discord developer portal -> Bot.",
        { param: "channels.discord.botToken" },
      );
    }
    let intents = intentsOf(setup.settings.intents);
    if (intents === undefined) {
      setup.log.warn(
        "channels.discord.intents is no number of intents (is it one of permissions?); the default is used",
      );
      intents = defaultIntents;
    }
    return discordAdapter(setup, { token, intents });
  },
};
