/** The contract of the OpenClaw gateway as values, in reading order. */

export * from "./agents.ts";
export * from "./approvals.ts";
export * from "./browser.ts";
export * from "./channels.ts";
export * from "./chat.ts";
export * from "./config.ts";
export * from "./config-agents.ts";
export * from "./config-channels.ts";
export * from "./config-tools.ts";
export * from "./contract.ts";
export * from "./cron.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./frames.ts";
export * from "./method.ts";
export * from "./models.ts";
export * from "./openai/chat-completions.ts";
export * from "./openai/completions.ts";
export * from "./openai/embeddings.ts";
export * from "./openai/messages.ts";
export * from "./openai/responses.ts";
export * from "./pairing.ts";
export * from "./runs.ts";
export * from "./sessions.ts";
export * from "./system.ts";
export * from "./tokens.ts";
