import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { type Json, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { harness } from "./harness.ts";

const secret = "0123456789abcdef";

/** The command line at a real gateway, to whose webhook channel strangers write. */
async function at(t: TestContext) {
  const gateway = await startGateway({ config: { channels: { webhook: { secret } } } });
  t.after(() => gateway.close());
  const { run } = await harness(t);
  const env = { OPENCLAW_GATEWAY_URL: gateway.url, OPENCLAW_GATEWAY_TOKEN: gateway.token };
  const openclaw = (...args: string[]) => run(["pairing", ...args], { env });
  const json = async (...args: string[]) => JSON.parse((await openclaw(...args, "--json")).stdout);
  const pairings = async (): Promise<Json[]> => (await json("list")).pairings;

  async function stranger(id: string, name = id): Promise<void> {
    const body = JSON.stringify({ id: `m-${id}`, sentAt: Date.now(), from: { id, name }, text: "Hi" });
    const at = String(Math.floor(Date.now() / 1000));
    const signature = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
    const headers = { "x-openclaw-timestamp": at, "x-openclaw-signature": `sha256=${signature}` };
    const { status, text } = await gateway.api("POST", "/webhooks/webhook", body, headers);
    assert.equal(status, 200, text);
    await until(async () => (await pairings()).some((it) => it.peerId === id), `${id} asked to be let in`);
  }

  return { openclaw, json, pairings, stranger };
}

describe("openclaw pairing, at a gateway", () => {
  it("lists who asked, lets somebody in by the code, and out again", async (t) => {
    const { openclaw, pairings, stranger } = await at(t);
    assert.equal((await openclaw("list")).stdout, "Nobody has asked yet.\n");
    await stranger("ann", "Ann\u001b[31m");
    const [{ code }] = (await pairings()) as [Json];
    const listed = await openclaw("list", "webhook");
    assert.match(listed.stdout, new RegExp(`^webhook +default +ann +Ann.* pending +${code} +20`, "m"));
    assert.ok(!listed.stdout.includes("\u001b"));

    const wrong = await openclaw("approve", "webhook", "NOSUCHCODE");
    assert.equal(wrong.code, 1);
    const right = await openclaw("approve", "webhook", code.toLowerCase());
    assert.deepEqual([right.code, right.stderr], [0, ""]);
    assert.match(right.stdout, /^ann .*may now write to the bot on webhook\.\n$/);
    assert.deepEqual(
      (await pairings()).map((it) => it.state),
      ["approved"],
    );

    assert.equal((await openclaw("remove", "webhook:ann")).stdout, "Removed ann on webhook.\n");
    assert.equal((await openclaw("remove", "webhook", "ann")).stdout, "There is no ann on webhook.\n");
    assert.deepEqual(await pairings(), []);
    assert.match((await openclaw("remove", "ann")).stderr, /Say whom, like telegram:123456/);
  });

  it("turns down all who wait, and tells what became of them", async (t) => {
    const { openclaw, json, stranger } = await at(t);
    await stranger("ann");
    await stranger("bob");
    assert.equal((await openclaw("clear", "irc")).stdout, "Turned down 0.\n");
    assert.equal((await openclaw("clear", "webhook")).stdout, "Turned down 2.\n");
    const { events } = await json("history", "webhook");
    assert.deepEqual(
      events.map((it: Json) => it.event),
      ["cleared", "cleared", "requested", "requested"],
    );
    assert.match((await openclaw("history", "--limit", "1")).stdout, /^20\S+ +cleared +webhook +default/m);
    assert.match((await openclaw("history", "--limit", "501")).stderr, /at most 500/);
  });
});
