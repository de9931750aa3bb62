import assert from "node:assert/strict";
import { test } from "node:test";
import type { PromptMessage } from "../../src/runtime/models/types.ts";
import { shorten, trimmed } from "../../src/runtime/shorten.ts";
import { messagesLeft, type Shrinkable, shrink, tokensSent } from "../../src/runtime/shrink.ts";
import { createTokenRatio } from "../../src/runtime/tokens.ts";
import { validRequest } from "../../src/runtime/transcript.ts";
import { turnStarts } from "../../src/runtime/turns.ts";
import { seeded } from "../support/random.ts";
import { soundLog, turnsLog } from "./random-logs.ts";

/** A log that notes what was done to it. */
function shrinkable(messages: PromptMessage[]): Shrinkable & { trimmed: number; dropped: number } {
  const log = {
    messages,
    summary: undefined,
    trimmed: 0,
    dropped: 0,
    trim(count: number) {
      log.trimmed = count;
    },
    drop(count: number) {
      log.dropped += count;
      messages.splice(0, count);
    },
    leaveOut(from: number, count: number) {
      messages.splice(from, count);
    },
  };
  return log;
}

const roomOf = (limit: number) => ({ limit, ratio: createTokenRatio(), besides: 100 });

const user = (text: string): PromptMessage => ({ role: "user", content: [{ type: "text", text }] });

/** One turn with so many steps. */
function longTurn(steps: number, result: string): PromptMessage[] {
  const turn: PromptMessage[] = [user("do it all")];
  for (let step = 0; step < steps; step++) {
    const id = `step_${step}`;
    turn.push({ role: "assistant", content: "", toolCalls: [{ id, name: "look", arguments: "{}" }] });
    turn.push({ role: "tool", toolCallId: id, name: "look", result, isError: false });
  }
  return turn;
}

test("a shortened text has its head and its tail, is short enough, and stays as it is", () => {
  const text = `${"a".repeat(500)}${"🙂".repeat(2_000)}${"z".repeat(500)}`;
  for (let most = 100; most < 1_600; most += 7) {
    const short = shorten(text, most);
    assert.ok(short.length <= most);
    assert.ok(short.isWellFormed());
    assert.match(short, /^a+.*\[… \d+ characters left out …\].*z$/s);
    assert.equal(shorten(short, most), short);
  }
  assert.equal(shorten("short", 600), "short");
});

test("results of older turns are shortened first, and the newest three turns stay whole", async () => {
  const log = shrinkable(soundLog(20, "r".repeat(4_000)));
  let asked = 0;
  await shrink(log, roomOf(10_000), async () => {
    asked += 1;
    return undefined;
  });
  assert.equal(asked, 0);
  assert.equal(log.dropped, 0);
  assert.equal(log.trimmed, 17 * 4);
  const lengths = log.messages.flatMap((it) => (it.role === "tool" ? [it.result.length] : []));
  assert.ok(lengths.slice(0, 17).every((it) => it <= 600));
  assert.deepEqual(lengths.slice(17), [4_000, 4_000, 4_000]);
});

test("a summary stands for the older turns, and half of the room is free then", async () => {
  const log = shrinkable(soundLog(200, "r".repeat(500)));
  const room = roomOf(20_000);
  await shrink(log, room, async () => "what was said");
  assert.equal(log.summary, "what was said");
  assert.ok(log.dropped > 0);
  assert.ok(tokensSent(log, room) <= room.limit * 0.5);
  assert.ok(tokensSent(log, room) >= room.limit * 0.3, "no more is summed up than has to be");
  assert.equal(log.messages[0]!.role, "user");
});

test("without a summary whole turns are left out, a good deal at once", async () => {
  for (const sumUp of [undefined, async () => undefined]) {
    const log = shrinkable(soundLog(200, "r".repeat(500)));
    const room = roomOf(20_000);
    await shrink(log, room, sumUp);
    assert.ok(tokensSent(log, room) <= room.limit * 0.6);
    assert.ok(tokensSent(log, room) >= room.limit * 0.4);
    assert.equal(log.dropped % 4, 0, "whole turns");
    assert.deepEqual(turnStarts(log.messages)[0], 0);
  }
});

test("more messages than are sent are left out down to half of that", async () => {
  const log = shrinkable(soundLog(1_001));
  await shrink(log, roomOf(10_000_000), undefined);
  assert.equal(log.messages.length, messagesLeft);
});

test("a turn too large by itself keeps its newest results longest, then its newest steps, and what the user wrote", async () => {
  const log = shrinkable(longTurn(35, "r".repeat(2_000)));
  await shrink(log, roomOf(15_000), undefined);
  const results = log.messages.flatMap((it) => (it.role === "tool" ? [it.result.length] : []));
  assert.equal(results.length, 35);
  assert.ok(results[0]! <= 600);
  assert.equal(results.at(-1), 2_000);

  const longer = shrinkable(longTurn(400, "r".repeat(2_000)));
  const room = roomOf(15_000);
  await shrink(longer, room, undefined);
  assert.ok(tokensSent(longer, room) <= room.limit);
  assert.match(JSON.stringify(longer.messages[0]), /do it all.*Earlier steps of this turn/);
  assert.equal((longer.messages.at(-1) as { toolCallId?: string }).toolCallId, "step_399");
});

test("a user's text that is too long is cut, and so are the arguments of a call", async () => {
  const text = shrinkable([user("u".repeat(200_000))]);
  const room = roomOf(4_000);
  await shrink(text, room, undefined);
  assert.ok(tokensSent(text, room) <= room.limit);
  assert.match(JSON.stringify(text.messages), /characters left out/);
  const json = JSON.stringify({ text: "t".repeat(100_000) });
  const call = { id: "c", name: "write", arguments: json };
  const written = shrinkable([
    user("write"),
    { role: "assistant", content: "", toolCalls: [call] },
    { role: "tool", toolCallId: "c", name: "write", result: "ok", isError: false },
  ]);
  await shrink(written, room, undefined);
  assert.ok(tokensSent(written, room) <= room.limit);
  const sent = written.messages[1] as Extract<PromptMessage, { role: "assistant" }>;
  assert.ok(JSON.parse(sent.toolCalls![0]!.arguments).shortened);
});

test("a summary longer than asked for does not push out what came after it", async () => {
  const log = shrinkable([...soundLog(60, "r".repeat(1_000)), ...longTurn(1, "r".repeat(12_000))]);
  const room = roomOf(4_000);
  const whole = log.messages.slice(-3);
  await shrink(log, room, async () => "s".repeat(8_000));
  assert.ok(tokensSent(log, room) <= room.limit);
  assert.deepEqual(log.messages, whole);
  assert.match(log.summary!, /characters left out/);

  const later = shrinkable(soundLog(3, "r".repeat(300)));
  later.summary = "s".repeat(40_000); // of a model with more room
  await shrink(later, room, undefined);
  assert.equal(later.messages.length, 12);
  assert.ok(tokensSent(later, room) <= room.limit);
});

test("even where there is hardly any room, the last turn is cut until it fits beside a summary", async () => {
  const log = shrinkable([...soundLog(20), user("u".repeat(1_000))]);
  const room = roomOf(340);
  await shrink(log, room, async () => "s".repeat(1_000));
  assert.ok(tokensSent(log, room) <= room.limit, `${tokensSent(log, room)}`);
  assert.ok(log.summary);
});

test("any log fits afterwards, whatever a summary is like", async () => {
  const rounds = process.env.OPENCLAW_TEST_LONG === "1" ? 5_000 : 400;
  for (let seed = 1; seed <= rounds; seed++) {
    const random = seeded(seed);
    const messages = turnsLog(random, 1 + Math.floor(random() * 30)).map((it): PromptMessage => {
      if (it.role === "tool" && random() < 0.3) return { ...it, result: "r".repeat(random() * 50_000) };
      if (it.role === "user" && random() < 0.05) return user("u".repeat(random() * 100_000));
      return it;
    });
    const log = shrinkable(messages);
    const room = roomOf(2_500 + Math.floor(random() * 20_000));
    const summary = random() < 0.5 ? undefined : "s".repeat(random() * 3_000);
    if (tokensSent(log, room) <= room.limit) continue;
    await shrink(log, room, async () => summary);
    assert.ok(tokensSent(log, room) <= room.limit, `seed ${seed}: ${tokensSent(log, room)} of ${room.limit}`);
    assert.ok(log.messages.length > 0);
    const valid = validRequest(log.messages, { input: ["text", "image", "pdf"] });
    assert.notEqual(valid.at(-1)!.role, "assistant");
  }
});

test("a message trimmed twice has the bytes of one trimmed once", () => {
  for (let seed = 1; seed <= 300; seed++) {
    for (const message of turnsLog(seeded(seed), 5)) {
      const once = trimmed(message.role === "tool" ? { ...message, result: "ü🙂".repeat(1_000) } : message);
      assert.equal(JSON.stringify(trimmed(once)), JSON.stringify(once));
    }
  }
});

test("a model's own count tells how many characters a token has, within bounds", () => {
  const ratio = createTokenRatio();
  assert.equal(ratio.charactersPerToken, 4);
  ratio.learn({ characters: 1_000, media: 0 }, 3_000);
  assert.equal(ratio.charactersPerToken, 4, "too short to learn from");
  ratio.learn({ characters: 30_000, media: 0 }, 10_000);
  assert.equal(ratio.charactersPerToken, 3);
  assert.equal(ratio.tokens({ characters: 300, media: 7 }), 107);
  ratio.learn({ characters: 30_000, media: 0 }, 1_000_000);
  assert.equal(ratio.charactersPerToken, 1.5);
  ratio.learn({ characters: 3_000_000, media: 0 }, 1);
  assert.equal(ratio.charactersPerToken, 8);
});
