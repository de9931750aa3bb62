import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent } from "openclaw-protocol";
import { createRunQueue, RunLog } from "../../src/services/runs/run-log.ts";
import { replay, type Segment } from "../../src/services/runs/segments.ts";

const pieces = ["Hé", "l", "", "lo ", "🙂", "\ud83d", "\ude42", "\r\n", "end"];

function filledLog(): RunLog {
  const log = new RunLog("run-1", "session-1");
  log.append("chat.started", { model: "builtin/demo", agentId: "default", thinking: "off" });
  for (const delta of pieces) log.append("chat.delta", { messageId: "msg-1", delta });
  log.append("tool.call", { toolCallId: "c1", tool: "clock", params: {} });
  log.append("chat.delta", { messageId: "msg-2", delta: "more" });
  return log;
}

async function drain(log: RunLog, afterSeq: number): Promise<RunEvent[]> {
  const queue = createRunQueue();
  log.attach(queue, { afterSeq });
  queue.end();
  const events: RunEvent[] = [];
  for await (const event of queue) events.push(event);
  return events;
}

const textOf = (events: readonly RunEvent[], messageId: string) =>
  events
    .map((it) => (it.type === "chat.delta" && it.data.messageId === messageId ? it.data.delta : ""))
    .join("");

test("a replay from any seq gives exactly the rest of each message, with rising seqs", async () => {
  const whole = pieces.join("");
  for (let afterSeq = 0; afterSeq <= 12; afterSeq++) {
    const events = await drain(filledLog(), afterSeq);
    const seen = pieces.slice(0, Math.max(0, afterSeq - 1)).join("");
    assert.equal(seen + textOf(events, "msg-1"), whole, `after ${afterSeq}`);
    const seqs = events.map((it) => it.data.seq);
    assert.deepEqual(
      seqs,
      [...seqs].sort((a, b) => a - b),
    );
    assert.ok(seqs.every((seq) => seq > afterSeq));
  }
});

test("what is stored replays like what is live, however often it was flushed in between", async () => {
  for (const flushAt of [[], [3], [2, 5, 9], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]]) {
    const log = new RunLog("run-1", "session-1");
    const rows: string[] = [];
    const keep = () => {
      const unsaved = log.takeUnsaved();
      if (unsaved) rows.push(unsaved.json);
    };
    pieces.forEach((delta, index) => {
      log.append("chat.delta", { messageId: "msg-1", delta });
      if (flushAt.includes(index)) keep();
    });
    keep();
    const segments = rows.flatMap((row) => JSON.parse(row) as Segment[]);
    for (let afterSeq = 0; afterSeq < pieces.length; afterSeq++) {
      const events = replay(segments, { runId: "run-1", sessionKey: "session-1" }, afterSeq);
      assert.equal(textOf(events, "msg-1"), pieces.slice(afterSeq).join(""));
    }
  }
});

test("a reader that keeps up gets each delta as it was; one that does not gets fewer and longer ones", async () => {
  const log = new RunLog("run-1", "session-1");
  const queue = createRunQueue();
  log.attach(queue, { afterSeq: 0 });
  for (let i = 0; i < 5_000; i++) log.append("chat.delta", { messageId: "msg-1", delta: `${i},` });
  queue.end();
  const events: RunEvent[] = [];
  for await (const event of queue) events.push(event);
  assert.equal(textOf(events, "msg-1"), Array.from({ length: 5_000 }, (_, i) => `${i},`).join(""));
  assert.ok(events.length < 300, `${events.length} events`);
  assert.equal(events.at(-1)?.data.seq, 5_000);
  assert.equal(events[10]?.data.seq, 11);
});

test("a reader that lets more than its bound pile up fails instead of taking the memory", async () => {
  const log = new RunLog("run-1", "session-1");
  const queue = createRunQueue();
  log.attach(queue, { afterSeq: 0 });
  const megabyte = "x".repeat(1024 * 1024);
  for (let i = 0; i < 20; i++) log.append("chat.delta", { messageId: "msg-1", delta: megabyte });
  await assert.rejects(
    async () => {
      for await (const _ of queue);
    },
    { code: "service_unavailable" },
  );
});
