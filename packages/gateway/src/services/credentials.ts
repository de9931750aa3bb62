import { hash, timingSafeEqual } from "node:crypto";
import { type Scope, scopes, type TokenLimits } from "openclaw-protocol";
import type { Clock } from "../lib/clock.ts";
import { GatewayError } from "../lib/errors.ts";
import type { Secret } from "../lib/secrets.ts";
import type { Caller } from "./access.ts";
import type { Tickets } from "./tickets.ts";

/** What a request brought with it to say who is asking. */
export interface Presented {
  readonly kind: "secret" | "ticket";
  readonly value: string;
}

/** What is known about a named token. */
export interface NamedToken {
  readonly id: string;
  readonly scopes: readonly Scope[];
  readonly limits: TokenLimits;
  /** Unix ms; null: never. */
  readonly expiresAt: number | null;
}

/** The named tokens, by the sha-256 (hex) of their secret. */
export interface TokenStore {
  find(hash: string): NamedToken | undefined | Promise<NamedToken | undefined>;
}

/** The gateway's own credentials; which of them counts is decided by the mode. */
export interface GatewaySecrets {
  readonly mode: "token" | "password" | "off";
  readonly token?: Secret | undefined;
  readonly password?: Secret | undefined;
}

export interface Credentials {
  /** Who is asking. Fails with `unauthorized`; answers at once for a caller that was seen before. */
  authenticate(presented: Presented | undefined): Caller | Promise<Caller>;
  /** A named token was revoked or has a new secret: forgets it and aborts its `Caller.revoked`. */
  revoked(tokenId: string): void;
  /** The gateway's own credentials may have changed: if so, callers with the old ones are aborted. */
  replace(secrets: GatewaySecrets): void;
  /** Stops watching for tokens that expire. */
  close(): void;
}

interface Known {
  readonly caller: Caller;
  readonly controller: AbortController;
  readonly hash: string;
  readonly expiresAt: number;
  timer?: NodeJS.Timeout;
}

const longestTimerMs = 2_147_483_647;

export function createCredentials(
  deps: GatewaySecrets & { tokens: TokenStore; tickets: Tickets; clock: Clock },
): Credentials {
  const { tokens, tickets, clock } = deps;
  // Only credentials that were right are kept, so nobody from outside can make these grow.
  const byHash = new Map<string, Known>();
  const byTokenId = new Map<string, Known>();
  let own = createOwn(deps);
  // Grows with every revocation, so that a look-up which was under way then is not believed.
  let generation = 0;

  function forget(known: Known): void {
    clearTimeout(known.timer);
    byHash.delete(known.hash);
    byTokenId.delete(known.caller.id);
    known.controller.abort();
  }

  function remember(token: NamedToken, tokenHash: string): Caller {
    const caller = createCaller(`token:${token.id}`, token.scopes, token.limits);
    const earlier = byTokenId.get(caller.caller.id);
    if (earlier?.hash === tokenHash) return earlier.caller;
    if (earlier) forget(earlier);
    const known: Known = {
      ...caller,
      hash: tokenHash,
      expiresAt: token.expiresAt ?? Number.POSITIVE_INFINITY,
    };
    byHash.set(tokenHash, known);
    byTokenId.set(caller.caller.id, known);
    watchExpiry(known);
    return known.caller;
  }

  function watchExpiry(known: Known): void {
    if (known.expiresAt === Number.POSITIVE_INFINITY) return;
    const left = known.expiresAt - clock.now();
    if (left <= 0) forget(known);
    else known.timer = setTimeout(watchExpiry, Math.min(left, longestTimerMs), known).unref();
  }

  async function look(tokenHash: string): Promise<Caller> {
    for (;;) {
      const before = generation;
      const token = await tokens.find(tokenHash);
      if (before !== generation) continue;
      if (token === undefined || (token.expiresAt ?? Number.POSITIVE_INFINITY) <= clock.now())
        throw refused();
      return remember(token, tokenHash);
    }
  }

  return {
    authenticate(presented) {
      if (own.mode === "off") return own.known.caller;
      if (presented === undefined) throw missing();
      if (presented.kind === "ticket") {
        const caller = tickets.redeem(presented.value);
        if (caller === undefined || caller.revoked.aborted) throw refused();
        return caller;
      }
      const presentedHash = hash("sha256", presented.value);
      const known = byHash.get(presentedHash);
      if (known !== undefined && known.expiresAt > clock.now()) return known.caller;
      if (own.matches(presentedHash)) return own.known.caller;
      return look(presentedHash);
    },

    revoked(tokenId) {
      generation++;
      const known = byTokenId.get(`token:${tokenId}`);
      if (known) forget(known);
    },

    replace(secrets) {
      const before = own;
      const next = createOwn(secrets);
      if (next.mode === before.mode && next.digest === before.digest) return;
      own = next;
      before.known.controller.abort();
    },

    close() {
      for (const known of byHash.values()) clearTimeout(known.timer);
    },
  };
}

/** The caller that holds the gateway's own token or password, or everyone where there is no authentication. */
function createOwn(secrets: GatewaySecrets) {
  const secret = secrets.mode === "password" ? secrets.password : secrets.token;
  const digest = secrets.mode === "off" || secret === undefined ? undefined : hash("sha256", secret.reveal());
  const wanted = digest === undefined ? undefined : Buffer.from(digest);
  return {
    mode: secrets.mode,
    digest,
    known: createCaller(secrets.mode === "off" ? "local" : "gateway", scopes, {}),
    matches: (presentedHash: string) =>
      wanted !== undefined && timingSafeEqual(Buffer.from(presentedHash), wanted),
  };
}

function createCaller(id: string, granted: readonly Scope[], limits: TokenLimits) {
  const controller = new AbortController();
  const caller: Caller = { id, scopes: new Set(granted), limits, revoked: controller.signal };
  return { caller, controller };
}

function missing(): GatewayError {
  return new GatewayError(
    "unauthorized",
    "This needs a credential. Send the gateway's token as Authorization: Bearer <token>.",
  );
}

function refused(): GatewayError {
  return new GatewayError(
    "unauthorized",
    "The credential is not valid. Check the token or password; it may have expired or been replaced.",
  );
}
