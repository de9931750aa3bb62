import { setImmediate } from "node:timers/promises";
import type { ConnectionState, WAMessage, WASocket } from "baileys";
import { onAbort } from "../../../lib/signals.ts";
import type { AccountSetup, Inbox } from "../../types.ts";
import type { Settings } from "../both/settings.ts";
import { admission } from "./admission.ts";
import { brokenOff, ended, notOpen, statusOf } from "./failures.ts";
import { inboundOf, type Me } from "./inbound.ts";
import { isLid } from "./jids.ts";
import { type KeptState, openKeptState } from "./kept-state.ts";
import type { Baileys } from "./library.ts";
import { type Link, linkOf, type Memory } from "./link.ts";
import { type Login, loginSteps } from "./login.ts";
import { recentOf } from "./recent.ts";
import { socketOptions } from "./socket-options.ts";

export interface SocketPorts {
  readonly library: Baileys;
  readonly setup: AccountSetup<Settings>;
  readonly url: string;
  readonly inbox: Inbox;
  readonly signal: AbortSignal;
  readonly login: Login | undefined;
  readonly sent: Memory;
  readonly received: Memory;
  /** Told of the connection when it is there, and when it is gone. */
  onLink(link: Link | undefined): void;
}

/** One connection, from its beginning until everything of it is closed. Returns what ended it; undefined: the signal. */
export async function runSocket(ports: SocketPorts): Promise<unknown> {
  const { library, setup, inbox, signal } = ports;
  const over = Promise.withResolvers<unknown>();
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => undefined); // nobody may be sending
  let failure: { thrown: unknown } | undefined;
  let ending: Promise<void> | undefined;

  /** Closes the socket at once, so that nothing more is acknowledged. The first failure is the one that is told of. */
  function fail(thrown: unknown): void {
    failure ??= { thrown };
    ending ??= socket?.end(undefined);
    over.resolve(failure.thrown);
  }

  let socket: WASocket | undefined;
  const kept = await openKeptState(setup.state, library, fail);
  const me = (): Me => ({ id: kept.auth.creds.me?.id ?? "", lid: kept.auth.creds.me?.lid });
  const intake = intakeOf(
    ports,
    me,
    () => socket,
    () => failure,
    fail,
  );
  const admitted = admission(library, me, intake.take);
  socket = library.makeWASocket(
    socketOptions({ ...ports, kept, makeRepository: admitted.makeRepository, settings: setup.settings }),
  );
  const open = socket;
  const stopListening = onAbort(signal, () => fail(undefined));
  const steps = loginSteps(ports.login, open, inbox, fail);
  open.ws.prependListener("CB:message", admitted.note);
  open.ws.on("frame", () => inbox.alive());
  // `ws` leaves a refused connection hanging where somebody listens to this, and baileys does.
  open.ws.on("unexpected-response", (_request: unknown, response: { statusCode?: number }) =>
    fail(new Error(`A server in between refused the connection to WhatsApp (${response.statusCode}).`)),
  );
  open.ev.on("creds.update", () => void kept.save().catch(fail));
  open.ev.on("messages.upsert", ({ messages }) => intake.offer(messages));
  open.ev.on("connection.update", (update) => void onUpdate(update).catch(fail));

  async function onUpdate({ connection, lastDisconnect, qr }: Partial<ConnectionState>): Promise<void> {
    if (connection === "close") return fail(lastDisconnect?.error);
    if (qr !== undefined) {
      await undefined; // baileys sets a timer for the next code right after this one, which ending must find
      await steps(qr);
    }
    if (connection !== "open") return;
    await kept.save();
    if (failure !== undefined) return;
    ports.onLink(linkOf(open, closed.promise, ports.sent));
    const { id, name } = kept.auth.creds.me!; // an open connection has an account
    const digits = id.split(/[:@]/)[0];
    inbox.connected({ account: `+${digits}`, botUsername: name, id: `${digits}@s.whatsapp.net` });
  }

  try {
    return await over.promise;
  } finally {
    stopListening();
    ports.onLink(undefined);
    await closeSocket(open, ending);
    await setImmediate(); // so that a message that was not written yet can say so itself
    closed.reject(brokenOff());
    await intake.settled();
    await afterSave(kept, failure?.thrown);
  }
}

interface Intake {
  /** Takes one in; rejects when it could not be stored. */
  take(message: WAMessage): Promise<void>;
  /** Those that baileys tells of: most were taken in before. */
  offer(messages: readonly WAMessage[]): void;
  settled(): Promise<void>;
}

function intakeOf(
  { inbox, received }: SocketPorts,
  me: () => Me,
  socket: () => WASocket | undefined,
  failed: () => unknown,
  fail: (thrown: unknown) => void,
): Intake {
  const known = recentOf<true>(1_000);
  let last: Promise<void> = Promise.resolve();

  async function take(raw: WAMessage): Promise<void> {
    if (failed() !== undefined) throw new Error("closed"); // a later one must not overtake the one that failed
    const message = inboundOf(await withNumber(raw, socket()), me());
    if (message === undefined || known.get(message.id)) return;
    try {
      await inbox.receive(message);
    } catch (thrown) {
      fail(thrown);
      throw thrown;
    }
    known.set(message.id, true);
    received.remember(message.id, raw);
  }

  return {
    take,
    offer(messages) {
      for (const message of messages) {
        last = last.then(() => take(message)).catch(() => undefined); // `take` has told of it
      }
    },
    settled: () => last,
  };
}

/** The message with its sender's number, where only the hidden id came along and the number is known from before. */
async function withNumber(message: WAMessage, socket: WASocket | undefined): Promise<WAMessage> {
  const { key } = message;
  const numbers = socket?.signalRepository.lidMapping;
  const jid = key.participant ?? key.remoteJid;
  if (!numbers || !isLid(jid) || key.participantAlt || key.remoteJidAlt) return message;
  const number = await numbers.getPNForLID(jid);
  if (!number) return message;
  const alt = key.participant ? { participantAlt: number } : { remoteJidAlt: number };
  return { ...message, key: { ...key, ...alt } };
}

const longestCloseMs = 1_000;

/** baileys waits for the other side to say goodbye; one that is gone never does. */
async function closeSocket(socket: WASocket, ending: Promise<void> | undefined): Promise<void> {
  const end = ending ?? socket.end(undefined);
  const timer = setTimeout(() => {
    // baileys' client holds the WebSocket of `ws` here, and offers no way to drop it.
    const { socket: raw } = socket.ws as unknown as { socket?: { terminate?(): void } | null };
    raw?.terminate?.();
  }, longestCloseMs);
  try {
    await end;
  } finally {
    clearTimeout(timer);
    // Its end takes the listeners for `close` away, by which questions would learn that no answer comes any more.
    socket.ws.emit("error", notOpen());
  }
}

/** What was learned last is on disk before the next connection, unless the session is over. */
async function afterSave(kept: KeptState, thrown: unknown): Promise<void> {
  if (statusOf(thrown) !== ended.loggedOut) await kept.save();
}
