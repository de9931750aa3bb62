import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent } from "openclaw-protocol";
import { createRunQueue, RunLog } from "../../src/services/runs/run-log.ts";

const piece = "x".repeat(20_000);
const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };

async function read(queue: AsyncIterable<RunEvent>, seen: RunEvent[] = []): Promise<RunEvent[]> {
  for await (const event of queue) seen.push(event);
  return seen;
}

function textOf(events: readonly RunEvent[]): string {
  return events.map((it) => (it.type === "chat.delta" ? it.data.delta : "")).join("");
}

test("a reader that was cut off for being slow can resume, however much it has missed", async () => {
  const log = new RunLog("run-1", "s");
  const slow = createRunQueue();
  log.attach(slow, { afterSeq: 0 });
  for (let count = 0; count < 1_000; count++) log.append("chat.delta", { messageId: "m", delta: piece });
  await assert.rejects(read(slow), { code: "service_unavailable" });

  const again = createRunQueue();
  log.attach(again, { afterSeq: 10 });
  const text = piece.repeat(1_000);
  log.append("chat.done", { finishReason: "stop", usage, model: "m", cost: 0, response: text });
  const events = await read(again);
  assert.equal(textOf(events).length, text.length - 10 * piece.length);
  assert.equal(events.at(-1)!.type, "chat.done");

  const late = createRunQueue();
  log.attach(late, { afterSeq: 0 });
  assert.equal(textOf(await read(late)).length, text.length);
});
