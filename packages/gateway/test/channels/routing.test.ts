import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { dmScopes, sessionKey } from "openclaw-protocol";
import type { InboundMessage } from "../../src/channels/types.ts";
import { type RoutingConfig, routeOf } from "../../src/services/channels/routing.ts";

const telegram = { channelId: "telegram", accountId: "default" };
const usual: RoutingConfig = {
  bindings: [],
  dmScope: "per-channel-peer",
  identityLinks: {},
  defaultAgentId: "main",
};

function dm(senderId: string): InboundMessage {
  return {
    id: "1",
    sentAt: 0,
    chat: { id: `chat-of-${senderId}`, kind: "dm" },
    sender: { id: senderId },
    text: "x",
  };
}

function inGroup(id: string, more: { threadId?: string; spaceId?: string } = {}): InboundMessage {
  return { ...dm("7"), chat: { id, kind: "group", ...more } };
}

const keyOf = (message: InboundMessage, config: Partial<RoutingConfig> = {}, place = telegram) =>
  routeOf(message, place, { ...usual, ...config }).sessionKey;
const agentOf = (message: InboundMessage, config: Partial<RoutingConfig>, place = telegram) =>
  routeOf(message, place, { ...usual, ...config }).agentId;

describe("the session of a message", () => {
  it("is named by the scope of direct messages", () => {
    const keys = dmScopes.map((dmScope) => keyOf(dm("7"), { dmScope }));
    assert.deepEqual(keys, [
      "agent:main:main",
      "agent:main:dm:7",
      "agent:main:telegram:dm:7",
      "agent:main:telegram:default:dm:7",
    ]);
  });

  it("is a group's, a thread's, and an account's where that is not the default one", () => {
    assert.equal(keyOf(inGroup("-1")), "agent:main:telegram:group:-1");
    assert.equal(keyOf(inGroup("-1", { threadId: "5" })), "agent:main:telegram:group:-1:thread:5");
    const work = { channelId: "telegram", accountId: "work" };
    assert.equal(keyOf(inGroup("-1"), {}, work), "agent:main:telegram:work:group:-1");
  });

  it("is shared by the linked ids of one person across channels only where the scope is the person", () => {
    const identityLinks = { anna: ["telegram:7", "discord:70"] };
    const discord = { channelId: "discord", accountId: "default" };
    const both = (config: Partial<RoutingConfig>) => [
      keyOf(dm("7"), { identityLinks, ...config }),
      keyOf(dm("70"), { identityLinks, ...config }, discord),
    ];
    assert.deepEqual(both({ dmScope: "per-peer" }), ["agent:main:dm:anna", "agent:main:dm:anna"]);
    assert.deepEqual(both({}), ["agent:main:telegram:dm:anna", "agent:main:discord:dm:anna"]);
  });

  it("is not got at by an id that reads like a linked person's name", () => {
    const identityLinks = { anna: ["telegram:7"] };
    for (const dmScope of dmScopes.filter((it) => it !== "main")) {
      assert.notEqual(
        keyOf(dm("anna"), { identityLinks, dmScope }),
        keyOf(dm("7"), { identityLinks, dmScope }),
      );
    }
  });

  it("keeps colons of ids apart from its own", () => {
    assert.equal(keyOf(dm("@a:b.org")), "agent:main:telegram:dm:@a%3Ab.org");
    assert.notEqual(keyOf(inGroup("1:thread:2")), keyOf(inGroup("1", { threadId: "2" })));
  });

  it("has a digest for an id that is too long, which no id can be written like", () => {
    const key = keyOf(dm("x".repeat(300)));
    assert.match(key, /^agent:main:telegram:dm:~[0-9a-f]{63}$/);
    assert.notEqual(keyOf(dm(key.slice(key.indexOf("~")))), key);
  });

  it("has a valid key for whatever ids there are, and never the same for two of them", () => {
    const id = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.string({ minLength: 40, maxLength: 300, unit: "binary" }),
      fc.constantFrom(
        "",
        "~",
        "%",
        ":",
        "a:thread:b",
        "\ud800",
        "\ud801",
        "%uD800;",
        "\u2028",
        "anna",
        "main",
        "group",
        "default",
      ),
      fc.string({ maxLength: 4, unit: fc.constantFrom("a", ":", "%", "~", "3", "A") }),
    );
    const some = fc.record({
      agent: id,
      channelId: fc.constantFrom("telegram", "irc"),
      accountId: fc.oneof(fc.constant("default"), id),
      chat: id,
      thread: fc.option(id, { nil: undefined }),
    });
    const keyFor = (it: {
      agent: string;
      channelId: string;
      accountId: string;
      chat: string;
      thread: string | undefined;
    }) =>
      keyOf(
        inGroup(it.chat, it.thread === undefined ? {} : { threadId: it.thread }),
        { defaultAgentId: it.agent },
        it,
      );
    fc.assert(
      fc.property(some, some, (a, b) => {
        assert.equal(sessionKey.safeParse(keyFor(a)).success, true, keyFor(a));
        assert.equal(keyFor(a) === keyFor(b), JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(id, id, fc.constantFrom(...dmScopes.slice(1)), (a, b, dmScope) => {
        const config = { dmScope, identityLinks: { anna: ["telegram:linked"] } };
        assert.equal(keyOf(dm(a), config) === keyOf(dm(b), config), a === b);
        assert.notEqual(keyOf(dm(a), config), keyOf(dm("linked"), config));
      }),
      { numRuns: 300 },
    );
  });
});

describe("the agent of a message", () => {
  const bind = (agentId: string, match: object) => ({ agentId, match: { channel: "telegram", ...match } });

  it("is the default one where nobody is bound", () => {
    assert.equal(agentOf(dm("7"), {}), "main");
    assert.equal(agentOf(dm("7"), { bindings: [{ agentId: "x", match: { channel: "slack" } }] }), "main");
  });

  it("is that of the most exact binding, of two alike the first", () => {
    const bindings = [
      bind("channel", {}),
      bind("late", {}),
      bind("account", { accountId: "default" }),
      bind("guild", { guildId: "10" }),
      bind("peer", { peer: { kind: "group", id: "-1" } }),
      bind("anna", { peer: { kind: "dm", id: "7" } }),
    ];
    const agents = (from: number) => [
      agentOf(inGroup("-1", { spaceId: "10" }), { bindings: bindings.slice(0, from) }),
    ];
    assert.deepEqual([6, 4, 3, 2].flatMap(agents), ["peer", "guild", "account", "channel"]);
    assert.equal(agentOf(dm("7"), { bindings }), "anna");
    assert.equal(agentOf(dm("8"), { bindings }), "account");
  });

  it("is bound only where all that a binding says is so", () => {
    const wrong = [
      bind("x", { accountId: "work" }),
      bind("x", { guildId: "11" }),
      bind("x", { teamId: "11" }),
      bind("x", { peer: { kind: "dm", id: "-1" } }),
      bind("x", { accountId: "work", peer: { id: "-1" } }),
    ];
    assert.equal(agentOf(inGroup("-1", { spaceId: "10" }), { bindings: wrong }), "main");
    assert.equal(
      agentOf(inGroup("7"), { bindings: [bind("x", { peer: { kind: "direct", id: "7" } })] }),
      "main",
    );
    assert.equal(agentOf(dm("7"), { bindings: [bind("x", { accountId: "*" })] }), "x");
  });

  it("is the group's own one behind a binding of that group, before all others", () => {
    const config = { groupAgentId: "own", bindings: [bind("guild", { guildId: "10" })] };
    assert.equal(agentOf(inGroup("-1", { spaceId: "10" }), config), "own");
    const bound = { ...config, bindings: [bind("peer", { peer: { id: "-1" } })] };
    assert.equal(agentOf(inGroup("-1"), bound), "peer");
    assert.equal(agentOf(dm("7"), config), "main");
  });
});
