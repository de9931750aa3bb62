import type { ChannelSection } from "openclaw-protocol";
import { booleanIn, idsIn, recordIn, textIn } from "./loose.ts";

/** Settings of one group, or of one server for its groups. */
export interface GroupRule {
  isOff: boolean;
  requireMention: boolean | undefined;
  allowFrom: readonly string[] | undefined;
  agentId: string | undefined;
}

export interface SpaceRule extends GroupRule {
  /** By the group's id; undefined: all of the server's. */
  groups: ReadonlyMap<string, GroupRule> | undefined;
}

/** Which groups are open; those that are not listed are closed. `*` stands for all others. */
export interface GroupRules {
  groups: ReadonlyMap<string, GroupRule>;
  spaces: ReadonlyMap<string, SpaceRule>;
}

type Warn = (sentence: string) => void;

/**
 * The groups that a section lists: `groups.<id>`, `guilds.<id>.channels.<id>` as for Discord, `channels.<id>` as for
 * Slack. Undefined: it lists none, which leaves all of them open.
 */
export function groupRulesIn(section: ChannelSection, path: string, warn: Warn): GroupRules | undefined {
  const groups = rulesIn(section.groups, `${path}.groups`, warn);
  const channels = rulesIn(section.channels, `${path}.channels`, warn, "channel");
  const guilds = recordIn(section.guilds) ?? {};
  const spaces = Object.entries(guilds).map(([key, value]): [string, SpaceRule] => {
    const at = `${path}.guilds.${key}`;
    if (!/(?:^|:)(?:\d+|\*)$/.test(key)) warn(`${at} is no server's id, and a name opens nothing.`);
    const inside = rulesIn(recordIn(value)?.channels, `${at}.channels`, warn, "channel");
    return [key, { ...ruleIn(value, at, warn), groups: inside.size > 0 ? inside : undefined }];
  });
  if (groups.size + channels.size + spaces.length === 0) return undefined;
  return { groups: new Map([...channels, ...groups]), spaces: new Map(spaces) };
}

function rulesIn(given: unknown, path: string, warn: Warn, what?: "channel"): Map<string, GroupRule> {
  const rules = new Map<string, GroupRule>();
  for (const [key, value] of Object.entries(recordIn(given) ?? {})) {
    const at = `${path}.${key}`;
    if (what && key.startsWith("#")) warn(`${at} is no ${what}'s id, and a name opens nothing.`);
    rules.set(key, ruleIn(value, at, warn));
  }
  return rules;
}

function ruleIn(given: unknown, at: string, warn: Warn): GroupRule {
  const settings = recordIn(given);
  if (!settings) {
    // Some write `true` and `false` there; nothing else is a permission.
    if (typeof given !== "boolean") warn(`${at} must be an object. It is closed until it is.`);
    return { isOff: given !== true, requireMention: undefined, allowFrom: undefined, agentId: undefined };
  }
  const listed = settings.allowFrom ?? settings.users;
  const allowFrom = listed === undefined ? undefined : idsIn(listed);
  if (listed !== undefined && !allowFrom) warn(`${at} must list ids. Nobody may speak there until it does.`);
  if (settings.roles !== undefined) warn(`${at}.roles opens nothing: list people in users by their ids.`);
  return {
    isOff: settings.enabled === false || settings.allow === false,
    requireMention: booleanIn(settings.requireMention),
    allowFrom: listed === undefined ? undefined : (allowFrom ?? []),
    agentId: textIn(settings.agentId),
  };
}
