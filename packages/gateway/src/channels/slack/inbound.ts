import { z } from "zod";
import type { InboundMessage } from "../types.ts";
import type { Self } from "./api.ts";
import { mediaOf, slackFile } from "./files.ts";
import { mentions, readableText } from "./text.ts";

/**
 * Slack's wrapper of events and, of the events, what messages have
 * (https://docs.slack.dev/apis/events-api#events-JSON, https://docs.slack.dev/reference/events/message).
 */
const callback = z.object({
  type: z.literal("event_callback"),
  team_id: z.string().optional(),
  authorizations: z
    .array(z.object({ team_id: z.string().nullish(), is_enterprise_install: z.boolean().nullish() }))
    .optional(),
  event: z.looseObject({
    type: z.string(),
    subtype: z.string().optional(),
  }),
});

const timestamp = z.string().regex(/^\d{1,12}\.\d{1,9}$/);

const messageEvent = z.object({
  channel: z.string().regex(/^[A-Z0-9]{2,40}$/),
  channel_type: z.string().optional(),
  ts: timestamp,
  thread_ts: timestamp.optional(),
  parent_user_id: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().nullish(),
  username: z.string().nullish(),
  bot_profile: z.object({ name: z.string().optional() }).nullish(),
  text: z.string().nullish(),
  attachments: z.array(z.object({ text: z.string().nullish(), fallback: z.string().nullish() })).nullish(),
  files: z.array(slackFile).nullish(),
});

/** Kinds of messages that somebody wrote. The others tell of edits, deletions, joins, topics. */
const written = new Set([undefined, "file_share", "thread_broadcast", "me_message", "bot_message"]);

export type Reading =
  | { readonly message: InboundMessage }
  /** `ignored`: it is no message. `malformed`: it is none that Slack would send. `foreign`: it is for another workspace. */
  | { readonly message?: undefined; readonly why: "ignored" | "malformed" | "foreign" };

/**
 * An event of the Events API, as it comes by HTTP or in an envelope of Socket Mode. Posts that mention the bot come
 * twice, as `message` and as `app_mention`: both give the same message.
 */
export function readEvent(body: unknown, self: Self, options: { replyInThread: boolean }): Reading {
  const outer = callback.safeParse(body);
  if (!outer.success) return { why: isCallback(body) ? "malformed" : "ignored" };
  if (!isForUs(outer.data, self)) return { why: "foreign" };
  const raw = outer.data.event;
  if (raw.type !== "message" && raw.type !== "app_mention") return { why: "ignored" };
  if (!written.has(raw.subtype)) return { why: "ignored" };
  const parsed = messageEvent.safeParse(raw);
  if (!parsed.success) return { why: "malformed" };
  const event = parsed.data;
  const senderId = event.user ?? event.bot_id ?? undefined;
  if (senderId === undefined) return { why: "malformed" };

  const isDm = event.channel_type === "im" || event.channel.startsWith("D");
  const inThread =
    event.thread_ts !== undefined && event.thread_ts !== event.ts ? event.thread_ts : undefined;
  const text = textOf(event);
  const toBot = inThread !== undefined && event.parent_user_id === self.userId;
  const isBot = Boolean(event.bot_id) || raw.subtype === "bot_message" || senderId === "USLACKBOT";
  const media = mediaOf(event.files ?? []);
  const name = event.username ?? event.bot_profile?.name;
  return {
    message: {
      id: `${event.channel}:${event.ts}`,
      sentAt: Math.round(Number(event.ts) * 1000),
      chat: {
        id: event.channel,
        kind: isDm ? "dm" : "group",
        threadId: inThread ?? (options.replyInThread && !isDm ? event.ts : undefined),
        spaceId: outer.data.team_id ?? self.teamId,
      },
      sender: {
        id: senderId,
        name,
        isBot: isBot || undefined,
        isSelf: event.user === self.userId || (self.botId !== undefined && event.bot_id === self.botId),
      },
      text: [readableText(text, self), ...media.notes].filter((it) => it !== "").join("\n"),
      mentioned: isDm ? undefined : mentions(text, self) || toBot,
      ...(inThread !== undefined && { replyTo: { id: `${event.channel}:${inThread}`, toBot } }),
      ...(media.files.length > 0 && { media: media.files }),
    },
  };
}

function isCallback(body: unknown): boolean {
  return typeof body === "object" && body !== null && "type" in body && body.type === "event_callback";
}

/** One app may be installed in several workspaces, and all of them post to one address. */
function isForUs({ authorizations }: z.output<typeof callback>, self: Self): boolean {
  if (!authorizations || authorizations.length === 0) return true;
  return authorizations.some(
    (it) => it.is_enterprise_install === true || !it.team_id || it.team_id === self.teamId,
  );
}

/** Forwarded posts and those of other apps may have their text in attachments alone. */
function textOf({ text, attachments }: z.output<typeof messageEvent>): string {
  if (text) return text;
  return (attachments ?? []).map((it) => it.text ?? it.fallback ?? "").join("\n");
}
