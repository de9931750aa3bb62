import type { Socket } from "node:net";
import IrcClient, { type IrcMessage } from "irc-framework/src/client.js";
import { sleep } from "../../lib/signals.ts";
import { type Casemapping, casemappingOf } from "./names.ts";
import type { Account } from "./settings.ts";
import { type TransportHooks, transportOver } from "./transport.ts";

/** One connection to a server. Everything that waits in it rejects once it is closed. */
export interface Session {
  /** What the server calls us now. */
  nick(): string;
  casemapping(): Casemapping;
  /** What the server says of itself (ISUPPORT): parameters by name. */
  supports(name: string): unknown;
  hasCapability(name: string): boolean;
  /** Starts to speak. */
  begin(): void;
  changeNick(nick: string): void;
  /** Writes a line as soon as the server's patience allows. Rejects with nothing written. */
  write(line: string, options: { signal: AbortSignal }): Promise<void>;
  /** Resolves once the server has dealt with everything that was written before. */
  fence(options: { signal: AbortSignal }): Promise<void>;
  /** Waits for what `judge` makes of a message; what it throws ends the waiting. */
  waitFor<T>(judge: (message: IrcMessage) => T | undefined, options: { signal: AbortSignal }): Promise<T>;
  /** Calls back with each message. Returns the way to stop. */
  watch(listener: (message: IrcMessage) => void): () => void;
  /** Resolves with why, once the connection is closed. */
  readonly closed: Promise<Error>;
  /** Says goodbye and resolves once everything is closed. */
  close(): Promise<void>;
}

/** Lines that a server takes at once before it wants them slower. */
const burst = 5;

const pingSeconds = 30;
const goodbyeMs = 500;

export function createSession(socket: Socket, account: Account, hooks: TransportHooks): Session {
  const client = new IrcClient();
  const watchers = new Set<(message: IrcMessage) => void>();
  const gone = new AbortController();
  let lastWords = "";
  let fences = 0;
  let free = burst;
  let refilledAt = performance.now();
  const closed = new Promise<Error>((resolve) => {
    const onClose = () => {
      const error = new Error(`The IRC server closed the connection${lastWords}.`);
      gone.abort(error);
      resolve(error);
    };
    if (socket.closed) onClose();
    else socket.once("close", onClose);
  });

  client.connection.on("message", (message) => {
    if (message.command === "ERROR") lastWords = ` (${readable(message.params.at(-1))})`;
    for (const watcher of [...watchers]) watcher(message);
  });

  function watch(listener: (message: IrcMessage) => void): () => void {
    watchers.add(listener);
    return () => watchers.delete(listener);
  }

  function waitFor<T>(
    judge: (message: IrcMessage) => T | undefined,
    { signal }: { signal: AbortSignal },
  ): Promise<T> {
    const both = AbortSignal.any([signal, gone.signal]);
    return new Promise((resolve, reject) => {
      const stopWatching = watch((message) => {
        try {
          const verdict = judge(message);
          if (verdict !== undefined) done(() => resolve(verdict));
        } catch (thrown) {
          done(() => reject(thrown));
        }
      });
      const fail = () => done(() => reject(both.reason));
      both.addEventListener("abort", fail);
      function done(settle: () => void): void {
        stopWatching();
        both.removeEventListener("abort", fail);
        settle();
      }
      if (both.aborted) fail();
    });
  }

  /** Takes a place of the burst, which grows again by one per `lineMs`. */
  async function turn(signal: AbortSignal): Promise<void> {
    const both = AbortSignal.any([signal, gone.signal]);
    for (;;) {
      both.throwIfAborted();
      const now = performance.now();
      const gained = account.lineMs === 0 ? burst : (now - refilledAt) / account.lineMs;
      free = Math.min(burst, free + gained);
      refilledAt = now;
      if (free >= 1) break;
      await sleep(Math.ceil((1 - free) * account.lineMs), { signal: both });
    }
    free -= 1;
  }

  return {
    nick: () => client.user.nick,
    casemapping: () => casemappingOf(client.network.options.CASEMAPPING),
    supports: (name) => client.network.options[name],
    hasCapability: (name) => client.network.cap.isEnabled(name),
    begin() {
      client.connect({
        nick: account.nick,
        username: account.username,
        gecos: account.realname,
        password: account.password,
        account: account.sasl ?? {},
        version: "",
        auto_reconnect: false,
        ping_interval: pingSeconds,
        ping_timeout: 0, // the supervisor watches the silence
        transport: transportOver(socket, hooks),
      });
    },
    changeNick: (nick) => client.changeNick(nick),
    async write(line, { signal }) {
      await turn(signal);
      client.raw(line);
    },
    fence({ signal }) {
      const token = `openclaw-${++fences}`;
      const passed = waitFor(
        ({ command, params }) => (command === "PONG" && params.at(-1) === token ? true : undefined),
        { signal },
      );
      client.raw(`PING ${token}`);
      return passed.then(() => undefined);
    },
    waitFor,
    watch,
    closed,
    async close() {
      if (socket.writable) socket.write("QUIT\r\n");
      socket.destroySoon();
      const timer = setTimeout(() => socket.destroy(), goodbyeMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** What a server wrote, for an error's message. */
function readable(text = ""): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 200);
}
