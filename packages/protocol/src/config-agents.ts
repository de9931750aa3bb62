import { z } from "zod";
import { thinkingLevel } from "./chat.ts";

/** A model choice in any of its three documented shapes. */
export const modelChoice = z.union([
  z.string().min(1),
  z.object({ primary: z.string().min(1), fallbacks: z.array(z.string().min(1)).optional() }),
  z.object({ provider: z.string().min(1), id: z.string().min(1) }),
]);
export type ModelChoice = z.infer<typeof modelChoice>;

/** What happens to a call of a tool: never, only what is on the allow-list, somebody is asked, or it runs. */
export const toolPolicies = ["deny", "allowlist", "ask", "full"] as const;
export const toolPolicy = z.enum(toolPolicies).meta({ id: "ToolPolicy" });
export type ToolPolicy = z.infer<typeof toolPolicy>;

/** Which tools an agent has before `allow` and `deny`. */
export const toolProfiles = ["minimal", "messaging", "coding", "full"] as const;
export const toolProfile = z.enum(toolProfiles).meta({ id: "ToolProfile" });
export type ToolProfile = z.infer<typeof toolProfile>;

const toolNames = z.array(z.string().min(1).max(64)).max(200);

/** Which tools there are, and what their calls need. */
export const toolRules = z
  .object({
    profile: toolProfile.optional().describe("minimal | messaging | coding | full"),
    allow: toolNames.optional().describe("Tools beside those of the profile"),
    deny: toolNames.optional().describe("Tools that are taken away, whatever else names them"),
    policy: z
      .record(z.string().min(1).max(64), toolPolicy)
      .optional()
      .describe("deny | allowlist | ask | full by the tool's name; * stands for all others"),
  })
  .meta({ id: "ToolRules" });
export type ToolRules = z.infer<typeof toolRules>;

export const sandboxModes = ["off", "non-main", "all"] as const;

export const sandboxConfig = z
  .object({
    mode: z
      .enum(sandboxModes)
      .optional()
      .describe("off | non-main: all but the owner's own sessions | all. non-main unless told"),
    backend: z.enum(["auto", "bubblewrap", "docker"]).optional(),
  })
  .meta({ id: "SandboxConfig" });
export type SandboxConfig = z.infer<typeof sandboxConfig>;

const dollarsPerDay = z.number().min(0).describe("USD per day (UTC)");

const agentSettings = z.object({
  model: modelChoice.optional(),
  thinking: thinkingLevel.optional(),
  workspace: z.string().min(1).optional().describe("The folder that the agent works in"),
  tools: z
    .union([toolNames, toolRules])
    .optional()
    .describe("Rules, or the names of exactly the tools it has"),
  skills: z.array(z.string()).optional(),
  sandbox: sandboxConfig.optional(),
  contextTokens: z
    .int()
    .min(1_000)
    .optional()
    .describe("Most tokens of one request, below the model's own limit"),
  maxCostPerDay: dollarsPerDay.optional(),
});

export const agentDefaults = agentSettings.extend({
  fallbacks: z
    .array(z.union([z.string().min(1), z.object({ provider: z.string().min(1), model: z.string().min(1) })]))
    .optional()
    .describe("Models to try in this order when the first one fails"),
  models: z
    .record(
      z.string(),
      z.object({ enabled: z.boolean().optional(), maxCostPerDay: dollarsPerDay.optional() }),
    )
    .default({})
    .describe("By provider/model: whether it may be used, and for how much"),
  cache: z
    .object({
      enabled: z.boolean().default(false),
      ttl: z.number().min(1).default(3_600).describe("Seconds that an answer is kept"),
      maxSize: z.int().min(1).max(100_000).default(1_000).describe("Most answers that are kept"),
    })
    .prefault({})
    .describe("Answers models' calls that were made before from memory"),
});

export const agentConfig = agentSettings.extend({
  id: z.string().min(1).max(128),
  name: z.string().optional(),
  default: z.boolean().optional(),
  instructions: z.string().optional().describe("Stands in front of every conversation"),
});
export type AgentConfig = z.infer<typeof agentConfig>;

export const agentsConfig = z.object({
  defaults: agentDefaults.prefault({}),
  list: z.array(agentConfig).default([]),
});
export type AgentsConfig = z.infer<typeof agentsConfig>;
