import assert from "node:assert/strict";
import { test } from "node:test";
import { type Scope, scopes } from "openclaw-protocol";
import { may } from "../../src/services/access.ts";
import { grantable, grantableLimits } from "../../src/services/tokens.ts";

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

test("a token costs at most what its maker's may, and inherits the limit where it names none", () => {
  const bounded = { limits: { maxCostPerDay: 2 } };
  assert.deepEqual(grantableLimits(bounded, undefined), { maxCostPerDay: 2 });
  assert.deepEqual(grantableLimits(bounded, { perMinute: 5 }), { perMinute: 5, maxCostPerDay: 2 });
  assert.deepEqual(grantableLimits(bounded, { maxCostPerDay: 1 }), { maxCostPerDay: 1 });
  assert.throws(() => grantableLimits(bounded, { maxCostPerDay: 2.01 }), {
    code: "forbidden",
    param: "limits.maxCostPerDay",
  });
  assert.deepEqual(grantableLimits({ limits: {} }, { maxCostPerDay: 9 }), { maxCostPerDay: 9 });
});
