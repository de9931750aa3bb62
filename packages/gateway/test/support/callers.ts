import type { Scope } from "openclaw-protocol";
import type { Caller } from "../../src/services/access.ts";

/** A caller as a credential makes it; the gateway's own has all scopes. */
export function caller(
  id: string,
  scopes: readonly Scope[] = ["read", "chat", "operate", "approve", "admin"],
): Caller {
  return { id, scopes: new Set(scopes), limits: {}, revoked: new AbortController().signal };
}
