import type { IncomingMessage } from "node:http";
import { GatewayError } from "../lib/errors.ts";
import type { Caller } from "../services/access.ts";
import type { Credentials } from "../services/credentials.ts";
import type { Lockout } from "../services/lockout.ts";
import { presentedBy } from "./carriers.ts";
import { canonical, isLoopback } from "./origin.ts";
import type { TransportLog } from "./ports.ts";

/** Unknown credentials of one address that are looked up at the same time: as many as lock it out. */
const lookUpsAtOnce = 10;

/** Finds out who is asking, for requests and upgrades alike: lock-out first, then the credential. */
export interface Gate {
  /** Fails with `rate_limited` or `unauthorized`. */
  identify(request: IncomingMessage, query: URLSearchParams | undefined): Caller | Promise<Caller>;
}

export function createGate(deps: { credentials: Credentials; lockout: Lockout; log: TransportLog }): Gate {
  const { credentials, lockout, log } = deps;
  /** Credentials that are being looked up now, by address. */
  const lookUps = new Map<string, number>();

  function counted(thrown: unknown, address: string): unknown {
    if (thrown instanceof GatewayError && thrown.code === "unauthorized" && lockout.failed(address)) {
      log.warn({ address }, "locked out: too many wrong credentials");
    }
    return thrown;
  }

  async function lookedUp(caller: Promise<Caller>, address: string): Promise<Caller> {
    lookUps.set(address, (lookUps.get(address) ?? 0) + 1);
    try {
      return await caller;
    } catch (thrown) {
      throw counted(thrown, address);
    } finally {
      const left = lookUps.get(address)! - 1; // counted above
      if (left === 0) lookUps.delete(address);
      else lookUps.set(address, left);
    }
  }

  return {
    identify(request, query) {
      const address = canonical(request.socket.remoteAddress ?? "");
      // A page in the owner's own browser comes from loopback too, but it brings an Origin.
      const watched = !isLoopback(address) || request.headers.origin !== undefined;
      if (watched) lockout.check(address);
      const presented = presentedBy(request, query);
      if (!watched || presented === undefined) return credentials.authenticate(presented);
      // Guesses sent all at once must not all be looked up before the first of them has failed.
      if ((lookUps.get(address) ?? 0) >= lookUpsAtOnce) throw tooManyAtOnce();
      try {
        const caller = credentials.authenticate(presented);
        return caller instanceof Promise ? lookedUp(caller, address) : caller;
      } catch (thrown) {
        throw counted(thrown, address);
      }
    },
  };
}

function tooManyAtOnce(): GatewayError {
  return new GatewayError("rate_limited", "Too many credentials come from this address at once. Try again.", {
    retryAfterMs: 1_000,
  });
}
