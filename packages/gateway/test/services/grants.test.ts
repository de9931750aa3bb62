import assert from "node:assert/strict";
import { test } from "node:test";
import { type Scope, scopes } from "openclaw-protocol";
import { may } from "../../src/services/access.ts";
import { grantable } from "../../src/services/tokens.ts";

/** Every set of scopes, 32 of them. */
const all = Array.from({ length: 2 ** scopes.length }, (_, bits) =>
  scopes.filter((_, index) => (bits >> index) & 1),
);

test("for every maker and every wish, what is granted is never more than the maker has", () => {
  for (const has of all) {
    const caller = { scopes: new Set<Scope>(has) };
    for (const wished of all) {
      const allowed = wished.every((scope) => has.includes("admin") || has.includes(scope));
      if (!allowed) {
        assert.throws(() => grantable(caller, wished), { code: "forbidden" });
        continue;
      }
      const granted = grantable(caller, wished);
      for (const scope of scopes) {
        if (may({ scopes: new Set(granted) }, scope)) assert.ok(may(caller, scope), `${has} gave ${scope}`);
      }
    }
  }
});
