import { z } from "zod";
import { GatewayError } from "../../lib/errors.ts";

const nickname = z
  .string()
  .regex(/^[A-Za-z[\]\\`_^{|}][\w[\]\\`^{|}-]{0,49}$/, "is no nickname: letters, digits and _-[]{}\\|`^");

const channelName = z
  .string()
  .regex(/^[#&+!][^\s,:\p{Cc}]{1,199}$/u, "is no channel's name: it begins with # and has no space or comma");

/** What is sent as one word or line of the protocol. */
const line = z
  .string()
  .min(1)
  .max(300)
  .regex(/^\P{Cc}+$/u, "must not contain control characters");

/** The keys below `channels.irc`; `accountOf` makes one of the spellings. */
export const settings = z.object({
  server: line.optional().describe("Host name of the server, e.g. irc.libera.chat"),
  host: line.optional().describe("The same as server"),
  port: z.int().min(1).max(65_535).optional().describe("6697 with TLS, 6667 without, unless told"),
  secure: z.boolean().optional().describe("Whether TLS is used. Yes, unless the port is 6667"),
  tls: z.boolean().optional().describe("The same as secure"),
  tlsRejectUnauthorized: z
    .boolean()
    .default(true)
    .describe("Whether the server's certificate must be trusted. Turn it off only for a server of your own"),
  nickname: nickname.optional().describe("What the bot is called. While it is in use, _ and __ are added"),
  nick: nickname.optional().describe("The same as nickname"),
  username: line
    .regex(/^[^\s@!]+$/, "must be one word")
    .default("openclaw")
    .describe("The user in the bot's mask"),
  realname: line.default("OpenClaw").describe("What WHOIS shows beside the nickname"),
  password: line.optional().describe("The server's password, not that of the bot's account"),
  sasl: z
    .object({ account: line.describe("The account"), password: line.describe("Its password") })
    .optional()
    .describe("Logs in to the bot's account before it joins (SASL PLAIN)"),
  nickserv: z
    .object({
      enabled: z.boolean().default(true).describe("Whether to identify"),
      service: nickname.default("NickServ").describe("The service's nickname"),
      account: line.optional().describe("The account, if it is not the nickname's"),
      password: line.optional().describe("The password"),
    })
    .optional()
    .describe("Identifies the bot after it connected, where there is no SASL"),
  channels: z
    .array(
      z.union([
        channelName,
        z.object({ name: channelName, key: line.regex(/^[^\s,]+$/, "must be one word").optional() }),
      ]),
    )
    .max(100)
    .default([])
    .describe('Channels to join: "#name", or { name, key }'),
  lineMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(1000)
    .describe("Time between two lines after the first five, ms: servers throw out who is faster"),
});

export type Settings = z.output<typeof settings>;

/** An account with one name for everything. */
export interface Account {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly rejectUnauthorized: boolean;
  readonly nick: string;
  readonly username: string;
  readonly realname: string;
  readonly password: string | undefined;
  readonly sasl: { readonly account: string; readonly password: string } | undefined;
  /** What is said to whom, to identify. */
  readonly identify: { readonly service: string; readonly words: string } | undefined;
  readonly channels: readonly { readonly name: string; readonly key?: string | undefined }[];
  readonly lineMs: number;
}

export function accountOf(settings: Settings): Account {
  const host = settings.server ?? settings.host;
  const nick = settings.nickname ?? settings.nick;
  if (host === undefined) throw missing("server", "the host name of the IRC server");
  if (nick === undefined) throw missing("nickname", "what the bot is to be called");
  if (/[\s/]/.test(host)) throw missing("server", "a host name alone, without a scheme");
  const secure = settings.secure ?? settings.tls ?? settings.port !== 6667;
  return {
    host,
    port: settings.port ?? (secure ? 6697 : 6667),
    secure,
    rejectUnauthorized: settings.tlsRejectUnauthorized,
    nick,
    username: settings.username,
    realname: settings.realname,
    password: settings.password,
    sasl: settings.sasl,
    identify: identifyOf(settings.nickserv),
    channels: settings.channels.map((it) => (typeof it === "string" ? { name: it } : it)),
    lineMs: settings.lineMs,
  };
}

function identifyOf(nickserv: Settings["nickserv"]): Account["identify"] {
  if (!nickserv?.enabled || nickserv.password === undefined) return undefined;
  const { service, account, password } = nickserv;
  return { service, words: ["IDENTIFY", account, password].filter((it) => it !== undefined).join(" ") };
}

function missing(param: string, what: string): GatewayError {
  return new GatewayError("invalid_request", `Set channels.irc.${param} to ${what}.`, { param });
}
