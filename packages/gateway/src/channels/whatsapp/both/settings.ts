import { z } from "zod";

/** The keys below `channels.whatsapp` (or one of its accounts). */
export const settings = z.object({
  mode: z
    .enum(["cloud", "web"])
    .optional()
    .describe(
      "cloud: Meta's WhatsApp Business Cloud API; web: a linked device, as WhatsApp Web is. cloud where phoneNumberId and accessToken are set, else web",
    ),
  phoneNumberId: z
    .string()
    .regex(/^\d+$/, "must be digits: the id of the phone number, not the number itself")
    .optional()
    .describe("Cloud API: the id of the phone number, from WhatsApp > API Setup"),
  accessToken: z.string().min(1).optional().describe("Cloud API: token of a system user"),
  appSecret: z
    .string()
    .min(1)
    .optional()
    .describe("Cloud API: the app's secret; webhooks are signed with it"),
  verifyToken: z
    .string()
    .min(1)
    .optional()
    .describe("Cloud API: any text of yours, the same as at Meta's webhook settings"),
  apiVersion: z
    .string()
    .regex(/^v\d+\.\d+$/, 'must look like "v25.0"')
    .default("v25.0")
    .describe("Cloud API: version of the Graph API"),
  apiRoot: z
    .url()
    .optional()
    .describe("another server: http(s):// for the Cloud API, with or without version; ws(s):// for web"),
  template: z
    .object({ name: z.string().min(1), language: z.string().min(1).default("en_US") })
    .optional()
    .describe("Cloud API: the approved template that is sent where the 24-hour window is closed"),
  webSocketUrl: z.url().optional().describe("web: the same as a ws(s):// apiRoot"),
  phoneNumber: z
    .string()
    .optional()
    .describe("web: the account's number with country code, for logging in by a code instead of a QR code"),
  markOnline: z.boolean().default(false).describe("web: show the account as online while it is connected"),
  syncHistory: z
    .boolean()
    .default(false)
    .describe("web: let the phone send the recent history; it is not read"),
});

export type Settings = z.output<typeof settings>;
