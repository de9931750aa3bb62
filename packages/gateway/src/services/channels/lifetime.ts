import type { Identity, InboundMessage, Inbox, LoginStep, RejectReason } from "../../channels/types.ts";

/** Said to a connection that has been replaced. */
class Stale extends Error {
  constructor() {
    super("This connection has ended; another one speaks for the account.");
    this.name = "Stale";
  }
}

export interface LifetimeListeners {
  receive(message: InboundMessage): Promise<"stored" | "known" | "refused">;
  connected(identity: Identity): void;
  needsLogin(step: LoginStep): void;
  rejected(reason: RejectReason, facts: Readonly<Record<string, unknown>>): void;
  /** Nothing has come in for too long. */
  silent(): void;
}

export interface LifeInbox extends Inbox {
  /** From now on nothing of this lifetime counts: each later call is refused. */
  end(): void;
}

/**
 * The inbox of one lifetime. What an old connection says late is refused, and one from which nothing comes in for
 * `silenceMs` (0: that means nothing) is called silent, once: what goes out proves nothing.
 */
export function createLifeInbox(
  listeners: LifetimeListeners,
  { silenceMs, now }: { silenceMs: number; now: () => number },
): LifeInbox {
  let ended = false;
  let lastSign = now();
  const watch =
    silenceMs > 0
      ? setInterval(
          () => {
            if (now() - lastSign <= silenceMs) return;
            clearInterval(watch);
            listeners.silent();
          },
          Math.max(10, silenceMs / 8),
        ).unref()
      : undefined;

  function check(): void {
    if (ended) throw new Stale();
  }

  function sign(): void {
    lastSign = now();
  }

  return {
    async receive(message) {
      check();
      sign();
      return listeners.receive(message);
    },
    connected(identity) {
      check();
      sign();
      listeners.connected(identity);
    },
    alive() {
      if (!ended) sign();
    },
    needsLogin(step) {
      check();
      sign();
      listeners.needsLogin(step);
    },
    rejected(reason, facts = {}) {
      if (!ended) listeners.rejected(reason, facts);
    },
    end() {
      ended = true;
      clearInterval(watch);
    },
  };
}
