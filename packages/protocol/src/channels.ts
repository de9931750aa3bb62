import { z } from "zod";
import { attachment } from "./chat.ts";
import { define, noParams, pageLimit, timestamp } from "./method.ts";

export const channelStatus = z
  .enum(["connected", "connecting", "disconnected", "needs_login", "error", "disabled", "not_configured"])
  .meta({ id: "ChannelStatus" });
export type ChannelStatus = z.infer<typeof channelStatus>;

const accountFields = {
  status: channelStatus,
  account: z.string().optional(),
  botUsername: z.string().optional(),
  lastError: z.string().nullable(),
  since: timestamp.nullable().describe("When the status last changed"),
};

const traffic = {
  lastInboundAt: timestamp.nullable(),
  lastOutboundAt: timestamp.nullable(),
  queued: z.int().describe("Messages that wait to be sent"),
  unknown: z.int().describe("Messages of which nobody knows whether they arrived; they are not repeated"),
  failed: z.int().describe("Messages that could not be sent"),
  waiting: z.int().describe("Messages that came in and are not answered yet"),
  reconnects: z.int(),
};

/** One account of a channel. */
export const channelAccount = z
  .object({
    accountId: z.string(),
    ...accountFields,
    ...traffic,
    webhookPath: z
      .string()
      .nullable()
      .describe("Where the platform's webhook requests are taken, if it has any"),
    login: z
      .object({ qr: z.string().optional(), code: z.string().optional(), message: z.string() })
      .optional()
      .describe("What it waits for, with needs_login"),
    warnings: z.array(z.string()).describe("What is wrong with its configuration"),
  })
  .meta({ id: "ChannelAccount" });
export type ChannelAccount = z.infer<typeof channelAccount>;

/** A message on its way out, or a piece of it. */
export const delivery = z
  .object({
    deliveryId: z.string(),
    channelId: z.string(),
    accountId: z.string(),
    to: z.string(),
    threadId: z.string().nullable(),
    text: z.string().describe("At most 200 characters of it"),
    status: z.enum(["queued", "sending", "sent", "unknown", "failed"]),
    attempts: z.int(),
    error: z.string().nullable(),
    createdAt: timestamp,
    settledAt: timestamp.nullable(),
  })
  .meta({ id: "Delivery" });
export type Delivery = z.infer<typeof delivery>;

export const channel = z
  .object({
    id: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    ...accountFields,
    capabilities: z.array(z.string()),
  })
  .meta({ id: "Channel" });
export type Channel = z.infer<typeof channel>;

const one = z.strictObject({ channelId: z.string().min(1).max(64) });
const accountId = z.string().min(1).max(64).optional().describe("The first account unless told");

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
    result: channel.extend({ ...traffic, accounts: z.array(channelAccount) }),
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
    summary: "Connect an account to a channel; events of `channel.status` tell how it goes on",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/login" },
    params: one.extend({
      accountId,
      method: z.enum(["qr", "code"]).default("qr").describe("A QR code to scan, or a code to type in"),
      phoneNumber: z.string().min(5).max(32).optional().describe("For a code: E.164, e.g. +4915112345678"),
    }),
    result: z.object({
      status: channelStatus,
      qr: z.string().optional().describe("The text of the QR code"),
      qrPng: z.string().optional().describe("The QR code as a PNG, base64"),
      code: z.string().optional(),
      message: z.string().optional().describe("What to do next"),
    }),
  }),
  "channel.logout": define({
    summary: "Give up a channel's session at its platform",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/logout" },
    params: one.extend({ accountId }),
    result: channel,
  }),
  "channel.add": define({
    summary:
      "Write a channel's settings into openclaw.json and start it; addresses can only be set in the file",
    scopes: ["admin"],
    http: { method: "POST", path: "/v1/channels/{channelId}/add" },
    params: one.extend({
      accountId,
      settings: z.record(z.string().min(1).max(64), z.unknown()).describe("Keys as below channels.<id>"),
    }),
    result: channel,
  }),
  "channel.remove": define({
    summary: "Stop a channel and take its settings out of openclaw.json",
    scopes: ["admin"],
    http: { method: "POST", path: "/v1/channels/{channelId}/remove" },
    params: one.extend({ accountId: accountId.describe("The whole channel unless told") }),
    result: channel,
  }),
  "channel.send": define({
    summary: "Send a message through a channel",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/send" },
    params: one.extend({
      to: z.string().min(1).max(512),
      text: z.string().max(1_000_000).optional().describe("Markdown"),
      attachments: z.array(attachment).max(32).optional(),
      accountId,
      threadId: z.string().min(1).max(256).optional(),
      replyTo: z
        .string()
        .min(1)
        .max(512)
        .optional()
        .describe("The platform's id of the message that is answered"),
      idempotencyKey: z.string().min(1).max(256).optional(),
    }),
    result: z.object({
      messageId: z.string(),
      status: z
        .enum(["sent", "queued", "unknown"])
        .describe("unknown: it may have arrived; it is not sent again by itself"),
    }),
  }),
  "channel.deliveries": define({
    summary: "Messages that went out, newest first",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/channels/{channelId}/deliveries" },
    params: one.extend({ status: delivery.shape.status.optional(), limit: pageLimit }),
    result: z.object({ deliveries: z.array(delivery) }),
  }),
  "channel.retry": define({
    summary: "Send a message again that failed, or of which nobody knows whether it arrived",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/channels/{channelId}/deliveries/{deliveryId}/retry" },
    params: one.extend({ deliveryId: z.string().min(1).max(128) }),
    result: delivery,
  }),
} as const;
