import { z } from "zod";
import { attachment } from "./chat.ts";
import { define, noParams, timestamp } from "./method.ts";

export const channelStatus = z
  .enum(["connected", "connecting", "disconnected", "needs_login", "error", "disabled", "not_configured"])
  .meta({ id: "ChannelStatus" });
export type ChannelStatus = z.infer<typeof channelStatus>;

export const channel = z
  .object({
    id: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    status: channelStatus,
    account: z.string().optional(),
    botUsername: z.string().optional(),
    lastError: z.string().nullable(),
    since: timestamp.nullable().describe("When the status last changed"),
    capabilities: z.array(z.string()),
  })
  .meta({ id: "Channel" });
export type Channel = z.infer<typeof channel>;

const one = z.strictObject({ channelId: z.string().min(1).max(64) });

export const channelMethods = {
  "channel.list": define({
    summary: "Every channel that this build can run, configured or not",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/channels" },
    params: noParams,
    result: z.object({ channels: z.array(channel) }),
  }),
  "channel.status": define({
    summary: "One channel and its traffic",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/channels/{channelId}/status" },
    params: one,
    result: channel.extend({
      lastInboundAt: timestamp.nullable(),
      lastOutboundAt: timestamp.nullable(),
      queued: z.int(),
      reconnects: z.int(),
    }),
  }),
  "channel.enable": define({
    summary: "Switch a channel on; the choice is kept",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/enable" },
    params: one,
    result: channel,
  }),
  "channel.disable": define({
    summary: "Switch a channel off; the choice is kept",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/disable" },
    params: one,
    result: channel,
  }),
  "channel.login": define({
    summary: "Connect an account to a channel",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/login" },
    params: one,
    result: z.object({ status: channelStatus, qr: z.string().optional(), qrPng: z.string().optional() }),
  }),
  "channel.logout": define({
    summary: "Disconnect a channel's account",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/logout" },
    params: one,
    result: channel,
  }),
  "channel.send": define({
    summary: "Send a message through a channel",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/send" },
    params: one.extend({
      to: z.string().min(1).max(512),
      text: z.string().max(1_000_000).optional(),
      attachments: z.array(attachment).max(32).optional(),
      idempotencyKey: z.string().min(1).max(256).optional(),
    }),
    result: z.object({ messageId: z.string(), status: z.enum(["sent", "queued"]) }),
  }),
} as const;
