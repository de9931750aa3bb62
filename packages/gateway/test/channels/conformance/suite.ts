import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Json } from "../../support/gateway.ts";
import { until } from "../../support/until.ts";
import { type Peer, rich } from "./peers/peer.ts";
import { people, type Rig, startRig } from "./rig.ts";

/** What every channel has to do, with a gateway in a process of its own and the platform at the other end. */
export function conforms(name: string, startPeer: () => Promise<Peer>): void {
  describe(`a gateway with ${name}`, () => {
    let rig: Rig;
    before(async () => {
      rig = await startRig(startPeer);
    });
    after(() => rig?.close());

    // Nobody in one of these speaks to anybody of another, so they go on side by side.
    describe("and people who write", { concurrency: 16 }, () => {
      test("answers each message once and in their order", () => inOrder(rig));
      test("answers a message once that comes twice", async (context) => {
        if (!rig.peer.redeliver) return context.skip("the peer cannot be made to bring anything twice");
        await twice(rig);
      });
      test("cuts a long answer into messages that the platform takes, and loses nothing", () =>
        inPieces(rig));
      test("writes Markdown in the platform's form", () => formatted(rig));
      test("lets a stranger in only once the owner approves", () => pairing(rig));
      test("takes commands from owners alone", () => commands(rig));
      test("answers in a group when it is mentioned", async (context) => {
        if (rig.peer.group === undefined) return context.skip("the platform has no groups for bots");
        await inGroup(rig, rig.peer.group);
      });
      test("sends what the API is told to, and shows the delivery", () => sending(rig));
      test("says of an address that is none that `to` is wrong", () => nowhere(rig));
    });

    test("answers what is said after its connections were cut", () => afterCut(rig));
    test("has delivered everything, and nothing twice", () => allDelivered(rig));
    test("shows its secrets nowhere", () => secrets(rig));
    test("stops within five seconds when it is told to", () => stops(rig));
  });
}

async function inOrder({ peer, hear, texts }: Rig): Promise<void> {
  const from = people.talker;
  for (let number = 1; number <= 5; number++) await peer.say({ from, text: `order ${number}` });
  await hear(peer.chat(from), /order 5/);
  const answers = texts(peer.chat(from)).map((it) => /You said: "(order \d)"/.exec(it)?.[1]);
  assert.deepEqual(answers, ["order 1", "order 2", "order 3", "order 4", "order 5"]);
}

async function twice({ peer, hear, texts }: Rig): Promise<void> {
  const from = people.writer;
  await peer.say({ from, text: "once only" });
  await hear(peer.chat(from), /once only/);
  await peer.redeliver?.(from);
  await peer.say({ from, text: "and then" });
  await hear(peer.chat(from), /and then/);
  assert.equal(texts(peer.chat(from)).length, 2);
}

async function inPieces({ peer, hear, texts, model }: Rig): Promise<void> {
  const from = people.reader;
  const chat = peer.chat(from);
  let long = "";
  for (let number = 0; long.length < peer.limit * 2.3; number++) long += `word${number} `;
  long += "end.";
  model.script([{ text: long }]);
  await peer.say({ from, text: "/model fake/long" });
  await hear(chat, /model is now/);
  const before = texts(chat).length;
  await peer.say({ from, text: "tell me everything" });
  await hear(chat, /end\.$/);
  const pieces = texts(chat).slice(before);
  assert.ok(pieces.length >= 3, `${pieces.length} pieces`);
  for (const piece of pieces) assert.ok(piece.length <= peer.limit, `a piece of ${piece.length}`);
  assert.equal(pieces.join(" ").replace(/\s+/g, " "), long);
}

async function formatted({ peer, gateway, texts }: Rig): Promise<void> {
  const to = peer.chat(people.hearer);
  await peer.say({ from: people.hearer, text: "hello" });
  await until(() => texts(to).length === 1, "the platform knows the chat");
  await gateway.api("POST", `/v1/channels/${peer.channelId}/send`, { to, text: rich });
  await until(() => texts(to).slice(1).join("\n").includes("two"), "the whole text");
  assert.equal(texts(to).slice(1).join("\n"), peer.formatted);
}

async function pairing({ peer, gateway, hear, texts, hasSession }: Rig): Promise<void> {
  const from = people.stranger;
  const chat = peer.chat(from);
  await peer.say({ from, text: "let me in" });
  const told = await hear(chat, /pairing approve/);
  const code = /pairing approve \w+ ([A-Z0-9]{8})\b/.exec(told)?.[1];
  assert.ok(code, told);
  await peer.say({ from, text: "please" });
  // Messages are taken in in their order: with this one the one before is dealt with.
  await peer.say({ from: people.visitor, text: "anybody?" });
  await hear(peer.chat(people.visitor), /anybody/);
  const approve = (given: string) =>
    gateway.api("POST", "/v1/pairings/approve", { channelId: peer.channelId, code: given });
  assert.equal((await approve("WRONGONE")).status, 404);
  assert.equal(await hasSession(from), false);
  assert.equal((await approve(code)).status, 200);
  await peer.say({ from, text: "thank you" });
  await hear(chat, /You said: "thank you"/);
  assert.equal(await hasSession(from), true);
  assert.doesNotMatch(texts(chat).join("\n"), /You said: "(let me in|please)"/);
  const codes = texts(chat).filter((it) => /pairing approve/.test(it));
  assert.equal(codes.length, 1);
}

async function commands({ peer, hear, texts, hasSession }: Rig): Promise<void> {
  const chat = peer.chat(people.commander);
  await peer.say({ from: people.commander, text: "/status" });
  await hear(chat, /Only the owner/);
  await peer.say({ from: people.owner, text: "/status" });
  await hear(peer.chat(people.owner), /Agent: /);
  assert.doesNotMatch(texts(chat).join("\n"), /Agent: |You said/);
  assert.equal(await hasSession(people.commander), false);
}

async function inGroup({ peer, hear, texts }: Rig, group: string): Promise<void> {
  const from = people.member;
  await peer.say({ from, text: "among us", group: "unmentioned" });
  await peer.say({ from, text: "to the bot", group: "mentioned" });
  await hear(group, /You said/);
  await peer.say({ from, text: "the end", group: "mentioned" });
  await hear(group, /the end/);
  assert.equal(texts(group).filter((it) => /You said/.test(it)).length, 2);
}

async function sending({ peer, gateway, hear }: Rig): Promise<void> {
  const chat = peer.chat(people.receiver);
  await peer.say({ from: people.receiver, text: "hello" });
  await hear(chat, /hello/);
  const wish = { to: chat, text: "by hand", idempotencyKey: "once" };
  const sent = await gateway.api("POST", `/v1/channels/${peer.channelId}/send`, wish);
  assert.deepEqual([sent.status, sent.body.status], [200, "sent"], sent.text);
  const again = await gateway.api("POST", `/v1/channels/${peer.channelId}/send`, wish);
  assert.equal(again.body.messageId, sent.body.messageId);
  await hear(chat, /^by hand$/);
  const { body } = await gateway.api(
    "GET",
    `/v1/channels/${peer.channelId}/deliveries?status=sent&limit=500`,
  );
  const shown = body.deliveries.filter((it: Json) => it.text === "by hand");
  assert.deepEqual(
    shown.map((it: Json) => [it.deliveryId, it.to, it.attempts, it.error]),
    [[sent.body.messageId, chat, 1, null]],
  );
}

async function nowhere({ peer, gateway }: Rig): Promise<void> {
  const wish = { to: peer.nowhere, text: "hello" };
  const { status, body } = await gateway.api("POST", `/v1/channels/${peer.channelId}/send`, wish);
  assert.deepEqual([status, body.error.param], [400, "to"]);
}

async function afterCut({ peer, hear, texts, idle }: Rig): Promise<void> {
  const from = people.patient;
  await peer.say({ from, text: "before" });
  await hear(peer.chat(from), /before/);
  await idle(); // else nobody could tell whether the answer arrived
  await peer.cut();
  await peer.say({ from, text: "after" });
  await hear(peer.chat(from), /You said: "after"/);
  assert.equal(texts(peer.chat(from)).length, 2);
}

async function allDelivered({ peer, gateway, status, idle }: Rig): Promise<void> {
  await idle();
  const { waiting, unknown, failed } = await status();
  assert.deepEqual({ waiting, unknown, failed }, { waiting: 0, unknown: 0, failed: 0 });
  const { body } = await gateway.api("GET", `/v1/channels/${peer.channelId}/deliveries?limit=500`);
  assert.deepEqual([...new Set(body.deliveries.map((it: Json) => it.status))], ["sent"]);
  const heard = peer.heard().map(({ to, text }) => `${to}: ${text}`);
  assert.deepEqual(
    heard.filter((it, index) => heard.indexOf(it) !== index),
    [],
  );
}

async function secrets({ peer, gateway }: Rig): Promise<void> {
  const path = `/v1/channels/${peer.channelId}`;
  const shown = [gateway.output()];
  for (const at of ["/v1/channels", `${path}/status`, `${path}/deliveries?limit=500`]) {
    shown.push((await gateway.api("GET", at)).text);
  }
  assert.match(shown[0] ?? "", /a channel is connected/);
  for (const secret of peer.secrets) assert.ok(!shown.join("\n").includes(secret), "a secret was shown");
}

async function stops({ gateway }: Rig): Promise<void> {
  const begun = Date.now();
  const exit = await gateway.kill("SIGTERM");
  assert.deepEqual(exit, { code: 0, signal: null });
  assert.ok(Date.now() - begun < 5_000, `it took ${Date.now() - begun} ms`);
}
