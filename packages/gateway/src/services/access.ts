import type { Scope, TokenLimits } from "openclaw-protocol";
import { GatewayError } from "../lib/errors.ts";

/** Who is asking, decided from the credential alone. */
export interface Caller {
  /** Names the credential in limits, ownership and idempotency: `gateway`, `local` (auth off) or `token:<id>`. */
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  /** A token's own limits, over the gateway's. */
  readonly limits: TokenLimits;
  /** Aborted when the credential is revoked, rotated or expires: live sockets then close. */
  readonly revoked: AbortSignal;
}

/** Whether the caller holds the scope; `admin` contains all others, no other scope contains another. */
export function may(caller: Pick<Caller, "scopes">, scope: Scope): boolean {
  return caller.scopes.has(scope) || caller.scopes.has("admin");
}

/** Whether the caller may see and use what belongs to a session: with `read` every one, else those that it made. */
export function maySee(caller: Pick<Caller, "scopes" | "id">, session: { owner: string }): boolean {
  return may(caller, "read") || session.owner === caller.id;
}

/** Throws `forbidden` unless the caller holds one of the scopes; an empty list asks for none. */
export function requireScope(caller: Caller, scopes: readonly Scope[], label: string): void {
  if (scopes.length === 0 || scopes.some((scope) => may(caller, scope))) return;
  throw new GatewayError(
    "forbidden",
    `${label} needs the scope ${scopes.join(" or ")}, which this credential lacks. Use a token that has it.`,
    { param: scopes[0] },
  );
}
