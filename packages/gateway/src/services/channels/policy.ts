import type { ChannelSection, DmPolicy, GroupPolicy, StreamingMode } from "openclaw-protocol";
import type { Chat } from "../../channels/types.ts";
import { createEntries, type EntryRules } from "./entries.ts";
import type { GroupRules } from "./group-rules.ts";
import { type GroupPlace, groupsOf } from "./groups.ts";
import { type Layer, layerOf } from "./policy-layers.ts";

/** Who may speak to an account, where and how. All ids are in the platform's own form. */
export interface AccountPolicy {
  readonly dmPolicy: DmPolicy;
  readonly allowFrom: ReadonlySet<string>;
  /** Whether `allowFrom` has a `*`. */
  readonly openToAll: boolean;
  readonly owners: ReadonlySet<string>;
  /** Whether the key `owners` names them: then an owner's direct chats have the owner's rights. */
  readonly explicitOwners: boolean;
  readonly groupPolicy: GroupPolicy;
  readonly groupAllowFrom: ReadonlySet<string>;
  readonly groupsOpenToAll: boolean;
  readonly requireMention: boolean;
  readonly allowBots: boolean;
  readonly maxAgeMs: number;
  readonly mediaMaxBytes: number;
  readonly streaming: StreamingMode;
  group(chat: Pick<Chat, "id" | "spaceId">): GroupPlace;
  readonly mentionPatterns: readonly RegExp[];
  /** Entries of the lists that are no ids. They allow nobody; once resolved, the policy is made again. */
  readonly names: readonly string[];
  readonly warnings: readonly string[];
}

export interface PolicySetup extends EntryRules {
  /** Regular expressions that count as a mention. */
  readonly mentionPatterns: readonly string[];
  /** Where the account's keys stand, for warnings; `channels.<id>` unless told. */
  readonly path?: string | undefined;
}

const hourMs = 3_600_000;
const megabyte = 1_024 * 1_024;

/**
 * Makes an account's policy of what the configuration says: the account's own keys count before the channel's, those
 * before `channels.defaults`. The spellings of single platforms are understood as well.
 */
export function policyOf(
  section: ChannelSection,
  own: ChannelSection | undefined,
  defaults: ChannelSection | undefined,
  setup: PolicySetup,
): AccountPolicy {
  const path = setup.path ?? `channels.${setup.channelId}`;
  const warnings: string[] = [];
  const warn = (sentence: string) => void warnings.push(sentence);
  const layers = [own, section, defaults].flatMap((it) => (it ? [layerOf(it, path, warn)] : []));
  const first = <K extends keyof Layer>(key: K): NonNullable<Layer[K]> | undefined =>
    layers.find((it) => it[key] !== undefined)?.[key] ?? undefined;
  const entries = createEntries(setup);

  const allowed = entries.list(first("allowFrom") ?? []);
  const named = first("owners");
  const owners = named === undefined ? allowed : entries.list(named);
  const groupList = first("groupAllowFrom");
  const inGroups = groupList === undefined ? allowed : entries.list(groupList);
  const dmPolicy = first("dmPolicy") ?? "pairing";
  const groupPolicy = first("groupPolicy") ?? "allowlist";
  const requireMention = first("requireMention") ?? true;
  const rules: GroupRules | undefined = first("groups");
  const places = groupsOf(rules, { entries, requireMention, isClosed: groupPolicy === "none" });

  const somebody = allowed.ids.size > 0 || allowed.names > 0 || (named !== undefined && owners.ids.size > 0);
  if (dmPolicy === "open" && !allowed.hasAll) {
    warn(
      `${path}.dmPolicy is "open", but ${path}.allowFrom does not hold "*": only those that it lists may write. Add "*" if everybody may.`,
    );
  }
  if (dmPolicy === "pairing" && allowed.hasAll) {
    warn(
      `"*" in ${path}.allowFrom lets nobody write while ${path}.dmPolicy is "pairing". Set ${path}.dmPolicy to "open" if everybody may.`,
    );
  }
  if (dmPolicy === "allowlist" && !somebody && !allowed.hasAll) {
    warn(`${path}.dmPolicy is "allowlist" and ${path}.allowFrom is empty: nobody may write to the bot.`);
  }
  if (named !== undefined && owners.hasAll) {
    warn(`"*" in ${path}.owners makes nobody an owner. Name them by their ids.`);
  }
  if (groupPolicy === "owner-only" && owners.ids.size === 0 && owners.names === 0) {
    warn(`${path}.groupPolicy is "owner-only" and ${path}.owners is empty: nobody may speak in groups.`);
  }

  return {
    dmPolicy,
    allowFrom: allowed.ids,
    openToAll: allowed.hasAll,
    owners: owners.ids,
    explicitOwners: named !== undefined,
    groupPolicy,
    groupAllowFrom: inGroups.ids,
    groupsOpenToAll: inGroups.hasAll,
    requireMention,
    allowBots: first("allowBots") ?? false,
    maxAgeMs: (first("maxAgeHours") ?? 24) * hourMs,
    mediaMaxBytes: Math.floor((first("mediaMaxMb") ?? 8) * megabyte),
    streaming: first("streaming") ?? "off",
    group: places,
    mentionPatterns: compiled(setup.mentionPatterns, warn),
    names: entries.names(),
    warnings,
  };
}

function compiled(patterns: readonly string[], warn: (sentence: string) => void): RegExp[] {
  return patterns.flatMap((pattern) => {
    for (const flags of ["iu", "i"]) {
      try {
        return [new RegExp(pattern, flags)];
      } catch {}
    }
    warn(`messages.groupChat.mentionPatterns: "${pattern}" is no regular expression; it is left out.`);
    return [];
  });
}
