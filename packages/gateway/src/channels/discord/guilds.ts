import type { Clock } from "../../lib/clock.ts";
import type { Api } from "./api.ts";
import { guild, guildMember, type WireGuild } from "./wire.ts";

/** What is known of servers: the bot's own role on them, and who administers them. */
export interface Guilds {
  learn(guild: WireGuild, botId: string): void;
  /** The role that Discord made for the bot when it was invited. */
  botRole(guildId: string): string | undefined;
  isAdmin(guildId: string, userId: string, options: { signal: AbortSignal }): Promise<boolean>;
}

/** https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags */
const administrator = 1n << 3n;
const manageGuild = 1n << 5n;

const mostGuilds = 1_000;
const mostAnswers = 500;
/** How long an answer about somebody's rights holds, ms: every message of a group may ask. */
const answerHoldsMs = 60_000;

export function createGuilds(api: Api, clock: Clock): Guilds {
  const botRoles = new Map<string, string>();
  const answers = new Map<string, { isAdmin: boolean; until: number }>();

  async function ask(guildId: string, userId: string, signal: AbortSignal): Promise<boolean> {
    const found = guild.parse(await api.call("get", `/guilds/${guildId}`, { signal }));
    if (found.owner_id === userId) return true;
    const member = guildMember.parse(
      await api.call("get", `/guilds/${guildId}/members/${userId}`, { signal }),
    );
    // Everybody has the role whose id is the server's own.
    const held = new Set([...member.roles, guildId]);
    return (found.roles ?? []).some(
      (role) => held.has(role.id) && (BigInt(role.permissions) & (administrator | manageGuild)) !== 0n,
    );
  }

  return {
    learn({ id, roles }, botId) {
      const own = roles?.find((it) => it.tags?.bot_id === botId);
      if (!own) return;
      botRoles.set(id, own.id);
      trim(botRoles, mostGuilds);
    },
    botRole: (guildId) => botRoles.get(guildId),
    async isAdmin(guildId, userId, { signal }) {
      const key = `${guildId} ${userId}`;
      const known = answers.get(key);
      if (known && known.until > clock.now()) return known.isAdmin;
      const isAdmin = await ask(guildId, userId, signal);
      answers.delete(key);
      answers.set(key, { isAdmin, until: clock.now() + answerHoldsMs });
      trim(answers, mostAnswers);
      return isAdmin;
    },
  };
}

function trim(map: Map<string, unknown>, most: number): void {
  if (map.size > most) map.delete(map.keys().next().value!); // it is not empty
}
