import type { AccountSetup } from "../types.ts";
import type { Api } from "./api.ts";
import type { Channels } from "./channels.ts";
import type { Guilds } from "./guilds.ts";
import type { Settings } from "./settings.ts";

/** What all parts of one account's adapter share. */
export interface Account {
  setup: AccountSetup<Settings>;
  token: string;
  intents: number;
  api: Api;
  channels: Channels;
  guilds: Guilds;
}
