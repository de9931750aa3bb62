import { onAbort } from "../../lib/signals.ts";
import type { Inbox } from "../types.ts";
import type { Account } from "./account.ts";
import { registerCommands } from "./commands.ts";
import { readCursors } from "./cursors.ts";
import { createEvents } from "./events.ts";
import { probe } from "./probe.ts";
import { ready } from "./wire.ts";
import { createWorkLine } from "./work-line.ts";

/** Most events that may wait for the inbox; beyond it the session is left and resumed, which repeats them. */
const mostWaiting = 5_000;

/**
 * One lifetime: asks who the bot is, opens the gateway (going on with the last session if there is one, so that nothing
 * is missed), and hands over what comes. A message that the inbox does not take ends it; the next one gets it again.
 */
export async function live(
  account: Account,
  inbox: Inbox,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { setup, token, intents, api } = account;
  const { settings, log } = setup;
  const { bot, gatewayUrl } = await probe({ root: api.root, token }, { signal });
  const cursors = await readCursors(setup.state, bot.id, log);
  const { runGateway } = await import("./gateway.ts");

  const over = new AbortController();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const fail = (thrown: unknown) => {
    failed.reject(thrown);
    over.abort();
  };
  const off = onAbort(signal, () => over.abort());
  const line = createWorkLine(mostWaiting, fail);
  const events = createEvents({ account, inbox, cursors, line, bot, fail, signal: over.signal });
  const identity = { account: bot.username, botUsername: bot.username, id: bot.id };
  let registering: Promise<void> | undefined;

  async function register(given: string | undefined): Promise<void> {
    const applicationId = settings.applicationId ?? given;
    if (!settings.slashCommands || applicationId === undefined) return;
    try {
      await registerCommands(api, applicationId, { signal: over.signal });
    } catch (err) {
      if (!over.signal.aborted) log.warn({ err }, "the slash commands could not be registered with Discord");
    }
  }

  try {
    await runGateway({
      url: gatewayUrl,
      token,
      intents,
      session: cursors.session(),
      signal: over.signal,
      onSession: events.onSession,
      onReady(kind, data) {
        inbox.connected(identity);
        inbox.alive();
        events.catchUpAfter(kind);
        if (kind === "new") {
          registering ??= register(ready.safeParse(data).data?.application?.id);
        }
        line.start();
      },
      onEvent: events.onEvent,
      onAlive: () => inbox.alive(),
    });
    // Ended without being asked to: a message could not be taken in.
    if (!signal.aborted) await failed.promise;
  } finally {
    off();
    over.abort();
    await Promise.all([line.close(), events.settled(), registering]);
    await cursors.flush();
    api.close();
  }
}
