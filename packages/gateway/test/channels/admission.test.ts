import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { channelSection, configSchema } from "openclaw-protocol";
import type { ChannelAdapter, InboundMessage } from "../../src/channels/types.ts";
import { createAgents } from "../../src/services/agents/agents.ts";
import { createAdmission, type Verdict } from "../../src/services/channels/admission.ts";
import { policyOf } from "../../src/services/channels/policy.ts";

const now = 1_000_000_000;
const forever = new AbortController().signal;

interface Place {
  section?: object;
  config?: object;
  approved?: string[];
  /** What a request for pairing comes to. */
  asked?: { code: string; isNew: boolean } | "full" | "approved";
  adapter?: Pick<ChannelAdapter, "isAdmin" | "canonicalId">;
  mentionPatterns?: string[];
  accountId?: string;
}

type Said = Partial<Omit<InboundMessage, "chat" | "sender">> & {
  chat?: Partial<InboundMessage["chat"]>;
  sender?: Partial<InboundMessage["sender"]>;
};

function direct(said: Said = {}): InboundMessage {
  return {
    id: "m1",
    sentAt: now - 1_000,
    text: "Hello",
    ...said,
    chat: { id: "c7", kind: "dm", ...said.chat },
    sender: { id: "7", ...said.sender },
  };
}

function inGroup(said: Said = {}): InboundMessage {
  return direct({ mentioned: true, ...said, chat: { id: "-1", kind: "group", ...said.chat } });
}

/** Judges a message at a place; `requests` are the pairings that were asked for. */
async function judge(
  place: Place,
  message: InboundMessage,
): Promise<{ verdict: Verdict; requests: object[] }> {
  const config = configSchema.parse(place.config ?? {});
  const adapter = place.adapter ?? {};
  const requests: object[] = [];
  const admission = createAdmission({
    config,
    agents: createAgents(config.agents, { stateDir: "/state", homeDir: "/home" }),
    clock: { now: () => now },
    pairing: {
      isApproved: async ({ peerId }) => place.approved?.includes(peerId) ?? false,
      async request(it) {
        requests.push(it);
        return place.asked ?? { code: "ABCD2345", isNew: true };
      },
    },
  });
  const policy = policyOf(channelSection.parse(place.section ?? {}), undefined, undefined, {
    mentionPatterns: place.mentionPatterns ?? [],
    canonicalId: (id) => adapter.canonicalId?.(id) ?? id,
    isName: (entry) => entry.startsWith("@"),
    channelId: "telegram",
  });
  const account = { channelId: "telegram", accountId: place.accountId ?? "default", policy, adapter };
  return { verdict: await admission.judge(account, message, { signal: forever }), requests };
}

async function outcome(place: Place, message: InboundMessage): Promise<string> {
  const { verdict } = await judge(place, message);
  return verdict.kind === "refuse" ? verdict.reason : verdict.kind;
}

const known = { section: { allowFrom: ["7"] } };

describe("what is refused before anything else", () => {
  it("is the bot's own message, another bot's, an old and an empty one", async () => {
    const open = { section: { dmPolicy: "open", allowFrom: "*" } };
    assert.equal(await outcome(open, direct({ sender: { isSelf: true } })), "own");
    assert.equal(await outcome(open, direct({ sender: { isBot: true } })), "bot");
    assert.equal(await outcome(open, direct({ sentAt: now - 24 * 3_600_000 - 1 })), "too_old");
    assert.equal(await outcome(open, direct({ sentAt: Number.NaN })), "too_old");
    assert.equal(await outcome(open, direct({ text: " \n " })), "empty");
    assert.equal(await outcome(open, direct({ text: "", media: [{ kind: "image", ref: 1 }] })), "accept");
    assert.equal(await outcome(open, direct({ sentAt: now + 3_600_000 })), "accept");
    assert.equal(
      await outcome({ section: { ...open.section, allowBots: true } }, direct({ sender: { isBot: true } })),
      "accept",
    );
  });

  it("asks for no pairing", async () => {
    for (const said of [{ sender: { isBot: true } }, { text: "" }, { sentAt: 0 }]) {
      assert.deepEqual((await judge({}, direct(said))).requests, []);
    }
  });
});

describe("a direct message", () => {
  it("of a stranger is answered with the way in, once", async () => {
    const { verdict, requests } = await judge({}, direct({ sender: { name: "Anna" } }));
    assert.deepEqual(requests, [
      { channelId: "telegram", accountId: "default", peerId: "7", name: "Anna", chatId: "c7" },
    ]);
    assert.ok(verdict.kind === "pair");
    assert.match(verdict.text, /Your id: `7`\nPairing code: `ABCD2345`/);
    assert.match(verdict.text, /`openclaw pairing approve telegram ABCD2345`/);
    assert.equal(await outcome({ asked: { code: "ABCD2345", isNew: false } }, direct()), "pairing_pending");
    assert.equal(await outcome({ asked: "full" }, direct()), "pairing_full");
    assert.equal(await outcome({ asked: "approved" }, direct()), "accept");
  });

  it("shows an id as it is, whatever it consists of", async () => {
    const { verdict } = await judge({}, direct({ sender: { id: "a`b" } }));
    assert.match(verdict.kind === "pair" ? verdict.text : "", /Your id: `` a`b ``/);
  });

  it("is taken from those who are listed, those who were let in, and named owners", async () => {
    assert.equal(await outcome(known, direct()), "accept");
    assert.equal(await outcome({ approved: ["7"] }, direct()), "accept");
    assert.equal(await outcome({ section: { owners: ["7"] } }, direct()), "accept");
    assert.equal(await outcome({ section: { dmPolicy: "allowlist", allowFrom: "8" } }, direct()), "stranger");
    assert.equal(
      await outcome({ section: { dmPolicy: "allowlist" }, approved: ["7"] }, direct()),
      "stranger",
    );
    assert.equal(await outcome({ section: { dmPolicy: "open" } }, direct()), "stranger");
    assert.equal(await outcome({ section: { dmPolicy: "open", allowFrom: "*" } }, direct()), "accept");
    assert.equal(await outcome({ section: { allowFrom: "*" } }, direct()), "pair");
    assert.equal(
      await outcome({ section: { dmPolicy: "disabled", allowFrom: "7", owners: "7" } }, direct()),
      "dm_disabled",
    );
  });

  it("is its owner's only by an explicit id, and has his rights only where owners names him", async () => {
    const rights = async (section: object, approved: string[] = []) => {
      const { verdict } = await judge({ section, approved }, direct());
      return verdict.kind === "accept" && [verdict.isOwner, verdict.trusted];
    };
    assert.deepEqual(await rights({ allowFrom: "7" }), [true, false]);
    assert.deepEqual(await rights({ owners: "7" }), [true, true]);
    assert.deepEqual(await rights({ allowFrom: "7", owners: "8" }), [false, false]);
    assert.deepEqual(await rights({ dmPolicy: "open", allowFrom: "*" }), [false, false]);
    assert.deepEqual(await rights({ dmPolicy: "open", allowFrom: "*", owners: "*" }), [false, false]);
    assert.deepEqual(await rights({}, ["7"]), [false, false]);
  });

  it("is judged by the platform's form of the id", async () => {
    const adapter = { canonicalId: (id: string) => id.replace(/^\+|@.*$/g, "") };
    const { verdict } = await judge(
      { section: { allowFrom: "+49170" }, adapter },
      direct({ sender: { id: "49170@s.net" } }),
    );
    assert.ok(verdict.kind === "accept");
    assert.equal(verdict.sessionKey, "agent:default:telegram:dm:49170");
  });

  it("is never let in, nor made the owner's, by a name", async () => {
    const section = {
      allowFrom: ["@anna", "8"],
      owners: ["@anna", "9"],
      groupAllowFrom: ["@anna"],
      groupPolicy: "allowlist",
    };
    const names = fc.oneof(fc.constantFrom("@anna", "anna", "8", "9", "telegram:8", "*", "7"), fc.string());
    await fc.assert(
      fc.asyncProperty(names, names, async (name, chatName) => {
        const said = { sender: { name }, chat: { name: chatName } };
        assert.equal(await outcome({ section }, direct(said)), "pair");
        assert.equal(await outcome({ section }, inGroup(said)), "group_member");
      }),
    );
  });
});

describe("a message in a group", () => {
  const allowlist = (more: object = {}) => ({ section: { groupAllowFrom: ["7"], ...more } });

  it("is taken from the listed, whatever pairing said", async () => {
    assert.equal(await outcome(allowlist(), inGroup()), "accept");
    assert.equal(await outcome(known, inGroup()), "accept");
    assert.equal(await outcome({ approved: ["7"] }, inGroup()), "group_member");
    assert.equal(
      await outcome({ section: { allowFrom: "7", groupAllowFrom: "8" } }, inGroup()),
      "group_member",
    );
    assert.equal(await outcome({ section: { groupAllowFrom: "*" } }, inGroup()), "accept");
    assert.equal(
      await outcome({ section: { groupPolicy: "none", allowFrom: "7" } }, inGroup()),
      "group_closed",
    );
    assert.equal(await outcome(allowlist({ groups: { "-2": {} } }), inGroup()), "group_closed");
    assert.equal(
      await outcome(allowlist({ groups: { "-1": { allowFrom: "8" } } }), inGroup()),
      "group_member",
    );
    assert.equal(
      await outcome(allowlist({ groups: { "-1": { allowFrom: "*" } } }), inGroup({ sender: { id: "5" } })),
      "accept",
    );
    assert.equal(
      await outcome(
        allowlist({ owners: "9", groups: { "-1": { allowFrom: "8" } } }),
        inGroup({ sender: { id: "9" } }),
      ),
      "accept",
    );
  });

  it("is taken from whom the group's policy says", async () => {
    const by = (groupPolicy: string, more: object = {}) => ({ section: { groupPolicy, ...more } });
    assert.equal(await outcome(by("everyone"), inGroup()), "accept");
    assert.equal(
      await outcome(by("everyone", { groups: { "-1": { allowFrom: "8" } } }), inGroup()),
      "group_member",
    );
    assert.equal(await outcome(by("owner-only", { owners: "7" }), inGroup()), "accept");
    assert.equal(await outcome(by("owner-only", { groupAllowFrom: "7" }), inGroup()), "group_member");
    const asked: string[] = [];
    const adapter = {
      async isAdmin(chatId: string, senderId: string) {
        asked.push(`${chatId} ${senderId}`);
        return senderId === "7";
      },
    };
    assert.equal(await outcome({ ...by("admins"), adapter }, inGroup()), "accept");
    assert.equal(
      await outcome({ ...by("admins"), adapter }, inGroup({ sender: { id: "8" } })),
      "group_member",
    );
    assert.deepEqual(asked, ["-1 7", "-1 8"]);
    assert.equal(await outcome(by("admins"), inGroup()), "group_member");
    const failing = { isAdmin: () => Promise.reject(new Error("no rights")) };
    assert.equal(await outcome({ ...by("admins"), adapter: failing }, inGroup()), "group_member");
  });

  it("that does not speak to the bot is kept for the next one that does", async () => {
    const { verdict } = await judge(allowlist(), inGroup({ mentioned: false }));
    assert.deepEqual(verdict, { kind: "heard", sessionKey: "agent:default:telegram:group:-1" });
    assert.equal(
      await outcome(allowlist({ requireMention: false }), inGroup({ mentioned: false })),
      "accept",
    );
    assert.equal(
      await outcome(
        allowlist({ groups: { "-1": { requireMention: false } } }),
        inGroup({ mentioned: false }),
      ),
      "accept",
    );
    assert.equal(
      await outcome(allowlist(), inGroup({ mentioned: false, replyTo: { id: "1", toBot: true } })),
      "accept",
    );
    assert.equal(
      await outcome(allowlist(), inGroup({ mentioned: false, sender: { id: "8" } })),
      "group_member",
    );
    const patterns = { ...allowlist(), mentionPatterns: ["\\bclaw\\b"] };
    assert.equal(await outcome(patterns, inGroup({ mentioned: false, text: "Claw, what is it?" })), "accept");
    assert.equal(await outcome(patterns, inGroup({ mentioned: false, text: "clawed" })), "heard");
  });

  it("never has the owner's rights, and asks for no pairing", async () => {
    const { verdict, requests } = await judge({ section: { owners: "7" } }, inGroup());
    assert.ok(verdict.kind === "accept");
    assert.deepEqual([verdict.isOwner, verdict.trusted, requests], [true, false, []]);
    assert.deepEqual((await judge({}, inGroup())).requests, []);
  });
});

describe("the session and the agent of a message", () => {
  const agents = { list: [{ id: "home", default: true }, { id: "work" }] };

  it("are those that bindings, links and groups say, in the platform's form", async () => {
    const config = {
      agents,
      bindings: [{ agentId: "work", match: { channel: "telegram", peer: { kind: "dm", id: "+7" } } }],
      session: { dmScope: "per-peer", identityLinks: { anna: ["telegram:+7"] } },
    };
    const adapter = { canonicalId: (id: string) => id.replace("+", "") };
    const { verdict } = await judge({ ...known, config, adapter }, direct());
    assert.ok(verdict.kind === "accept");
    assert.deepEqual([verdict.agentId, verdict.sessionKey], ["work", "agent:work:dm:anna"]);
    const section = { allowFrom: "7", groups: { "-1": { agentId: "work" } } };
    const group = await judge({ section, config: { agents } }, inGroup());
    assert.equal(group.verdict.kind === "accept" && group.verdict.agentId, "work");
  });

  it("are the default agent's under its aliases, and nobody's where the agent is not there", async () => {
    const agentOf = async (agentId: string) => {
      const config = { agents, bindings: [{ agentId, match: { channel: "telegram" } }] };
      const { verdict } = await judge({ ...known, config }, direct());
      return verdict.kind === "accept" && verdict.agentId;
    };
    assert.deepEqual([await agentOf("main"), await agentOf("gone")], ["home", "gone"]);
  });
});

describe("a command", () => {
  const stranger = { section: { allowFrom: "7", owners: "8" } };

  it("is the owner's, as a whole word at the beginning", async () => {
    const commandIn = async (text: string) => {
      const { verdict } = await judge(known, direct({ text }));
      return verdict.kind === "command" ? `${verdict.name}:${verdict.args}` : verdict.kind;
    };
    const texts = [
      "/status",
      " /Model openai/gpt-5 ",
      "/think\nhigh",
      "/new",
      "/statusx",
      "say /status",
      "/stop.",
      "/unknown",
      "/",
    ];
    assert.deepEqual(await Promise.all(texts.map(commandIn)), [
      "status:",
      "model:openai/gpt-5",
      "think:high",
      "new:",
      "accept",
      "accept",
      "accept",
      "accept",
      "accept",
    ]);
  });

  it("of anybody else is refused, with a word in a direct chat and without one in a group", async () => {
    assert.deepEqual((await judge(stranger, direct({ text: "/reset" }))).verdict, {
      kind: "refuse",
      reason: "command_not_allowed",
      reply: "Only the owner of this bot may use /reset.",
    });
    assert.deepEqual((await judge(stranger, inGroup({ text: "/reset" }))).verdict, {
      kind: "refuse",
      reason: "command_not_allowed",
    });
  });

  it("counts in a group only where it is said to the bot", async () => {
    assert.equal(await outcome(known, inGroup({ text: "/stop" })), "command");
    assert.equal(await outcome(known, inGroup({ text: "/stop", mentioned: false })), "heard");
    const free = { section: { allowFrom: "7", requireMention: false } };
    assert.equal(await outcome(free, inGroup({ text: "/stop", mentioned: false })), "command");
  });

  it("never comes to a model, whoever says it", async () => {
    const words = fc.constantFrom("status", "reset", "new", "stop", "model", "think", "help", "HELP");
    const rests = fc.oneof(
      fc.constant(""),
      fc.string().map((it) => ` ${it}`),
    );
    await fc.assert(
      fc.asyncProperty(words, rests, fc.boolean(), fc.boolean(), async (word, rest, isOwner, isGroup) => {
        const said = { text: `/${word}${rest}` };
        const kind = await outcome(isOwner ? known : stranger, isGroup ? inGroup(said) : direct(said));
        assert.equal(kind, isOwner ? "command" : "command_not_allowed");
      }),
    );
  });
});
