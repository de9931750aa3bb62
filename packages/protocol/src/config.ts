import { z } from "zod";
import { agentsConfig } from "./config-agents.ts";
import { browserConfig } from "./config-browser.ts";
import { bindingConfig, channelSection, dmScopes } from "./config-channels.ts";
import { approvalsConfig, cronConfig, toolsConfig } from "./config-tools.ts";

/** Dollars per million tokens. */
export const modelCost = z
  .object({
    input: z.number().min(0).default(0),
    output: z.number().min(0).default(0),
    cacheRead: z.number().min(0).optional(),
    cacheWrite: z.number().min(0).optional(),
  })
  .describe("USD per million tokens");

export const modelConfig = z.object({
  id: z.string().min(1),
  name: z.string().optional(),
  reasoning: z.boolean().optional().describe("Whether it can think before it answers"),
  input: z.array(z.enum(["text", "image", "audio", "video", "pdf"])).optional(),
  contextWindow: z.int().min(1).optional().describe("Tokens"),
  maxTokens: z.int().min(1).optional().describe("Most tokens of one answer"),
  cost: modelCost.optional(),
});
export type ModelConfig = z.infer<typeof modelConfig>;

export const providerApis = [
  "openai-completions",
  "openai-responses",
  "anthropic-messages",
  "google-generative-ai",
] as const;

export const providerConfig = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("What stands before /chat/completions, /messages …"),
  apiKey: z.string().optional(),
  apiKeys: z
    .array(z.string().min(1))
    .optional()
    .describe("Several keys: one that fails or is used up rests for a while"),
  headers: z.record(z.string(), z.string()).optional(),
  api: z.enum(providerApis).optional(),
  models: z.array(modelConfig).optional(),
});
export type ProviderConfig = z.infer<typeof providerConfig>;

const limit = (preset: number, what: string, most = Number.MAX_SAFE_INTEGER) =>
  z.int().min(0).max(most).default(preset).describe(`${what}; 0 = off`);

/** The longest wait that timers of JavaScript know, ms; a longer one would be over at once. */
const longestTimerMs = 2_147_483_647;

const gatewayConfig = z.object({
  port: z.int().min(0).max(65_535).default(18_789),
  bind: z
    .string()
    .min(1)
    .default("loopback")
    .describe("loopback | lan | tailnet | auto | custom | an IP address"),
  customBindHost: z.string().optional().describe("The address for bind: custom"),
  auth: z
    .object({
      mode: z.enum(["token", "password", "off", "none"]).default("token"),
      token: z.string().min(1).optional(),
      password: z.string().min(1).optional(),
    })
    .prefault({}),
  limits: z
    .object({
      bodyBytes: limit(10 * 1024 * 1024, "Most bytes of a request body or WebSocket frame"),
      timeoutMs: limit(300_000, "Most time of a run, ms", longestTimerMs),
      concurrency: limit(10, "Most requests at once per credential"),
      connections: limit(10, "Most WebSockets per credential"),
      perMinute: limit(100, "Most requests a minute per credential"),
    })
    .prefault({}),
  allowedHosts: z.array(z.string()).default([]).describe("Further names that the gateway is reached by"),
  controlUi: z
    .object({
      enabled: z.boolean().default(true),
      allowedOrigins: z.array(z.string()).default([]),
    })
    .prefault({}),
});

/** `openclaw.json`, all of it optional. Unknown keys warn and are kept. */
export const configSchema = z.object({
  gateway: gatewayConfig.prefault({}),
  models: z.object({ providers: z.record(z.string(), providerConfig).default({}) }).prefault({}),
  agents: agentsConfig.prefault({}),
  tools: toolsConfig.prefault({}),
  approvals: approvalsConfig.prefault({}),
  cron: cronConfig.prefault({}),
  channels: z
    .record(z.string(), channelSection)
    .default({})
    .describe("By channel; `defaults` holds what all of them share"),
  bindings: z
    .array(bindingConfig)
    .default([])
    .describe("Which agent answers whom; the default agent unless told"),
  messages: z
    .object({
      groupChat: z.object({ mentionPatterns: z.array(z.string().min(1).max(200)).default([]) }).prefault({}),
    })
    .prefault({}),
  plugins: z
    .object({ load: z.object({ paths: z.array(z.string().min(1)).default([]) }).prefault({}) })
    .prefault({}),
  browser: browserConfig.prefault({}),
  session: z
    .object({
      queue: z.enum(["followup", "collect", "steer", "interrupt"]).default("followup"),
      dmScope: z
        .enum(dmScopes)
        .default("per-channel-peer")
        .describe(
          "Which direct messages share a session: all of an agent's, a person's, a person's on one channel …",
        ),
      identityLinks: z
        .record(z.string().min(1).max(64), z.array(z.string().min(3)))
        .default({})
        .describe("One person's ids on several channels: name -> [channel:id]"),
    })
    .prefault({}),
  storage: z
    .object({
      url: z.string().optional().describe("Where the database is; a file in the state directory unless told"),
      durability: z.enum(["full", "process"]).default("full"),
    })
    .prefault({}),
  logging: z
    .object({ level: z.enum(["error", "warn", "info", "debug", "trace"]).default("info") })
    .prefault({}),
});
export type Config = z.infer<typeof configSchema>;
