import assert from "node:assert/strict";
import { test } from "node:test";
import { createPageJudge } from "../../src/services/browser/engine/guard/guard-judge.ts";
import { createGuardMemory } from "../../src/services/browser/engine/guard/guard-memory.ts";

/** Which key refuses a host: of the lists, or of private addresses. */
function refusedBy(lists: { allowHosts?: string[]; denyHosts?: string[] }, host: string): string {
  const { judge } = createPageJudge({ allowPrivate: ["127.0.0.1"], allowHosts: [], denyHosts: [], ...lists });
  try {
    judge(`https://${host}/`);
    return "none";
  } catch (error) {
    assert.ok(error instanceof Error && "param" in error && error.param === "url");
    return /browser\.(\w+)/.exec(error.message)?.[1] ?? error.message;
  }
}

test("the lists of hosts are kept, whatever the spelling", () => {
  for (const [lists, host, by] of [
    [{}, "example.com", "none"],
    [{ allowHosts: ["example.com"] }, "example.com", "none"],
    [{ allowHosts: ["example.com"] }, "EXAMPLE.com.", "none"],
    [{ allowHosts: ["Example.COM."] }, "example.com:8443", "none"],
    [{ allowHosts: ["example.com"] }, "www.example.com", "allowHosts"],
    [{ allowHosts: ["example.com"] }, "notexample.com", "allowHosts"],
    [{ allowHosts: ["example.com"] }, "example.com.evil.org", "allowHosts"],
    [{ allowHosts: ["*.example.com"] }, "example.com", "none"],
    [{ allowHosts: ["*.example.com"] }, "a.b.example.com", "none"],
    [{ allowHosts: ["*.example.com"] }, "notexample.com", "allowHosts"],
    [{ allowHosts: ["*.1.1.example.com"] }, "1.1.1.1", "allowHosts"],
    [{ allowHosts: ["bücher.example"] }, "xn--bcher-kva.example", "none"],
    [{ denyHosts: ["*.bücher.example"] }, "a.BÜCHER.example", "denyHosts"],
    [{ denyHosts: ["example.com"] }, "ｅｘａｍｐｌｅ．com", "denyHosts"],
    [{ denyHosts: ["example.com"] }, "www.example.com", "none"],
    [{ denyHosts: ["*"] }, "example.com", "denyHosts"],
    [{ allowHosts: ["*"] }, "example.com", "none"],
    [{ allowHosts: ["*.example.com"], denyHosts: ["bad.example.com"] }, "bad.example.com", "denyHosts"],
    [{ allowHosts: ["*.example.com"], denyHosts: ["bad.example.com"] }, "good.example.com", "none"],
    [{ denyHosts: ["1.1.1.1"] }, "0x1010101", "denyHosts"],
    [{ denyHosts: ["1.1.1.1"] }, "[::ffff:1.1.1.1]", "denyHosts"],
    [{ denyHosts: ["2606:4700::1111"] }, "[2606:4700:0:0::1111]", "denyHosts"],
    [{ denyHosts: ["[2606:4700:0::1111]"] }, "[2606:4700::1111]", "denyHosts"],
    [{ denyHosts: ["127.1"] }, "127.0.0.1", "denyHosts"],
    [{ allowHosts: ["127.0.0.1"] }, "127.0.0.1", "none"],
    // Being listed opens nothing that is private.
    [{ allowHosts: ["*", "127.0.0.2", "localhost"] }, "127.0.0.2", "allowPrivate"],
    [{ allowHosts: ["localhost"] }, "localhost", "allowPrivate"],
  ] as const) {
    const given = { allowHosts: [], denyHosts: [], ...lists };
    assert.equal(
      refusedBy({ allowHosts: [...given.allowHosts], denyHosts: [...given.denyHosts] }, host),
      by,
      `${JSON.stringify(lists)} ${host}`,
    );
  }
});

test("an entry that is no host stops the browser instead of being left out", () => {
  for (const entry of [
    ...[
      "",
      " ",
      "*.",
      "*.*",
      "a.*",
      "*example.com",
      "https://example.com",
      "example.com/x",
      "example.com:443",
    ],
    ...["user@example.com", "10.0.0.0/8", "*.1.1.1.1", "exa mple.com", "a\\b", "%zz"],
  ]) {
    for (const key of ["allowHosts", "denyHosts"] as const) {
      const config = { allowPrivate: [], allowHosts: [], denyHosts: [], [key]: ["example.com", entry] };
      assert.throws(
        () => createPageJudge(config),
        { code: "service_unavailable", param: `browser.${key}[1]`, message: new RegExp(`browser\\.${key}`) },
        entry,
      );
    }
  }
});

test("what is remembered of hosts is bounded, the newest kept", () => {
  const memory = createGuardMemory(() => 0);
  for (let count = 0; count < 2_000; count++)
    memory.note(new URL(`https://h${count}.example.com/`), `${count}`);
  assert.equal(memory.why("https://h1999.example.com/x"), "1999");
  assert.equal(memory.why("https://h1500.example.com/x"), "1500");
  assert.equal(memory.why("https://h1499.example.com/x"), undefined);
  assert.equal(memory.why("not a URL"), undefined);
});
