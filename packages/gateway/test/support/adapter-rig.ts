import { pino } from "pino";
import type {
  AccountSetup,
  AccountState,
  ChannelAdapter,
  Identity,
  InboundMessage,
  Inbox,
  LoginStep,
  LoginWish,
} from "../../src/channels/types.ts";
import { until } from "./until.ts";

/** An adapter's setup with a state in memory; `settings` must be the parsed ones. */
export function setupOf<S>(channelId: string, settings: S, state = memoryState()): AccountSetup<S> {
  const log = pino({ level: "silent" });
  return { channelId, accountId: "default", settings, state, clock: { now: () => Date.now() }, log };
}

export function memoryState(values = new Map<string, string>()): AccountState {
  return {
    get: async (key) => values.get(key),
    getMany: async (keys) =>
      new Map(keys.flatMap((key) => (values.has(key) ? [[key, values.get(key)!]] : []))),
    async set(changes) {
      for (const [key, value] of Object.entries(changes)) {
        if (value === undefined) values.delete(key);
        else values.set(key, value);
      }
    },
    clear: async () => values.clear(),
  };
}

/** What an inbox of a lifetime was told. */
export interface RecordingInbox extends Inbox {
  readonly messages: InboundMessage[];
  readonly identities: Identity[];
  readonly logins: LoginStep[];
  readonly rejections: string[];
  readonly signs: { alive: number };
  /** Set to make `receive` fail, as a full disk would. */
  failing: boolean;
}

export function recordingInbox(): RecordingInbox {
  const messages: InboundMessage[] = [];
  const known = new Set<string>();
  const signs = { alive: 0 };
  const inbox: RecordingInbox = {
    messages,
    identities: [],
    logins: [],
    rejections: [],
    signs,
    failing: false,
    async receive(message) {
      if (inbox.failing) throw new Error("the disk is full");
      if (known.has(message.id)) return "known";
      known.add(message.id);
      messages.push(message);
      return "stored";
    },
    connected: (identity) => void inbox.identities.push(identity),
    alive() {
      signs.alive += 1;
    },
    needsLogin: (step) => void inbox.logins.push(step),
    rejected: (reason) => void inbox.rejections.push(reason),
  };
  return inbox;
}

/** One lifetime of an adapter. */
export interface Lifetime {
  readonly inbox: RecordingInbox;
  /** Settles with what the lifetime ended with; never rejects. */
  readonly ended: Promise<unknown>;
  /** Ends it and waits. */
  stop(): Promise<void>;
}

/** Begins a lifetime and waits until the adapter says that it is connected. */
export async function join(adapter: ChannelAdapter, options: { login?: LoginWish } = {}): Promise<Lifetime> {
  const life = begin(adapter, options);
  const failed = life.ended.then((error) => {
    throw error instanceof Error ? error : new Error("the lifetime ended before it was connected");
  });
  await Promise.race([until(() => life.inbox.identities.length > 0, "connected"), failed]);
  failed.catch(() => undefined);
  return life;
}

/** Begins a lifetime. */
export function begin(adapter: ChannelAdapter, options: { login?: LoginWish } = {}): Lifetime {
  const inbox = recordingInbox();
  const controller = new AbortController();
  const ended = adapter.run(inbox, { signal: controller.signal, ...options }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    inbox,
    ended,
    async stop() {
      controller.abort();
      await ended;
    },
  };
}
