import type { ModelToolCall, PromptMessage, UserPart } from "../../src/runtime/models/types.ts";

type Random = () => number;

const texts = ["hello", "ünïcödé 🙂", "", "  \n", "half \ud83d a character", "a\n\nb", "x".repeat(300)];
const ids = ["call_1", "call_1", "call_2", "", "with space!", "toolu_01ABC", "i".repeat(90), "ключ"];
const names = ["look", "look", "write_file", "", "a.b/c", "n".repeat(80), "web search"];
const jsons = ['{"x":1}', "{}", "", "not json", "[1,2]", "null", '"text"', '{"broken":', '{"s":"🙂"}'];
const results = ["seen", '{"ok":true}', "", "  ", "half \ude42", "y".repeat(500)];

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

/** A log as no gateway should ever write one: anything in any order. */
export function wildLog(random: Random, length: number): PromptMessage[] {
  return Array.from({ length }, () => wildMessage(random));
}

function wildMessage(random: Random): PromptMessage {
  const kind = random();
  if (kind < 0.03) return { role: "system", content: pick(random, texts) };
  if (kind < 0.35) return { role: "user", content: userParts(random) };
  if (kind < 0.65) return answer(random, Math.floor(random() * 4));
  const [toolCallId, name] = [pick(random, ids), pick(random, names)];
  return { role: "tool", toolCallId, name, result: pick(random, results), isError: random() < 0.2 };
}

/** A log as runs leave it: turns with steps, some cut off, aborted, crashed, steered between or repeated. */
export function turnsLog(random: Random, turns: number): PromptMessage[] {
  const log: PromptMessage[] = [];
  for (let turn = 0; turn < turns; turn++) {
    for (let said = random() < 0.15 ? 2 : 1; said > 0; said--)
      log.push({ role: "user", content: userParts(random) });
    for (let step = Math.floor(random() * 4); step > 0; step--) pushStep(random, log);
    if (random() < 0.8) log.push(answer(random, 0)); // else it crashed before it said anything
  }
  return log;
}

function pushStep(random: Random, log: PromptMessage[]): void {
  const said = answer(random, 1 + Math.floor(random() * 3));
  log.push(said);
  if (said.role !== "assistant") return;
  const answers: PromptMessage[] = (said.toolCalls ?? [])
    .filter(() => random() < 0.85)
    .map(({ id, name }) => ({
      role: "tool",
      toolCallId: id,
      name,
      result: pick(random, results),
      isError: random() < 0.2,
    }));
  if (random() < 0.2) answers.reverse();
  if (random() < 0.1 && answers[0]) answers.push(answers[0]);
  if (random() < 0.1) answers.splice(1, 0, { role: "user", content: userParts(random) });
  log.push(...answers);
  if (random() < 0.1) log.push({ role: "user", content: userParts(random) });
}

function userParts(random: Random): UserPart[] {
  const parts: UserPart[] = random() < 0.95 ? [{ type: "text", text: pick(random, texts) }] : [];
  if (random() < 0.1) parts.push({ type: "image", mimeType: "image/png", data: "iVBORw0KGgo=" });
  if (random() < 0.03) parts.push({ type: "image", url: "ftp://example.org/x.png" });
  if (random() < 0.03) parts.push({ type: "file", mimeType: "application/pdf", data: "JVBERi0=", name: "a" });
  if (random() < 0.03) parts.push({ type: "file", mimeType: "text/csv", data: "YSxi", name: "a.csv" });
  if (random() < 0.03) parts.push({ type: "file", mimeType: "application/zip", data: "UEs=" });
  if (random() < 0.03) parts.push({ type: "file", url: "https://example.org/a.pdf" });
  return parts;
}

function answer(random: Random, calls: number): PromptMessage {
  const wire = pick(random, ["anthropic", "google", "openai"]);
  const signed = { text: "hm", opaque: { wire, metadata: { [wire]: { signature: "s" } } } };
  return {
    role: "assistant",
    content: pick(random, texts),
    ...(random() < 0.2 && { reasoning: [signed] }),
    ...(calls > 0 && { toolCalls: Array.from({ length: calls }, () => call(random)) }),
  };
}

function call(random: Random): ModelToolCall {
  return { id: pick(random, ids), name: pick(random, names), arguments: pick(random, jsons) };
}

/** A log where nothing needs repair. */
export function soundLog(turns: number, result = "seen"): PromptMessage[] {
  const log: PromptMessage[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const id = `call_${turn}`;
    log.push(
      { role: "user", content: [{ type: "text", text: `question ${turn}` }] },
      { role: "assistant", content: "", toolCalls: [{ id, name: "look", arguments: `{"turn":${turn}}` }] },
      { role: "tool", toolCallId: id, name: "look", result, isError: false },
      { role: "assistant", content: `answer ${turn}` },
    );
  }
  return log;
}
