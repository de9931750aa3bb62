import type { Socket } from "node:net";
import type { AccountSetup, Inbox } from "../types.ts";
import { createArrivals } from "./arrivals.ts";
import { inboundOf } from "./inbound.ts";
import { register } from "./register.ts";
import { createSend, type Send } from "./send.ts";
import { createSession, type Session } from "./session.ts";
import type { Account } from "./settings.ts";

export interface LifeOptions {
  socket: Socket;
  account: Account;
  setup: AccountSetup;
  inbox: Inbox;
  signal: AbortSignal;
  /** Gets the way to send as long as there is one. */
  onSend(send: Send | undefined): void;
}

/** Lives over a connection until the signal aborts or the connection ends, then rejects with why. Everything is closed by then. */
export async function live({ socket, account, setup, inbox, signal, onSend }: LifeOptions): Promise<never> {
  const { log, clock } = setup;
  const over = new AbortController();
  const session = createSession(socket, account, {
    seen: () => inbox.alive(),
    malformed: () => inbox.rejected("malformed"),
  });
  const arrivals = createArrivals(inbox, {
    signal: over.signal,
    log,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  });
  const makeId = idMaker(clock.now());
  session.watch((message) => {
    if (message.command === "KICK" && isOwn(session, message.params[1])) {
      log.warn(
        { channel: message.params[0] },
        "the bot was thrown out of an IRC channel until it connects again",
      );
    }
    const inbound = inboundOf(message, {
      nick: session.nick(),
      casemapping: session.casemapping(),
      channelTypes: [session.supports("CHANTYPES") ?? "#&"].flat().join(""),
      now: clock.now(),
      makeId,
    });
    if (inbound) arrivals.push(inbound);
  });
  let working: Promise<void> | undefined;
  try {
    await register(session, account, { signal, log });
    onSend(createSend(session));
    const nick = session.nick();
    inbox.connected({ account: `${nick}@${account.host}`, botUsername: nick });
    working = arrivals.run();
    const ended = await Promise.race([session.closed, aborted(signal)]);
    throw ended;
  } finally {
    onSend(undefined);
    await session.close();
    over.abort();
    await working;
  }
}

/** IRC gives a message no id that would come twice, so each arrival has its own, also across restarts. */
function idMaker(connectedAt: number): () => string {
  let count = 0;
  return () => `local-${connectedAt.toString(36)}-${++count}`;
}

function isOwn(session: Session, nick: string | undefined): boolean {
  return nick === session.nick();
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const tell = () => resolve(signal.reason);
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell, { once: true });
  });
}
