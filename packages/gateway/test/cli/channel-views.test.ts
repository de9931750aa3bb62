import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Json } from "../support/gateway.ts";
import { harness } from "./harness.ts";

describe("openclaw channels status", () => {
  const row = { id: "slack", name: "Slack", enabled: true, lastError: null, since: null };
  const traffic = { queued: 1, unknown: 2, failed: 3, waiting: 4, reconnects: 5 };
  const account = { status: "connected", lastError: null, webhookPath: null, warnings: [], ...traffic };

  async function shown(t: TestContext, accounts: Json[]) {
    const { run, gateway } = await harness(t);
    const url = await gateway({
      "GET /v1/channels/slack/status": { ...row, ...traffic, status: "needs_login", accounts },
    });
    const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
    return (await run(["channels", "status", "slack"], { env })).stdout;
  }

  it("shows what waits, what went wrong, and what is to be done about the only account", async (t) => {
    const login = { code: "ABCD", message: "Type it \u001b[31min." };
    const text = await shown(t, [
      {
        ...account,
        accountId: "default",
        webhookPath: "/slack/events",
        login,
        warnings: ["dmPolicy is open."],
      },
    ]);
    assert.match(text, /^Status +needs login$/m);
    for (const line of ["Waiting +4 to be", "Queued +1 to be", "Unknown +2 of", "Failed +3", "Reconnects +5"])
      assert.match(text, new RegExp(`^${line}`, "m"));
    assert.match(
      text,
      /^Webhook path +\/slack\/events\nLogin +Type it .*\nLogin code +ABCD\nWarning: dmPolicy is open\.$/m,
    );
    assert.doesNotMatch(text, /Account id/);
    assert.ok(!text.includes("\u001b"));
  });

  it("shows each of several accounts by its id", async (t) => {
    const text = await shown(t, [
      { ...account, accountId: "home", botUsername: "homebot" },
      { ...account, accountId: "work", status: "error", lastError: "Wrong token." },
    ]);
    assert.match(
      text,
      /^Account id +home\nStatus +connected\nAccount +homebot\nTraffic +4 waiting, 1 queued/m,
    );
    assert.match(text, /^Account id +work\nStatus +error\n[\s\S]*Last error +Wrong token\.$/m);
  });
});

describe("openclaw channels send", () => {
  it("exits 1 where nobody knows whether the message arrived, and says where to look", async (t) => {
    const { run, gateway, requests } = await harness(t);
    const url = await gateway({ "POST /v1/channels/slack/send": { messageId: "out-1", status: "unknown" } });
    const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
    const { code, stdout } = await run(["channels", "send", "slack", "-t", "C1", "-m", "Hi"], { env });
    assert.equal(code, 1);
    assert.match(stdout, /Nobody knows whether out-1 arrived.*channels deliveries slack --status unknown/);
    assert.equal(requests.length, 1);
  });
});

describe("openclaw channels add", () => {
  it("takes tokens as text, and numbers that would not stay the same as well", async (t) => {
    const { run, gateway, requests } = await harness(t);
    const row = { id: "slack", name: "Slack", enabled: true, status: "connecting", lastError: null };
    const url = await gateway({ "POST /v1/channels/slack/add": row });
    const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
    const { stdout } = await run(
      [
        ...["channels", "add", "slack", "--account", "work", "--bot-token", "123", "--app-token", "xapp-1"],
        ...["--set", "team=123456789012345678", "--set", "retries=3", "--set", "greeting=a=b"],
      ],
      { env },
    );
    assert.equal(stdout, "Slack is on: connecting.\n");
    assert.deepEqual(JSON.parse(requests[0]!.body), {
      accountId: "work",
      settings: {
        ...{ team: "123456789012345678", retries: 3, greeting: "a=b" },
        ...{ botToken: "123", appToken: "xapp-1" },
      },
    });
  });
});
