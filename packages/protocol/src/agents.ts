import { z } from "zod";
import { agentId, thinkingLevel } from "./chat.ts";
import { sandboxConfig, sandboxModes, toolPolicy, toolProfile, toolRules } from "./config-agents.ts";
import { define, noParams } from "./method.ts";

/** An agent as it is: its own settings over the defaults. */
export const agent = z
  .object({
    agentId: z.string(),
    id: z.string().describe("The same as agentId"),
    name: z.string(),
    default: z.boolean().describe("Whether it answers where no agent is named"),
    model: z.string().nullable().describe("provider/model; null: the gateway's default"),
    fallbacks: z.array(z.string()),
    thinking: thinkingLevel.nullable(),
    workspace: z.string().describe("The folder that it works in, absolute"),
    tools: z.object({
      profile: toolProfile.nullable(),
      only: z.array(z.string()).nullable().describe("Exactly these, where names are listed"),
      allow: z.array(z.string()),
      deny: z.array(z.string()),
      policy: z.record(z.string(), toolPolicy),
    }),
    sandbox: z.object({ mode: z.enum(sandboxModes), backend: z.enum(["auto", "bubblewrap", "docker"]) }),
    skills: z.array(z.string()).nullable(),
    instructions: z.string().nullable(),
    contextTokens: z.int().nullable(),
    maxCostPerDay: z.number().nullable().describe("USD per day (UTC)"),
  })
  .meta({ id: "Agent" });
export type AgentRow = z.infer<typeof agent>;

const newId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, "must be 1–64 letters, digits, dots, dashes and underscores")
  .refine((id) => !/^\.\.?$/.test(id), "must not be . or ..")
  .refine((id) => id.toLowerCase() !== "openclaw", "is reserved")
  .describe("1–64 letters, digits, dots, dashes and underscores");

const one = z.strictObject({ agentId });

const modelName = z.string().min(1).max(256);
const toolName = z.string().min(1).max(64);

/** What of an agent can be set; the shapes of the configuration, without room for unknown keys. */
const settings = {
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cc}*$/u, "must not contain control characters"),
  model: z.union([
    modelName,
    z.strictObject({ primary: modelName, fallbacks: z.array(modelName).max(20).optional() }),
    z.strictObject({ provider: z.string().min(1).max(64), id: modelName }),
  ]),
  thinking: thinkingLevel,
  instructions: z.string().max(20_000),
  workspace: z
    .string()
    .max(1_000)
    .regex(/^(\/|~(\/|$))[^\0]*$/, "must be an absolute path, or start with ~/")
    .describe("The folder that it works in; needs the scope admin"),
  tools: z
    .union([z.array(toolName).max(200), z.strictObject(toolRules.shape)])
    .describe("Rules, or the names of exactly the tools it has; more than before needs the scope admin"),
  skills: z.array(z.string().min(1).max(100)).max(200),
  sandbox: z.strictObject(sandboxConfig.shape).describe("Needs the scope admin"),
  contextTokens: z.int().min(1_000),
  maxCostPerDay: z.number().min(0).describe("USD per day (UTC); needs the scope admin"),
};

export const agentMethods = {
  "agent.list": define({
    summary: "The agents and their settings",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/agents" },
    params: noParams,
    result: z.object({ agents: z.array(agent) }),
  }),
  "agent.get": define({
    summary: "One agent and its settings",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/agents/{agentId}" },
    params: one,
    result: agent,
  }),
  "agent.create": define({
    summary: "Make an agent; it is kept in the config file",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/agents" },
    params: z
      .strictObject({ id: newId, ...settings })
      .partial()
      .required({ id: true }),
    result: agent,
  }),
  "agent.update": define({
    summary: "Change settings of an agent; null: back to the default",
    scopes: ["operate"],
    http: { method: "PATCH", path: "/v1/agents/{agentId}" },
    params: z.strictObject({
      agentId,
      name: settings.name.nullish(),
      model: settings.model.nullish(),
      thinking: settings.thinking.nullish(),
      instructions: settings.instructions.nullish(),
      workspace: settings.workspace.nullish(),
      tools: settings.tools.nullish(),
      skills: settings.skills.nullish(),
      sandbox: settings.sandbox.nullish(),
      contextTokens: settings.contextTokens.nullish(),
      maxCostPerDay: settings.maxCostPerDay.nullish(),
    }),
    result: agent,
  }),
  "agent.delete": define({
    summary: "Delete an agent; its workspace and sessions stay",
    scopes: ["operate"],
    http: { method: "DELETE", path: "/v1/agents/{agentId}" },
    params: one,
    result: z.object({ deleted: z.literal(true), agentId: z.string() }),
  }),
} as const;
