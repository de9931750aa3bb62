import { z } from "zod";
import { toolRules } from "./config-agents.ts";

/** Commands run by `exec`: the limits of the sandbox, and what it shares with the machine. */
const codeExecution = z.object({
  sandbox: z
    .object({
      image: z.string().min(1).default("debian:stable-slim").describe("For the docker backend"),
      memoryLimit: z
        .string()
        .regex(/^\d+[kmg]?$/i)
        .default("512m")
        .describe("Bytes, or with k, m, g"),
      cpuLimit: z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .default("1.0")
        .describe("Cores"),
      timeout: z.int().min(1).max(86_400_000).default(30_000).describe("Most time of a command, ms"),
      readOnly: z.boolean().default(false).describe("Whether the workspace is read-only, too"),
    })
    .prefault({}),
  allowNetwork: z.boolean().default(false).describe("Whether sandboxed commands reach the network"),
  allowedPaths: z.array(z.string()).default([]).describe("Further folders that a sandbox sees, read-only"),
  env: z.array(z.string()).default([]).describe("Variables of the gateway that commands may see, by name"),
});
export type CodeExecutionConfig = z.infer<typeof codeExecution>;

const webConfig = z.object({
  search: z
    .object({
      provider: z.string().min(1).optional().describe("brave | tavily | searxng"),
      apiKey: z.string().min(1).optional(),
      baseUrl: z.url({ protocol: /^https?$/ }).optional(),
    })
    .prefault({}),
});
export type WebConfig = z.infer<typeof webConfig>;

/** `tools`: rules for all agents, rules by channel, and the settings of single tools. */
export const toolsConfig = toolRules.extend({
  byChannel: z
    .record(z.string(), toolRules.pick({ profile: true, allow: true, deny: true, policy: true }))
    .default({})
    .describe("Rules for sessions of a channel, e.g. webchat, telegram; they can only take away"),
  allowlist: z
    .array(z.union([z.string().min(1), z.array(z.string()).min(1)]))
    .default([])
    .describe(
      'Commands that the policy "allowlist" lets run: the words of a command; a last word * stands for any more',
    ),
  codeExecution: codeExecution.prefault({}),
  web: webConfig.prefault({}),
  media: z
    .object({
      audio: z
        .object({
          enabled: z.boolean().default(true).describe("Whether voice messages are put into words"),
          model: z
            .string()
            .regex(/^[^/]+\/.+$/)
            .optional()
            .describe("provider/model that transcribes; one of OpenAI or Groq with a key unless told"),
          language: z.string().min(2).max(16).optional().describe("ISO 639-1, e.g. de"),
        })
        .prefault({}),
    })
    .prefault({}),
});
export type ToolsConfig = z.infer<typeof toolsConfig>;

export const approvalsConfig = z.object({
  enabled: z.boolean().default(true).describe("false: nobody is asked, and what would need it is denied"),
  requireFor: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Also asked for: system-command, network-request, file-delete, file-write, message-send, form-submit, or a tool's name",
    ),
  timeout: z
    .int()
    .min(1)
    .max(86_400_000)
    .default(300_000)
    .describe("How long a decision is waited for, ms; then it is no"),
});
export type ApprovalsConfig = z.infer<typeof approvalsConfig>;

export const cronConfig = z.object({
  enabled: z.boolean().default(true),
  maxConcurrentRuns: z.int().min(1).max(100).default(3),
});
export type CronConfig = z.infer<typeof cronConfig>;
