import { JoinError } from "../types.ts";
import { privilegedNames } from "./intents.ts";

const portal = "Discord developer portal -> your application -> Bot";

/**
 * What a close code means that no reconnecting can mend; undefined: it can.
 * https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
 */
export function closeError(code: number, intents: number): JoinError | undefined {
  switch (code) {
    case 4004:
      return new JoinError(
        "settings",
        `botToken is wrong: Discord's gateway does not accept it. Make a new one in the ${portal} -> Reset Token.`,
      );
    case 4010:
    case 4011:
      return new JoinError(
        "settings",
        "The bot is on too many servers for one connection. Take it off some.",
      );
    case 4012:
      return new JoinError(
        "settings",
        "Discord's gateway does not speak version 10 any more. Update OpenClaw.",
      );
    case 4013:
      return new JoinError(
        "settings",
        "Discord does not know the intents of channels.discord.intents. Leave the key out: the default has Message Content.",
      );
    case 4014: {
      const names = privilegedNames(intents).join(" and ");
      return new JoinError(
        "settings",
        `Discord refuses intents that are not switched on: enable ${names || "the privileged intents"} in the ${portal} -> Privileged Gateway Intents.`,
      );
    }
    default:
      return undefined;
  }
}
