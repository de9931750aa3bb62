import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type FakeModel, startFakeModel } from "../../gateway/test/support/fake-model.ts";
import { startGateway, type TestGateway } from "../../gateway/test/support/gateway.ts";
import { OpenClawClient, type RunEvent, type StreamEvent } from "../src/index.ts";
import { startCuttingWire } from "./support/cutting-wire.ts";

type Event = RunEvent | StreamEvent;

let gateway: TestGateway;
let model: FakeModel;
before(async () => {
  model = await startFakeModel();
  const fake = {
    baseUrl: `${model.url}/v1`,
    api: "openai-completions",
    apiKey: "none",
    models: [{ id: "m" }],
  };
  gateway = await startGateway({
    config: { models: { providers: { fake } }, agents: { defaults: { model: "fake/m" } } },
  });
});
after(async () => {
  await gateway.close();
  await model.close();
});

/** The two ways to follow a run. */
const ways: Record<string, (client: OpenClawClient) => AsyncIterable<Event>> = {
  "server-sent events": (client) => client.agent.stream({ message: "Hi" }),
  "a WebSocket": async function* (client) {
    const run = await client.chat.run({ message: "Hi" });
    yield* run;
    await run.done;
  },
};

for (const [name, follow] of Object.entries(ways)) {
  describe(`over ${name}`, () => {
    let whole: Event[];
    before(async () => {
      whole = (await followed(follow, () => false)).got;
    });

    test("a run of thoughts, words and a tool has all kinds of events, numbered from 1", () => {
      assert.deepEqual(
        whole.map(({ data }) => data.seq),
        whole.map((_, index) => index + 1),
      );
      const kinds = ["started", "thinking", "delta", "tool.call", "tool.result", "done"];
      assert.deepEqual([...new Set(whole.map(kindOf))], kinds);
      assert.equal(textOf(whole), "One, two, and a tool: three, four.");
    });

    for (let k = 1; k <= 12; k++) {
      test(`a connection that breaks right behind event ${k} loses nothing and doubles nothing`, async () => {
        const { got, cuts } = await followed(follow, (nth) => nth === k);
        assert.equal(cuts, 1);
        assert.deepEqual(bare(got), bare(whole));
      });
    }

    test("a connection that breaks behind every single event loses nothing and doubles nothing", async () => {
      assert.equal(whole.length, 12, "the tests above cut behind each of them");
      const { got, cuts } = await followed(follow, () => true);
      assert.ok(cuts >= whole.length, `${cuts} cuts`);
      assert.deepEqual(bare(got), bare(whole));
    });

    test("while the model goes on during an outage, the text and the end are those of an uncut run", async () => {
      for (let k = 1; k <= whole.length; k++) {
        const { got } = await followed(follow, (nth) => nth % k === 0, { paced: false });
        assert.equal(textOf(got), textOf(whole), `cut behind every event of ${k}`);
        assert.deepEqual(bare(got.slice(-1)), bare(whole.slice(-1)));
        const seqs = got.map(({ data }) => data.seq);
        assert.deepEqual(
          seqs,
          [...new Set(seqs)].sort((a, b) => a - b),
        );
      }
    });
  });
}

/**
 * Follows one run over a wire that is cut. Paced, the model says each next thing once the client has seen the last one, so
 * that a replay has nothing to put together and every event must come as it would have come without a cut.
 */
async function followed(
  follow: (client: OpenClawClient) => AsyncIterable<Event>,
  cutsAfter: (nth: number) => boolean,
  { paced = true } = {},
): Promise<{ got: Event[]; cuts: number }> {
  await using wire = await startCuttingWire(gateway.url, cutsAfter);
  const client = new OpenClawClient({ baseUrl: wire.url, token: gateway.token, reconnectDelay: () => 1 });
  const got: Event[] = [];
  const waiting = new Map<number, () => void>();
  const seen = (seq: number) => ({
    pause:
      !paced || got.length >= seq
        ? 0
        : new Promise<void>((resolve) => void waiting.set(seq, () => resolve())),
  });
  model.script(({ body }) => {
    const last = (body.messages as { role: string }[]).at(-1);
    return last?.role === "tool"
      ? [seen(8), { text: "three, " }, seen(9), { text: "four" }, seen(10), { text: "." }]
      : [
          seen(1),
          { reasoning: "Hm, " },
          seen(2),
          { reasoning: "well." },
          seen(3),
          { text: "One, " },
          seen(4),
          { text: "two, " },
          seen(5),
          { text: "and a tool: " },
          seen(6),
          { call: { name: "clock" } },
        ];
  });
  try {
    for await (const event of follow(client)) {
      got.push(event);
      waiting.get(got.length)?.();
    }
  } finally {
    client.chat.close();
  }
  return { got, cuts: wire.cuts() };
}

/** What of the events is the same in every run: ids are their messages' places, and what the clock said is left out. */
function bare(events: Event[]): unknown[] {
  const messages = new Map<string, number>();
  return events.map((event) => {
    const { runId: _run, sessionKey: _session, ...data } = event.data;
    if ("messageId" in data) {
      if (!messages.has(data.messageId)) messages.set(data.messageId, messages.size);
      return { type: event.type, data: { ...data, messageId: messages.get(data.messageId) } };
    }
    return { type: event.type, data: "result" in data ? { ...data, result: "…" } : data };
  });
}

function kindOf({ type }: Event): string {
  return type.replace("chat.", "");
}

function textOf(events: Event[]): string {
  return events
    .map((event) => (kindOf(event) === "delta" && "delta" in event.data ? event.data.delta : ""))
    .join("");
}
