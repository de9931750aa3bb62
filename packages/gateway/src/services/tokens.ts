import { hash, randomBytes } from "node:crypto";
import type { ParsedParamsOf, ResultOf, Scope, Token, TokenLimits } from "openclaw-protocol";
import { type Clock, isoTime } from "../lib/clock.ts";
import { GatewayError } from "../lib/errors.ts";
import type { MakeId } from "../lib/ids.ts";
import type { Database } from "../storage/database.ts";
import {
  deleteToken,
  findTokenByHash,
  insertToken,
  listTokens,
  replaceTokenHash,
  type TokenRow,
} from "../storage/tokens.ts";
import { type Caller, may } from "./access.ts";
import type { NamedToken, TokenStore } from "./credentials.ts";

/** Named API tokens: kept as sha-256, shown once. */
export interface Tokens {
  list(): Promise<ResultOf<"token.list">>;
  create(wish: ParsedParamsOf<"token.create">, caller: Caller): Promise<ResultOf<"token.create">>;
  revoke(tokenId: string): Promise<ResultOf<"token.revoke">>;
  rotate(tokenId: string): Promise<ResultOf<"token.rotate">>;
}

export interface TokensDeps {
  db: Database;
  ids: MakeId;
  clock: Clock;
  /** The token's secret has changed or gone: whoever came in with it has to leave. */
  onRevoked(tokenId: string): void;
}

/** What a caller may hand on of what is wished for: never more than it has itself. Throws `forbidden`. */
export function grantable(caller: Pick<Caller, "scopes">, wished: readonly Scope[]): Scope[] {
  for (const scope of wished) {
    if (may(caller, scope)) continue;
    throw new GatewayError("forbidden", `You cannot grant the scope ${scope}, which you do not have.`, {
      param: "scopes",
    });
  }
  return [...new Set(wished)];
}

/** The limits of a token that the caller makes: models may cost by it at most what they may by its maker's. Throws `forbidden`. */
export function grantableLimits(
  caller: Pick<Caller, "limits">,
  wished: TokenLimits | undefined,
): TokenLimits {
  const most = caller.limits.maxCostPerDay;
  if (most === undefined) return wished ?? {};
  const maxCostPerDay = wished?.maxCostPerDay ?? most;
  if (maxCostPerDay <= most) return { ...wished, maxCostPerDay };
  throw new GatewayError("forbidden", `You cannot grant more than your own $${most} per day.`, {
    param: "limits.maxCostPerDay",
  });
}

export function createTokens({ db, ids, clock, onRevoked }: TokensDeps): Tokens {
  function missing(tokenId: string): GatewayError {
    return new GatewayError("not_found", `There is no token "${tokenId}".`, { param: "tokenId" });
  }

  return {
    async list() {
      return { tokens: (await listTokens(db.read)).map(view) };
    },

    async create(wish, caller) {
      const scopes = grantable(caller, wish.scopes);
      const expiresAt = wish.expiresAt === undefined ? null : Date.parse(wish.expiresAt);
      if (expiresAt !== null && expiresAt <= clock.now()) {
        throw new GatewayError("invalid_request", "expiresAt lies in the past.", { param: "expiresAt" });
      }
      const secret = newSecret();
      const row: TokenRow = {
        id: ids("token"),
        name: wish.name,
        hash: hash("sha256", secret),
        scopes_json: JSON.stringify(scopes),
        limits_json: JSON.stringify(grantableLimits(caller, wish.limits)),
        created_at: clock.now(),
        expires_at: expiresAt,
      };
      await db.write((tx) => insertToken(tx, row));
      return { ...view(row), token: secret };
    },

    async revoke(tokenId) {
      if (!(await db.write((tx) => deleteToken(tx, tokenId)))) throw missing(tokenId);
      onRevoked(tokenId);
      return { revoked: true, tokenId };
    },

    async rotate(tokenId) {
      const secret = newSecret();
      const row = await db.write((tx) => replaceTokenHash(tx, tokenId, hash("sha256", secret)));
      if (!row) throw missing(tokenId);
      onRevoked(tokenId);
      return { ...view(row), token: secret };
    },
  };
}

/** The look-up of presented secrets. */
export function createTokenStore(db: Pick<Database, "read">): TokenStore {
  return {
    async find(hashed): Promise<NamedToken | undefined> {
      const row = await findTokenByHash(db.read, hashed);
      return row && { id: row.id, ...parsed(row), expiresAt: row.expires_at };
    },
  };
}

/** 256 random bits, told from other secrets by its prefix. */
function newSecret(): string {
  return `oc_${randomBytes(32).toString("base64url")}`;
}

function view(row: TokenRow): Token {
  return {
    tokenId: row.id,
    name: row.name,
    ...parsed(row),
    createdAt: isoTime(row.created_at),
    expiresAt: row.expires_at === null ? null : isoTime(row.expires_at),
  };
}

function parsed(row: TokenRow): { scopes: Scope[]; limits: TokenLimits } {
  return {
    scopes: JSON.parse(row.scopes_json) as Scope[], // both written from validated values
    limits: JSON.parse(row.limits_json) as TokenLimits,
  };
}
