import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { turnsOf } from "../../src/runtime/models/anthropic-turns.ts";
import { conversationOf } from "../../src/runtime/models/google-contents.ts";
import { chatMessages, dialectOf } from "../../src/runtime/models/openai-request.ts";
import { responsesInput } from "../../src/runtime/models/responses-input.ts";
import type { PromptMessage, UserPart } from "../../src/runtime/models/types.ts";
import { trimmed, withoutBulk } from "../../src/runtime/shorten.ts";
import { cutTurn } from "../../src/runtime/shrink-turn.ts";
import { createTokenRatio, weigh } from "../../src/runtime/tokens.ts";
import type { Tool } from "../../src/runtime/tools/types.ts";
import { validRequest } from "../../src/runtime/transcript.ts";
import { playLoop, toolOf } from "./scripted-loop.ts";

const picture = { type: "image", mimeType: "image/jpeg", data: "cGljdHVyZQ==" } as const;
const shot: Tool = {
  ...toolOf("shot", () => undefined),
  prepare: () => ({
    risks: [],
    async run(show) {
      show(picture);
      return { success: true, mediaId: "m" };
    },
  }),
};

type Result = Extract<PromptMessage, { role: "tool" }>;

/** The conversation of a run that has taken a picture. */
async function conversation(): Promise<PromptMessage[]> {
  return (await playLoop([[{ name: "shot" }], "I see."], [shot])).requests[1]!;
}

const resultIn = (messages: readonly PromptMessage[]) =>
  messages.find((it): it is Result => it.role === "tool")!;

describe("a picture that a tool shows", () => {
  test("goes to the model beside the result, and into no event", async () => {
    const { events, requests } = await playLoop([[{ name: "shot" }], "I see."], [shot]);
    const result = resultIn(requests[1]!);
    assert.deepEqual(result.media, [picture]);
    assert.equal(result.result, '{"success":true,"mediaId":"m"}');
    assert.ok(!JSON.stringify(events).includes(picture.data));
    const told = events.flatMap((it) => (it.type === "tool.result" ? [it.call] : []));
    assert.deepEqual(told[0]?.result, { success: true, mediaId: "m" });
  });

  test("of a call that fails after all is not shown", async () => {
    const failing: Tool = {
      ...shot,
      prepare: () => ({
        risks: [],
        async run(show) {
          show(picture);
          throw new Error("no");
        },
      }),
    };
    const { requests } = await playLoop([[{ name: "shot" }], "ok"], [failing]);
    assert.equal(resultIn(requests[1]!).media, undefined);
  });

  test("is sent to a model that sees, and named to one that does not", async () => {
    const messages = await conversation();
    const seeing = validRequest(messages, { input: ["text", "image"] });
    assert.deepEqual(resultIn(seeing), resultIn(messages));
    const blind = resultIn(validRequest(messages, { input: ["text"] }));
    assert.equal(blind.media, undefined);
    assert.match(
      blind.result,
      /^\{"success":true,"mediaId":"m"\}\n\[An image was sent here that you cannot see\.\]$/,
    );
  });

  test("counts as a picture where tokens are estimated", async () => {
    const messages = await conversation();
    const { characters, media } = weigh(messages);
    assert.equal(media, 1_500);
    assert.ok(characters < 500);
  });

  test("is in what each wire sends", async () => {
    const messages = validRequest(await conversation(), { input: ["text", "image"] });
    const bodies = {
      chat: chatMessages({ model: "m", messages }, dialectOf("openai")),
      messages: turnsOf(messages),
      google: conversationOf({ model: "gemini-2.5-flash", messages }),
      gemini3: conversationOf({ model: "gemini-3-pro", messages }),
      responses: responsesInput(messages, { thoughts: false }),
    };
    for (const [wire, body] of Object.entries(bodies))
      assert.equal(JSON.stringify(body).split(picture.data).length, 2, wire);
  });

  test("stands behind all results, as the user's, where results are text alone", async () => {
    const both = await playLoop([[{ name: "shot" }, { name: "act" }], "ok"], [shot, toolOf("act", () => 1)]);
    const sent = chatMessages({ model: "m", messages: both.requests[1]! }, dialectOf("openai"));
    assert.deepEqual(
      sent.map((it) => it.role),
      ["user", "assistant", "tool", "tool", "user"],
    );
    const parts: UserPart[] = [
      { type: "text", text: "What came with the result of the tool shot:" },
      picture,
    ];
    assert.deepEqual(sent.at(-1), { role: "user", content: parts });
  });
});

describe("when a conversation grows long", () => {
  test("a picture of a turn long past is left out, so that it reads as it does from the disk", async () => {
    const result = resultIn(await conversation());
    const { media: _, ...onDisk } = result;
    assert.deepEqual(trimmed(result), trimmed(onDisk));
    assert.deepEqual(trimmed(trimmed(result)), trimmed(result));
    assert.deepEqual(withoutBulk(result, 600), onDisk);
  });

  // The answer is a step of its own, so two with pictures are among the newest three.
  test("the pictures of a turn's older steps go before its newest ones", async () => {
    const answers = [...Array.from({ length: 8 }, () => [{ name: "shot" }]), "ok"];
    const { messages } = await playLoop(answers, [{ ...shot, repeatable: true }]);
    const ratio = createTokenRatio();
    const tokensOf = (list: readonly PromptMessage[], from?: number, to?: number) =>
      ratio.tokens(weigh(list, from, to));
    const room = { tokensOf, charactersPerToken: 4, tokens: 6_000, messages: 100 };
    cutTurn({ messages, from: 0, leaveOut: (from, count) => void messages.splice(from, count) }, room);
    assert.ok(tokensOf(messages) <= room.tokens);
    const seen = messages.flatMap((it) => (it.role === "tool" ? [it.media !== undefined] : []));
    assert.deepEqual(seen, [false, false, false, false, false, false, true, true]);
  });
});

test("Calls of a tool that does something more each time are no circle, unless they fail", async () => {
  const answers = [...Array.from({ length: 8 }, () => [{ name: "act" }]), "ok"];
  let fails = false;
  const act = toolOf(
    "act",
    () => {
      if (fails) throw new Error("always the same");
      return "the same";
    },
    { repeatable: true },
  );
  const fine = await playLoop(answers, [act]);
  assert.deepEqual(fine.events.at(-1), { type: "end", finishReason: "stop" });
  fails = true;
  const circle = await playLoop(answers, [act]);
  assert.deepEqual(circle.events.at(-1), { type: "end", finishReason: "max_steps" });
});
