import type { IncomingMessage } from "node:http";
import { GatewayError } from "../lib/errors.ts";
import type { Caller } from "../services/access.ts";
import type { Credentials } from "../services/credentials.ts";
import type { Lockout } from "../services/lockout.ts";
import { presentedBy } from "./carriers.ts";
import { canonical, isLoopback } from "./origin.ts";
import type { TransportLog } from "./ports.ts";

/** Finds out who is asking, for requests and upgrades alike: lock-out first, then the credential. */
export interface Gate {
  /** Fails with `rate_limited` or `unauthorized`. */
  identify(request: IncomingMessage, query: URLSearchParams | undefined): Caller | Promise<Caller>;
}

export function createGate(deps: { credentials: Credentials; lockout: Lockout; log: TransportLog }): Gate {
  const { credentials, lockout, log } = deps;

  function counted(thrown: unknown, address: string): unknown {
    if (thrown instanceof GatewayError && thrown.code === "unauthorized" && lockout.failed(address)) {
      log.warn({ address }, "locked out: too many wrong credentials");
    }
    return thrown;
  }

  return {
    identify(request, query) {
      const address = canonical(request.socket.remoteAddress ?? "");
      // A page in the owner's own browser comes from loopback too, but it brings an Origin.
      const watched = !isLoopback(address) || request.headers.origin !== undefined;
      if (watched) lockout.check(address);
      const presented = presentedBy(request, query);
      if (!watched || presented === undefined) return credentials.authenticate(presented);
      try {
        const caller = credentials.authenticate(presented);
        if (!(caller instanceof Promise)) return caller;
        return caller.catch((thrown: unknown) => {
          throw counted(thrown, address);
        });
      } catch (thrown) {
        throw counted(thrown, address);
      }
    },
  };
}
