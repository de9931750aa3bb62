import type { AccountSetup, Inbox, RunOptions } from "../../types.ts";
import type { Settings } from "../both/settings.ts";
import { ended, endOf, statusOf } from "./failures.ts";
import { isLinked } from "./kept-state.ts";
import { loadBaileys } from "./library.ts";
import type { Link, Memory } from "./link.ts";
import { loginOf, notLinked } from "./login.ts";
import { runSocket } from "./socket.ts";

export interface LifetimePorts {
  readonly setup: AccountSetup<Settings>;
  readonly url: string;
  readonly sent: Memory;
  readonly received: Memory;
  onLink(link: Link | undefined): void;
}

/** WhatsApp asks for a new connection after pairing, and now and then. More often than this in one lifetime is odd. */
const mostRestarts = 3;

/** One lifetime: logs in if somebody asked for it, then connects, until the signal or until the connection is lost. */
export async function live(
  ports: LifetimePorts,
  inbox: Inbox,
  { signal, login: wish }: RunOptions,
): Promise<void> {
  const { setup, url } = ports;
  const linked = await isLinked(setup.state);
  if (!linked && wish === undefined) {
    inbox.needsLogin({ message: "Run: openclaw channels login whatsapp" });
    throw notLinked();
  }
  const login = linked ? undefined : loginOf(wish, setup.settings.phoneNumber);
  await reach(url, signal);
  const library = await loadBaileys();
  if (!linked) await setup.state.clear(); // of an attempt that came to nothing
  for (let restarts = 0; ; restarts++) {
    const end = await runSocket({ ...ports, library, inbox, signal, login });
    if (signal.aborted) return;
    const status = statusOf(end);
    if (status === ended.restart && restarts < mostRestarts) continue;
    if (status === ended.loggedOut) await setup.state.clear();
    const isLoggingIn = login !== undefined && !(await isLinked(setup.state));
    throw endOf(end, { isLoggingIn });
  }
}

/** Asks whether anybody is there, before some 40 MB of code are loaded for it. Any answer will do. */
async function reach(url: string, signal: AbortSignal): Promise<void> {
  const { origin } = new URL(url.replace(/^ws/, "http"));
  try {
    const options = { method: "HEAD", redirect: "manual" } as const;
    const response = await fetch(origin, {
      ...options,
      signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
    });
    await response.body?.cancel();
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new Error(
      "WhatsApp cannot be reached. Check the network, and channels.whatsapp.webSocketUrl if it is set.",
      { cause },
    );
  }
}
