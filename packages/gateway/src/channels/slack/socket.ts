import type { Log } from "../../lib/log.ts";
import { onAbort } from "../../lib/signals.ts";
import { type Inbox, JoinError } from "../types.ts";
import type { Self } from "./api.ts";
import { deliver } from "./deliver.ts";
import { heartbeats } from "./heartbeats.ts";
import { inOrder } from "./in-order.ts";
import { joinFailure } from "./outcome.ts";
import type { SlackOptions } from "./settings.ts";
import { closeClient, createClient } from "./socket-client.ts";

/** How long to wait for what, ms. */
export interface Patience {
  /** For Slack's greeting, from the moment a connection is wanted. */
  readonly greeting: number;
  /** For the answer to a ping of ours, and between two pings of Slack's. */
  readonly pong: number;
  readonly ping: number;
  /** For the other side to end a connection that we end; then it is cut. */
  readonly goodbye: number;
}

export const usualPatience: Patience = { greeting: 60_000, pong: 15_000, ping: 60_000, goodbye: 1_000 };

/** Most events that wait to be stored. Slack keeps what is not acknowledged, so more of them need no place here. */
const mostWaiting = 500;

export interface SocketFacts {
  readonly self: Self;
  readonly options: SlackOptions;
  readonly appToken: string;
  readonly log: Log;
  readonly patience: Patience;
}

/** What Slack's client hands over of an envelope. */
interface Envelope {
  readonly type: string;
  readonly body: unknown;
  ack(): Promise<void>;
}

/**
 * Receives events by Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode) until the signal aborts or
 * the connection is lost. Every few hours Slack asks for a new connection; that one is made here.
 */
export async function receiveBySocket(
  facts: SocketFacts,
  inbox: Inbox,
  { signal, connected }: { signal: AbortSignal; connected(): void },
): Promise<void> {
  for (;;) await oneConnection(facts, inbox, { signal, connected });
}

/** Resolves when Slack asks for a new connection, rejects when this one is lost. Afterwards it is closed. */
async function oneConnection(
  { self, options, appToken, log, patience }: SocketFacts,
  inbox: Inbox,
  { signal, connected }: { signal: AbortSignal; connected(): void },
): Promise<void> {
  signal.throwIfAborted();
  const attempt = new AbortController();
  const end = Promise.withResolvers<void>();
  end.promise.catch(() => undefined); // it may reject before it is awaited

  function onEnd(reason: string): void {
    if (reason === "link_disabled") {
      const message = "Socket Mode is switched off for the app. Switch it on, or set socketMode to false.";
      end.reject(new JoinError("settings", message));
    } else end.resolve();
  }
  const about = { appToken, apiRoot: options.apiRoot, log, patience, signal: attempt.signal, onEnd };
  const client = await createClient(about, inbox);

  const events = inOrder<Envelope>(mostWaiting, async ({ ack, type, body }) => {
    try {
      if (type === "events_api") await deliver(body, inbox, { self, options });
      else inbox.rejected("not_for_us", { type: "interactive" });
      await ack();
    } catch (thrown) {
      // Not stored, or no longer connected: Slack delivers it again.
      log.debug({ err: thrown }, "an event of Slack's was not acknowledged");
    }
  });
  client.on("slack_event", (envelope: Envelope) => events.add(envelope));

  const beats = heartbeats(inbox);
  client.on("authenticated", ({ url = "" }: { url?: string }) => beats.listenTo(url));

  const late = setTimeout(
    () => end.reject(new Error("Slack did not greet the new connection in time.")),
    patience.greeting,
  );
  client.on("connected", () => {
    clearTimeout(late);
    connected();
  });
  client.on("error", () => end.reject(new Error("The connection to Slack broke.")));
  client.on("disconnected", () => end.reject(new Error("Slack closed the connection.")));
  const off = onAbort(signal, () => end.reject(signal.reason));
  const dialling = new Promise<void>((resolve) => client.once("connecting", resolve));
  const started = client.start().then(
    () => undefined,
    (thrown: unknown) => end.reject(joinFailure(thrown, "appToken")),
  );
  try {
    await end.promise;
    await events.close();
  } finally {
    off();
    clearTimeout(late);
    events.drop();
    await events.close();
    attempt.abort();
    await Promise.race([dialling, started]); // until then the client would go on to open a connection
    await closeClient(client, patience.goodbye);
    beats.close();
  }
}
