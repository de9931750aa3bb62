import { z } from "zod";
import type { Api } from "./api.ts";

interface Command {
  name: string;
  description: string;
  option?: { name: string; description: string };
}

/** What the supervisor understands, as Discord's menu shows it. */
const commands: readonly Command[] = [
  { name: "help", description: "What can be asked of this bot" },
  { name: "status", description: "The session, its model and what it used" },
  { name: "reset", description: "Forget this conversation" },
  { name: "new", description: "Begin a new conversation" },
  { name: "stop", description: "Stop the answer that is being made" },
  {
    name: "model",
    description: "Show or change the model",
    option: { name: "name", description: "The model's name, e.g. openai/gpt-5" },
  },
  {
    name: "think",
    description: "Show or change how much is thought",
    option: { name: "level", description: "off, minimal, low, medium, high" },
  },
];

export const commandNames: readonly string[] = commands.map((it) => it.name);

const registered = z.array(
  z.object({
    name: z.string(),
    description: z.string(),
    options: z.array(z.object({ name: z.string(), description: z.string() })).optional(),
  }),
);

/**
 * Registers what is missing or has changed, and leaves the application's other commands alone
 * (https://discord.com/developers/docs/interactions/application-commands#create-global-application-command).
 */
export async function registerCommands(
  api: Api,
  applicationId: string,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const route = `/applications/${applicationId}/commands` as const;
  const there = registered.parse(await api.call("get", route, { signal }));
  for (const command of commands) {
    const twin = there.find((it) => it.name === command.name);
    const option = twin?.options?.[0];
    if (
      twin?.description === command.description &&
      option?.name === command.option?.name &&
      option?.description === command.option?.description
    ) {
      continue;
    }
    await api.call("post", route, { signal, body: bodyOf(command) });
  }
}

/** A chat command (type 1) for servers and the bot's own direct messages, of an app that was added to a server. */
function bodyOf({ name, description, option }: Command) {
  const options = option ? [{ ...option, type: 3, required: false }] : [];
  return { name, description, type: 1, options, contexts: [0, 1], integration_types: [0] };
}
