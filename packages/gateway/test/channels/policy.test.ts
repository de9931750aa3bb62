import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ChannelSection, channelSection } from "openclaw-protocol";
import { type PolicySetup, policyOf } from "../../src/services/channels/policy.ts";

function policy(
  section: object,
  more: { own?: object; defaults?: object; setup?: Partial<PolicySetup> } = {},
) {
  const parsed = (it: object | undefined): ChannelSection | undefined => it && channelSection.parse(it);
  return policyOf(channelSection.parse(section), parsed(more.own), parsed(more.defaults), {
    mentionPatterns: [],
    canonicalId: (id) => id,
    isName: (entry) => entry.startsWith("@"),
    channelId: "telegram",
    ...more.setup,
  });
}

const list = (set: ReadonlySet<string> | undefined) => set && [...set];

describe("the policy of an account", () => {
  it("asks strangers for a pairing and listens in groups to those it knows, when nothing is told", () => {
    const it = policy({});
    assert.equal(it.dmPolicy, "pairing");
    assert.equal(it.groupPolicy, "allowlist");
    assert.deepEqual(
      [it.openToAll, it.groupsOpenToAll, it.explicitOwners, it.allowBots],
      [false, false, false, false],
    );
    assert.deepEqual([it.maxAgeMs, it.mediaMaxBytes, it.streaming], [86_400_000, 8 * 1024 * 1024, "off"]);
    assert.deepEqual(it.group({ id: "-1" }), { closed: false, requireMention: true });
    assert.deepEqual(it.warnings, []);
  });

  it("takes an account's own keys before the channel's, and those before what all channels share", () => {
    const defaults = { dmPolicy: "disabled", groupPolicy: "everyone", requireMention: false, maxAgeHours: 1 };
    const section = { dmPolicy: "allowlist", allowFrom: ["1"], groupPolicy: "admins" };
    const it = policy(section, { defaults, own: { allowFrom: ["2"], groupPolicy: "none" } });
    assert.deepEqual([it.dmPolicy, it.groupPolicy, it.requireMention], ["allowlist", "none", false]);
    assert.deepEqual([list(it.allowFrom), it.maxAgeMs], [["2"], 3_600_000]);
    assert.equal(it.group({ id: "g" }).closed, true);
  });

  it("reads entries without their prefixes, in the platform's own form, and keeps names apart", () => {
    const setup = { canonicalId: (id: string) => id.toLowerCase() };
    const allowFrom = [
      "telegram:1",
      "tg:2",
      "user:3",
      "telegram:user:4",
      " 5 ",
      "ABC",
      "@anna",
      "user:@ben",
      "",
      "@anna",
    ];
    const it = policy({ allowFrom }, { setup });
    assert.deepEqual(list(it.allowFrom), ["1", "2", "3", "4", "5", "abc"]);
    assert.deepEqual(it.names, ["@anna", "@ben"]);
  });

  it("allows a name once its id is known, and only the id", () => {
    const known = new Map([["@anna", "77"]]);
    const setup = {
      isName: (entry: string) => entry.startsWith("@") && !known.has(entry),
      canonicalId: (id: string) => known.get(id) ?? id,
    };
    const it = policy({ allowFrom: ["@anna"] }, { setup });
    assert.deepEqual([list(it.allowFrom), it.names], [["77"], []]);
  });

  it("makes owners of the listed ids, of those in owners if there are any, and never of a wildcard", () => {
    const plain = policy({ dmPolicy: "open", allowFrom: ["*", "1"] });
    assert.deepEqual([list(plain.owners), plain.explicitOwners, plain.openToAll], [["1"], false, true]);
    const named = policy({ allowFrom: ["1"], owners: ["9"] });
    assert.deepEqual([list(named.owners), named.explicitOwners], [["9"], true]);
    const wild = policy({ allowFrom: ["1"], owners: ["*"] });
    assert.deepEqual(list(wild.owners), []);
    assert.match(wild.warnings.join(), /"\*" in channels\.telegram\.owners makes nobody an owner/);
  });

  it("warns of what the file says but cannot mean", () => {
    const warningsOf = (section: object) => policy(section).warnings.join("\n");
    assert.match(warningsOf({ dmPolicy: "open", allowFrom: ["1"] }), /does not hold "\*"/);
    assert.match(warningsOf({ allowFrom: ["*"] }), /dmPolicy is "pairing"/);
    assert.match(warningsOf({ dmPolicy: "allowlist" }), /nobody may write/);
    assert.match(warningsOf({ groupPolicy: "owner-only" }), /nobody may speak in groups/);
    assert.match(
      warningsOf({ groups: { "-1": { allowFrom: "1" } }, guilds: { friends: {} } }),
      /no server's id/,
    );
    assert.match(warningsOf({ channels: { "#general": {} } }), /no channel's id/);
    const own = policy(
      {},
      { own: { dmPolicy: "allowlist" }, setup: { path: "channels.telegram.accounts.b" } },
    );
    assert.match(own.warnings.join(), /channels\.telegram\.accounts\.b\.dmPolicy/);
  });

  it("closes the groups that are not listed as soon as some are, unless a star opens them", () => {
    const listed = policy({ groups: { "telegram:-1": { requireMention: false }, "-2": { enabled: false } } });
    assert.deepEqual(
      ["-1", "-2", "-3"].map((id) => listed.group({ id }).closed),
      [false, true, true],
    );
    assert.equal(listed.group({ id: "-1" }).requireMention, false);
    const open = policy({ groups: { "*": { requireMention: false, allowFrom: ["7"] }, "-1": {} } });
    assert.equal(open.group({ id: "-9" }).closed, false);
    assert.deepEqual(list(open.group({ id: "-9" }).allowFrom), ["7"]);
    assert.equal(open.group({ id: "-1" }).allowFrom, undefined);
    assert.equal(open.group({ id: "-1" }).requireMention, false);
    assert.equal(policy({ groups: {} }).group({ id: "-1" }).closed, false);
  });

  it("understands Discord's servers with their channels", () => {
    const guilds = {
      "10": {
        requireMention: false,
        users: ["1", 2],
        channels: { "100": {}, "101": { allow: false }, "102": { users: ["3"] } },
      },
      "11": true,
      "12": { enabled: false },
    };
    const it = policy({ guilds }, { setup: { channelId: "discord" } });
    const at = (spaceId: string | undefined, id: string) => it.group({ id, spaceId });
    assert.deepEqual(
      [at("10", "100").closed, at("10", "101").closed, at("10", "999").closed],
      [false, true, true],
    );
    assert.deepEqual(list(at("10", "100").allowFrom), ["1", "2"]);
    assert.deepEqual(list(at("10", "102").allowFrom), ["3"]);
    assert.deepEqual([at("10", "100").requireMention, at("11", "5").requireMention], [false, true]);
    assert.deepEqual([at("11", "5").closed, at("12", "5").closed, at("13", "5").closed], [false, true, true]);
    assert.equal(at(undefined, "100").closed, true);
  });

  it("understands Slack's channels and the spellings for direct messages", () => {
    const channels = { C1: { allow: true, users: ["U1"] }, C2: { enabled: false } };
    const it = policy({ channels, dm: { policy: "allow", allowFrom: "U2, U3" }, guildPolicy: "open" });
    assert.deepEqual(list(it.group({ id: "C1" }).allowFrom), ["U1"]);
    assert.deepEqual([it.group({ id: "C2" }).closed, it.group({ id: "C3" }).closed], [true, true]);
    assert.deepEqual(
      [it.dmPolicy, list(it.allowFrom), it.groupPolicy],
      ["allowlist", ["U2", "U3"], "everyone"],
    );
    assert.equal(policy({ dm: { enabled: false }, dmPolicy: "open" }).dmPolicy, "disabled");
    assert.equal(policy({ channels: ["#a", "#b"] }).group({ id: "#c" }).closed, false);
  });

  it("closes what it cannot understand", () => {
    const dm = policy({ dm: { policy: "everyone!" } });
    assert.equal(dm.dmPolicy, "disabled");
    assert.match(dm.warnings.join(), /dm\.policy must be one of/);
    const odd = policy({ channels: { C1: "yes", C2: { users: 7 } } });
    assert.equal(odd.group({ id: "C1" }).closed, true);
    assert.deepEqual(list(odd.group({ id: "C2" }).allowFrom), []);
  });

  it("leaves a pattern out that is no regular expression, and says so", () => {
    const it = policy({}, { setup: { mentionPatterns: ["@?claw\\b", "(", "\\@bot"] } });
    assert.equal(it.mentionPatterns.length, 2);
    assert.ok(it.mentionPatterns[0]?.test("hey CLAW"));
    assert.match(it.warnings.join(), /"\(" is no regular expression/);
  });

  it("never opens a group that is not listed, whatever else the file says", () => {
    const json = fc.oneof(
      fc.boolean(),
      fc.string(),
      fc.integer(),
      fc.array(fc.string()),
      fc.dictionary(fc.string(), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), json, { minKeys: 1 }), (channels) => {
        const keys = Object.keys(channels).map((key) => key.trim());
        fc.pre(!keys.some((key) => key === "*" || key.endsWith(":*") || key.endsWith("elsewhere")));
        assert.equal(policy({ channels, groupPolicy: "everyone" }).group({ id: "elsewhere" }).closed, true);
      }),
    );
  });
});
