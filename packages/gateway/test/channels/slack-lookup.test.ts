import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { channel, createSlack } from "../../src/channels/slack/index.ts";
import { settings } from "../../src/channels/slack/settings.ts";
import type { ChannelAdapter } from "../../src/channels/types.ts";
import { setupOf } from "../support/adapter-rig.ts";
import { no, type SlackServer, slackServer } from "../support/slack-server.ts";

let slack: SlackServer;
let adapter: ChannelAdapter;
const looking = { signal: new AbortController().signal };

before(async () => {
  slack = await slackServer();
  const own = { botToken: "xoxb-good", signingSecret: "s3cret", apiRoot: slack.apiRoot };
  adapter = createSlack(setupOf("slack", settings.parse(own)));
});
after(() => slack.close());

test("ids are destinations in every form in which people write them", async () => {
  const channels = ["C0GENERAL1", "channel:C0GENERAL1", "slack:C0GENERAL1", "slack:channel:C0GENERAL1"];
  for (const to of [...channels, "#C0GENERAL1", "<#C0GENERAL1|general>", " C0GENERAL1 "]) {
    assert.deepEqual(await adapter.destination(to, looking), { chatId: "C0GENERAL1" }, to);
  }
  const inThread = await adapter.destination("C0GENERAL1:1700000001.000100", looking);
  assert.deepEqual(inThread, { chatId: "C0GENERAL1", threadId: "1700000001.000100" });
  assert.equal(slack.calls.length, 0);
  for (const to of [
    "U0ADA00001",
    "user:U0ADA00001",
    "slack:user:U0ADA00001",
    "<@U0ADA00001>",
    "@U0ADA00001",
  ]) {
    assert.deepEqual(await adapter.destination(to, looking), { chatId: "D0DIRECT01" }, to);
  }
});

test("names are no destinations, and the answer says what is", async () => {
  for (const to of ["#general", "general", "@ada", "Wolfgang", "", "C0GENERAL1:x", "C0GENERAL1/../x"]) {
    await assert.rejects(adapter.destination(to, looking), (thrown) => {
      assert.ok(thrown instanceof Error);
      assert.match(thrown.message, /Copy member ID/);
      return (
        "param" in thrown && thrown.param === "to" && "code" in thrown && thrown.code === "invalid_request"
      );
    });
  }
});

test("members whom Slack does not know are no destinations", async () => {
  await assert.rejects(adapter.destination("U9NOBODY1", looking), { code: "invalid_request", param: "to" });
  slack.next("conversations.open", no("missing_scope", { needed: "im:write" }));
  await assert.rejects(adapter.destination("U0ADA00001", looking), /im:write/);
  slack.next("conversations.open", no("ratelimited"), "cut");
  await assert.rejects(adapter.destination("U0ADA00001", looking), { code: "rate_limited" });
  await assert.rejects(adapter.destination("U0ADA00001", looking), { code: "upstream_error" });
});

test("e-mail addresses have ids behind them, other names have none", async () => {
  assert.equal(await adapter.resolveName!("ada@example.com", looking), "U0ADA00001");
  assert.equal(await adapter.resolveName!("bob@example.com", looking), undefined);
  assert.equal(await adapter.resolveName!("@ada", looking), undefined);
  slack.next("users.lookupByEmail", no("missing_scope", { needed: "users:read.email" }));
  assert.equal(await adapter.resolveName!("ada@example.com", looking), undefined);
  slack.next("users.lookupByEmail", "cut");
  await assert.rejects(adapter.resolveName!("ada@example.com", looking), { code: "upstream_error" });
});

test("administrators of the workspace are those of its groups", async () => {
  assert.equal(await adapter.isAdmin!("C0GENERAL1", "U0ADMIN001", looking), true);
  assert.equal(await adapter.isAdmin!("C0GENERAL1", "U0ADA00001", looking), false);
});

test("a sender's id is compared without what people put around it", () => {
  for (const id of ["U0ADA00001", "slack:U0ADA00001", "user:U0ADA00001", "<@U0ADA00001|ada>"]) {
    assert.equal(adapter.canonicalId!(id), "U0ADA00001");
  }
  for (const id of ["wolfgang", "ada@example.com", "u0ada00001"]) assert.equal(adapter.canonicalId!(id), id);
});

test("settings that cannot work are refused with their key", () => {
  const botToken = "xoxb-good";
  const cases: [object, string][] = [
    [{ botToken: "xapp-wrong", signingSecret: "s" }, "channels.slack.botToken"],
    [{ botToken: "xoxp-wrong", signingSecret: "s" }, "channels.slack.botToken"],
    [{ botToken }, "channels.slack.signingSecret"],
    [{ botToken, socketMode: true }, "channels.slack.appToken"],
    [{ botToken, mode: "socket", appToken: "xoxb-wrong" }, "channels.slack.appToken"],
    [{ botToken, mode: "http", appToken: "xapp-good" }, "channels.slack.signingSecret"],
    [{ botToken, mode: "http", socketMode: true, signingSecret: "s" }, "channels.slack.mode"],
  ];
  for (const [given, param] of cases) {
    const create = () => channel.create(setupOf("slack", settings.parse(given)));
    assert.throws(create, (thrown: Error & { param?: string }) => {
      assert.doesNotMatch(thrown.message, /-wrong|-good/);
      return thrown.param === param;
    });
  }
  const work = { ...setupOf("slack", settings.parse({ botToken })), accountId: "work" };
  assert.throws(() => channel.create(work), { param: "channels.slack.accounts.work.signingSecret" });
});

test("Socket Mode is used where its token is, unless something else is asked for", () => {
  const tokens = { botToken: "xoxb-good", appToken: "xapp-good", signingSecret: "s" };
  const modeOf = (more: object) => {
    const made = channel.create(setupOf("slack", settings.parse({ ...tokens, ...more })));
    assert.equal(made.traits.silenceMs > 0, made.webhook === undefined);
    return made.webhook ? "http" : "socket";
  };
  assert.equal(modeOf({}), "socket");
  assert.equal(modeOf({ socketMode: false }), "http");
  assert.equal(modeOf({ mode: "http" }), "http");
  assert.equal(modeOf({ appToken: undefined }), "http");
});
