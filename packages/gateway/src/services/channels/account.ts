import type { ChannelAccount, ChannelStatus } from "openclaw-protocol";
import {
  type ChannelAdapter,
  type Identity,
  type InboundMessage,
  type Inbox,
  JoinError,
  type LoginStep,
  type LoginWish,
  type RejectReason,
  type WebhookAnswer,
  type WebhookRequest,
} from "../../channels/types.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { onAbort, sleep } from "../../lib/signals.ts";
import { createLifeInbox, type LifeInbox } from "./lifetime.ts";
import { type AccountPlan, withoutSecrets } from "./plan.ts";
import type { AccountPolicy } from "./policy.ts";

/** Waits before a new lifetime: the first one, and the longest, ms. Each is drawn from the upper half of its length. */
const backoffMs = { first: 1_000, most: 60_000 };
/** What only the owner can mend is tried again this rarely, ms. */
const ownersWaitMs = 5 * 60_000;
/** A lifetime that held for so long was a good one: the waits begin anew. */
const goodMs = 60_000;
/** How long a lifetime may take to end once it was asked to; then the next begins without it. */
const leavingMs = 5_000;
const longestError = 500;

/** What an adapter turns out to be once it is loaded. */
export interface Loaded {
  readonly adapter: ChannelAdapter;
  /** Made again when names were looked up. */
  readonly policy: AccountPolicy;
  /** Looks up the names of the allow-lists, now that the platform can be asked. Never rejects. */
  resolveNames(signal: AbortSignal): Promise<void>;
}

/** One account: its lifetimes one after another, and the truth about them. */
export interface Account {
  readonly plan: AccountPlan;
  readonly channelId: string;
  readonly accountId: string;
  /** Undefined until it was loaded for the first time. */
  loaded(): Loaded | undefined;
  /** Whether it is joined now. */
  isConnected(): boolean;
  /** Its state; the counts are the outbox's and the inbox's. */
  view(): Pick<
    ChannelAccount,
    "status" | "account" | "botUsername" | "lastError" | "since" | "reconnects" | "login" | "warnings"
  > & { lastInboundAt: string | null };
  start(wish?: LoginWish): void;
  /** Ends the lifetime and waits for that, a few seconds at most. */
  stop(): Promise<void>;
  /** A message went out, or could not: for the status. */
  webhook(request: WebhookRequest): Promise<WebhookAnswer>;
  /** Resolves at the next change of status. */
  changed(): Promise<void>;
}

export interface AccountDeps {
  plan: AccountPlan;
  load(plan: AccountPlan): Promise<Loaded>;
  receive(account: Account, message: InboundMessage): Promise<"stored" | "known" | "refused">;
  rejected(account: Account, reason: RejectReason, facts: Readonly<Record<string, unknown>>): void;
  onChange(account: Account): void;
  clock: Clock;
  random(): number;
  log: Log;
}

export function createAccount(deps: AccountDeps): Account {
  const { plan, clock, log } = deps;
  const facts = { channel: plan.entry.id, account: plan.accountId };
  let loaded: Loaded | undefined;
  let loading: Promise<Loaded> | undefined;
  let status: ChannelStatus = plan.missing === undefined ? "disabled" : "not_configured";
  let since: number | null = null;
  let lastError: string | null = plan.missing === undefined ? null : `Set ${plan.missing} in openclaw.json.`;
  let identity: Identity = {};
  let login: LoginStep | undefined;
  let lastInboundAt: number | null = null;
  let joins = 0;
  let stopping: AbortController | undefined;
  let living: Promise<void> | undefined;
  let inbox: LifeInbox | undefined;
  let nextChange = Promise.withResolvers<void>();

  function become(next: ChannelStatus, error: string | null = null): void {
    if (next === status && error === lastError) return;
    if (next !== status) since = clock.now();
    status = next;
    lastError = error;
    if (next !== "needs_login") login = undefined;
    tell();
  }

  function tell(): void {
    deps.onChange(self);
    const told = nextChange;
    nextChange = Promise.withResolvers();
    told.resolve();
  }

  async function load(): Promise<Loaded> {
    if (loaded) return loaded;
    loading ??= deps.load(plan).finally(() => {
      loading = undefined;
    });
    loaded = await loading;
    return loaded;
  }

  /** Lifetimes one after another until `stop`. Never rejects. */
  async function live(stop: AbortController, wish: LoginWish | undefined): Promise<void> {
    for (let failures = 0; !stop.signal.aborted; ) {
      become("connecting", lastError);
      const beganAt = clock.now();
      const end = await lifetime(stop, failures === 0 ? wish : undefined);
      if (stop.signal.aborted) return;
      const text = withoutSecrets(end.message, plan.secrets).slice(0, longestError);
      if (end instanceof JoinError && end.reason === "login") {
        login = { message: text };
        become("needs_login", text);
        log.warn(facts, "a channel waits for somebody to log in");
        return;
      }
      failures = clock.now() - beganAt >= goodMs ? 1 : failures + 1;
      const forOwner = end instanceof JoinError || end instanceof GatewayError;
      become(forOwner ? "error" : "disconnected", text);
      log.warn({ ...facts, failures, reason: text }, "a channel's connection ended");
      const wait = forOwner ? ownersWaitMs : Math.min(backoffMs.most, backoffMs.first * 2 ** (failures - 1));
      await sleep(wait * (0.5 + deps.random() / 2), { signal: stop.signal }).catch(() => undefined);
    }
  }

  /** Runs one lifetime; resolves with why it ended. */
  async function lifetime(stop: AbortController, wish: LoginWish | undefined): Promise<Error> {
    const life = new AbortController();
    const stopListening = onAbort(stop.signal, () => life.abort(stop.signal.reason));
    let mine: LifeInbox | undefined;
    try {
      const { adapter } = await load();
      life.signal.throwIfAborted();
      mine = createLifeInbox(
        {
          receive(message) {
            lastInboundAt = clock.now();
            return deps.receive(self, message);
          },
          connected(who) {
            identity = who;
            joins += 1;
            void loaded?.resolveNames(life.signal);
            become("connected");
            log.info(facts, "a channel is connected");
          },
          needsLogin(step) {
            const isNew = login?.qr !== step.qr || login?.code !== step.code;
            login = step;
            if (status !== "needs_login") become("needs_login");
            else if (isNew) tell();
          },
          rejected: (reason, more) => deps.rejected(self, reason, more),
          silent: () => life.abort(new Error("Nothing has come in for too long: the connection is dead.")),
        },
        { silenceMs: adapter.traits.silenceMs, now: clock.now },
      );
      inbox = mine;
      const ended = adapter.run(mine, { signal: life.signal, login: wish });
      await Promise.race([ended, leftBehind(life.signal)]);
      return reasonOf(life.signal) ?? new Error("The connection was closed.");
    } catch (thrown) {
      return reasonOf(life.signal) ?? (thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      mine?.end();
      if (inbox === mine) inbox = undefined;
      life.abort(new Error("The connection has ended."));
      stopListening();
    }
  }

  const self: Account = {
    plan,
    channelId: plan.entry.id,
    accountId: plan.accountId,
    loaded: () => loaded,
    isConnected: () => status === "connected",
    view: () => ({
      status,
      ...(identity.account !== undefined && { account: identity.account }),
      ...(identity.botUsername !== undefined && { botUsername: identity.botUsername }),
      lastError,
      since: since === null ? null : isoTime(since),
      reconnects: Math.max(0, joins - 1),
      lastInboundAt: lastInboundAt === null ? null : isoTime(lastInboundAt),
      ...(login && { login: { ...login } }),
      warnings: [...(loaded?.policy.warnings ?? [])],
    }),
    start(wish) {
      if (plan.missing !== undefined || (stopping && !stopping.signal.aborted && status !== "needs_login"))
        return;
      stopping?.abort();
      const stop = new AbortController();
      stopping = stop;
      living = live(stop, wish);
    },
    async stop() {
      stopping?.abort(new Error("The channel was stopped."));
      await living;
      if (plan.missing === undefined) become("disabled");
    },
    async webhook(request) {
      const adapter = loaded?.adapter;
      const current: Inbox | undefined = inbox;
      if (!adapter?.webhook || !current) {
        throw new GatewayError(
          "service_unavailable",
          "This channel is not connected. Try again in a moment.",
          {
            retryAfterMs: 5_000,
          },
        );
      }
      return adapter.webhook(request, current);
    },
    changed: () => nextChange.promise,
  };
  return self;
}

function reasonOf(signal: AbortSignal): Error | undefined {
  return signal.aborted && signal.reason instanceof Error ? signal.reason : undefined;
}

/** Resolves some time after the signal: a lifetime that does not end is left behind. */
function leftBehind(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    onAbort(signal, () => {
      setTimeout(resolve, leavingMs).unref();
    });
  });
}
