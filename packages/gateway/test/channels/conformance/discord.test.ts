import { startDiscordPeer } from "./peers/discord.ts";
import { conforms } from "./suite.ts";

conforms("Discord", startDiscordPeer);
