import type { Log } from "../../lib/log.ts";
import type { Inbox } from "../types.ts";
import type { Bot, BotApi, Calls } from "./bot-api.ts";
import { lifetimeFailure } from "./failures.ts";
import { poll } from "./polling.ts";
import type { ReadUpdate } from "./take.ts";
import { setWebhook, type Webhook, watchWebhook } from "./webhook.ts";

export interface LifetimeDeps {
  api: BotApi;
  /** Undefined: Telegram is polled. */
  webhook: Webhook | undefined;
  /** Reads the updates for the bot that was found. */
  reader(bot: Bot): ReadUpdate;
  log: Log;
}

/** What people find behind the menu button: commands that all channels have. */
const commands = [
  { command: "start", description: "Say hello" },
  { command: "help", description: "What can be done here" },
  { command: "status", description: "Which model answers, and how it is" },
  { command: "new", description: "Begin a new conversation" },
  { command: "reset", description: "Forget this conversation and begin anew" },
  { command: "stop", description: "Break off the answer under way" },
  { command: "model", description: "Show or choose the model" },
  { command: "think", description: "Show or choose how much is thought" },
];

/** How long the menu may hold up what matters, ms. */
const menuMs = 10_000;

/** One lifetime of a bot. Resolves when the signal aborts, rejects with what ended it before. */
export async function live(deps: LifetimeDeps, inbox: Inbox, signal: AbortSignal): Promise<void> {
  const { api, webhook, reader, log } = deps;
  try {
    const bot = await api.getMe(signal);
    const read = reader(bot);
    const calls = await api.calls();
    if (webhook) await setWebhook(calls, webhook, signal);
    else await calls.raw.deleteWebhook({ drop_pending_updates: false }, signal);
    inbox.connected({ account: `@${bot.username}`, botUsername: bot.username, id: String(bot.id) });
    await offerCommands(calls, log, signal);
    if (webhook) await watchWebhook(calls, webhook, { log, signal });
    else await poll(calls, inbox, read, signal);
  } catch (thrown) {
    if (!signal.aborted) throw lifetimeFailure(thrown);
  }
}

/** Sets the menu; a bot without one works as well. */
async function offerCommands({ raw }: Calls, log: Log, signal: AbortSignal): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(menuMs)]);
  await raw.setMyCommands({ commands }, limited).catch((thrown: unknown) => {
    log.debug({ err: thrown }, "the menu of the Telegram bot could not be set");
  });
}
