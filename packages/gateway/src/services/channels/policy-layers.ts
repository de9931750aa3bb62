import {
  type ChannelSection,
  type DmPolicy,
  dmPolicies,
  dmPolicy,
  type GroupPolicy,
  groupPolicies,
  groupPolicy,
  type StreamingMode,
  streamingModes,
} from "openclaw-protocol";
import { type GroupRules, groupRulesIn } from "./group-rules.ts";
import { idsIn, recordIn } from "./loose.ts";

/** One section of the configuration, in one spelling. What it does not say is undefined. */
export interface Layer {
  dmPolicy: DmPolicy | undefined;
  allowFrom: readonly string[] | undefined;
  owners: readonly string[] | undefined;
  groupPolicy: GroupPolicy | undefined;
  groupAllowFrom: readonly string[] | undefined;
  requireMention: boolean | undefined;
  groups: GroupRules | undefined;
  allowBots: boolean | undefined;
  streaming: StreamingMode | undefined;
  maxAgeHours: number | undefined;
  mediaMaxMb: number | undefined;
}

/** Reads a section, whichever of the spellings it uses. What cannot be understood closes rather than opens. */
export function layerOf(section: ChannelSection, path: string, warn: (sentence: string) => void): Layer {
  const dm = recordIn(section.dm);
  return {
    dmPolicy: directPolicy(section, dm, path, warn),
    allowFrom: section.allowFrom ?? idsIn(dm?.allowFrom),
    owners: section.owners,
    groupPolicy: policyInGroups(section, path, warn),
    groupAllowFrom: section.groupAllowFrom,
    requireMention: section.requireMention,
    groups: groupRulesIn(section, path, warn),
    allowBots: section.allowBots,
    streaming: section.streaming ?? streamingModes.find((it) => it === section.streamMode),
    maxAgeHours: section.maxAgeHours,
    mediaMaxMb: section.mediaMaxMb,
  };
}

function directPolicy(
  section: ChannelSection,
  dm: Readonly<Record<string, unknown>> | undefined,
  path: string,
  warn: (sentence: string) => void,
): DmPolicy | undefined {
  if (dm?.enabled === false) return "disabled";
  if (section.dmPolicy !== undefined) return section.dmPolicy;
  if (dm?.policy === undefined) return undefined;
  const known = dmPolicy.safeParse(dm.policy);
  if (known.success) return known.data;
  warn(`${path}.dm.policy must be one of ${dmPolicies.join(", ")}. Direct messages are off until it is.`);
  return "disabled";
}

function policyInGroups(
  section: ChannelSection,
  path: string,
  warn: (sentence: string) => void,
): GroupPolicy | undefined {
  const given = section.groupPolicy ?? section.guildPolicy;
  if (given === undefined) return undefined;
  const known = groupPolicy.safeParse(given);
  if (known.success) return known.data;
  warn(`${path}.groupPolicy must be one of ${groupPolicies.join(", ")}. Groups are off until it is.`);
  return "none";
}
