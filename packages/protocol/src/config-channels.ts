import { z } from "zod";
import { agentId } from "./chat.ts";

const ids = z.preprocess(
  (given) => (typeof given === "string" ? given.split(",").map((it) => it.trim()) : given),
  z.array(z.union([z.string(), z.number()]).transform(String)),
);

export const dmPolicies = ["pairing", "allowlist", "open", "disabled"] as const;
/** Who may write to the bot directly. The older words mean the same. */
export const dmPolicy = z
  .enum([...dmPolicies, "allow", "deny"])
  .transform((it) => (it === "allow" ? "allowlist" : it === "deny" ? "disabled" : it));
export type DmPolicy = (typeof dmPolicies)[number];

export const groupPolicies = ["owner-only", "admins", "everyone", "allowlist", "none"] as const;
/** Who may speak to the bot in groups. */
export const groupPolicy = z
  .enum([...groupPolicies, "open", "disabled"])
  .transform((it) => (it === "open" ? "everyone" : it === "disabled" ? "none" : it));
export type GroupPolicy = (typeof groupPolicies)[number];

export const streamingModes = ["off", "partial", "block"] as const;
export type StreamingMode = (typeof streamingModes)[number];

const groupSettings = z.looseObject({
  enabled: z.boolean().optional(),
  requireMention: z.boolean().optional(),
  allowFrom: ids.optional().describe("Who may speak in this group, by id"),
  agentId: agentId.optional(),
});
export type GroupSettings = z.output<typeof groupSettings>;

const groups = z.record(z.string(), groupSettings);

/** The keys that all channels have, below `channels.<id>` and below each of its `accounts`. */
export const channelKeys = {
  enabled: z.boolean().optional().describe("A channel with a section is on unless this says false"),
  dmPolicy: dmPolicy.optional().describe("pairing (unless told) | allowlist | open | disabled"),
  allowFrom: ids.optional().describe("Ids of those who may write; * with dmPolicy open: everybody"),
  owners: ids.optional().describe("Ids of the gateway's owner; those of allowFrom unless told"),
  groupPolicy: groupPolicy
    .optional()
    .describe("allowlist (unless told) | owner-only | admins | everyone | none"),
  groupAllowFrom: ids.optional().describe("Ids of those who may speak in groups; allowFrom unless told"),
  requireMention: z.boolean().optional().describe("In groups: answer only when spoken to; true unless told"),
  groups: groups.optional().describe("Settings by the group's id, * for all others; others are then closed"),
  allowBots: z.boolean().optional().describe("Whether other bots are listened to"),
  streaming: z
    .preprocess(
      (given) => (given !== null && typeof given === "object" && "mode" in given ? given.mode : given),
      z.enum([...streamingModes, "progress"]).transform((it) => (it === "progress" ? "partial" : it)),
    )
    .optional()
    .describe(
      "off (unless told) | partial: the answer grows as it is written | block: paragraph by paragraph",
    ),
  maxAgeHours: z
    .number()
    .min(0.01)
    .max(8_760)
    .optional()
    .describe("Older messages are not answered; 24 unless told"),
  mediaMaxMb: z
    .number()
    .min(0.01)
    .max(50)
    .optional()
    .describe("Most size of a file that comes in; 8 unless told"),
  webhookPath: z.string().startsWith("/").max(200).optional().describe("Another path of the webhook"),
};

/** Spellings of single platforms for the same things. */
const spellings = {
  guildPolicy: groupPolicy.optional(),
  channels: z.unknown().optional(),
  guilds: z.unknown().optional(),
  dm: z.unknown().optional(),
  streamMode: z.unknown().optional(),
  historyLimit: z.unknown().optional(),
  replyToMode: z.unknown().optional(),
  heartbeat: z.unknown().optional(),
};

/** What of a channel's section the gateway itself reads; the rest is the channel's own. */
export const channelSection = z.looseObject({
  ...channelKeys,
  ...spellings,
  accounts: z
    .record(z.string().regex(/^[\w.-]{1,64}$/), z.looseObject({ ...channelKeys, ...spellings }))
    .optional(),
});
export type ChannelSection = z.output<typeof channelSection>;

export const dmScopes = ["main", "per-peer", "per-channel-peer", "per-account-channel-peer"] as const;

export const bindingConfig = z.object({
  agentId,
  match: z.object({
    channel: z.string().min(1),
    accountId: z.string().optional(),
    peer: z
      .object({ kind: z.enum(["dm", "direct", "group", "channel"]).optional(), id: z.string() })
      .optional(),
    guildId: z.string().optional(),
    teamId: z.string().optional(),
  }),
});
export type BindingConfig = z.output<typeof bindingConfig>;
