import type { Chat } from "../../channels/types.ts";
import type { Entries } from "./entries.ts";
import type { GroupRule, GroupRules } from "./group-rules.ts";

/** What holds in one group. */
export interface GroupPlace {
  readonly closed: boolean;
  readonly requireMention: boolean;
  /** Who may speak in it, where its own settings say so; `*`: everybody. */
  readonly allowFrom?: ReadonlySet<string> | undefined;
  readonly agentId?: string | undefined;
}

interface Usual {
  entries: Entries;
  requireMention: boolean;
  /** Whether all groups are closed, whatever is listed. */
  isClosed: boolean;
}

/** What holds in each group. */
export function groupsOf(
  rules: GroupRules | undefined,
  { entries, requireMention, isClosed }: Usual,
): (chat: Pick<Chat, "id" | "spaceId">) => GroupPlace {
  if (!rules) return () => ({ closed: isClosed, requireMention });
  const groups = byId(rules.groups, entries);
  const others = groups.get("*");
  const spaces = new Map(
    [...byId(rules.spaces, entries)].map(([key, { groups, ...rule }]) => {
      return [key, { rule, groups: groups && byId(groups, entries) }];
    }),
  );
  const people = new Map<GroupRule, ReadonlySet<string>>();
  for (const rule of groups.values()) keepPeople(rule);
  for (const space of spaces.values()) {
    keepPeople(space.rule);
    for (const rule of space.groups?.values() ?? []) keepPeople(rule);
  }

  function keepPeople(rule: GroupRule): void {
    if (!rule.allowFrom) return;
    const { ids, hasAll } = entries.list(rule.allowFrom);
    people.set(rule, new Set(hasAll ? [...ids, "*"] : ids));
  }

  /** The settings that count, the most exact first; undefined: the group is not listed. */
  function rulesFor(chat: Pick<Chat, "id" | "spaceId">): GroupRule[] | undefined {
    const own = groups.get(chat.id);
    const space = chat.spaceId === undefined ? undefined : (spaces.get(chat.spaceId) ?? spaces.get("*"));
    if (own) return space ? [own, space.rule] : [own];
    if (!space) return others && [others];
    if (!space.groups) return [space.rule];
    const inside = space.groups.get(chat.id) ?? space.groups.get("*");
    return inside && [inside, space.rule];
  }

  return (chat) => {
    const found = rulesFor(chat);
    if (!found) return { closed: true, requireMention };
    const mention = [...found, others].find((it) => it?.requireMention !== undefined)?.requireMention;
    const listing = found.find((it) => it.allowFrom !== undefined);
    return {
      closed: isClosed || found.some((it) => it.isOff),
      requireMention: mention ?? requireMention,
      allowFrom: listing && people.get(listing),
      agentId: found.find((it) => it.agentId !== undefined)?.agentId,
    };
  };
}

/** The same by ids as the platform writes them. */
function byId<T>(rules: ReadonlyMap<string, T>, entries: Entries): Map<string, T> {
  return new Map([...rules].map(([key, rule]) => [entries.place(key), rule]));
}
