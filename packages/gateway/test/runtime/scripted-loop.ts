import { z } from "zod";
import { type LoopEvent, type LoopInput, runLoop } from "../../src/runtime/loop.ts";
import type { ModelEvent, ModelToolCall, PromptMessage } from "../../src/runtime/models/types.ts";
import type { ToolPorts } from "../../src/runtime/tools/ports.ts";
import type { PreparedCall, Tool, ToolContext } from "../../src/runtime/tools/types.ts";

const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };

/** What a scripted model says in one answer: text, or calls. */
export type Answer = string | readonly { name: string; arguments?: unknown }[];

/** A tool that takes anything and answers as told. */
export function toolOf(
  name: string,
  run: (params: unknown, context: ToolContext) => Promise<unknown> | unknown,
  more: Partial<Tool> & Partial<Pick<PreparedCall, "risks" | "words" | "contained">> = {},
): Tool {
  const { risks = [], words, contained, ...own } = more;
  return {
    name,
    description: `The tool ${name}.`,
    params: z.looseObject({}),
    ...own,
    prepare: (params, context) => ({ risks, words, contained, run: async () => run(params, context) }),
  };
}

/** A context for tools that need nothing of the house. */
export function bareContext(over: Partial<ToolContext> = {}): ToolContext {
  return {
    signal: new AbortController().signal,
    runId: "run",
    sessionKey: "s",
    agentId: "default",
    toolCallId: "call",
    trust: "owner",
    files: { root: "/nowhere", closed: [] },
    ports: {} as ToolPorts, // these tools use none
    now: () => 0,
    progress: () => {},
    ...over,
  };
}

export interface LoopRun {
  events: LoopEvent[];
  messages: PromptMessage[];
  /** What the model was sent, request by request. */
  requests: PromptMessage[][];
}

/** Plays the loop against a scripted model, to its end. */
export async function playLoop(
  answers: readonly Answer[],
  tools: readonly Tool[],
  over: Partial<LoopInput> = {},
): Promise<LoopRun> {
  const messages: PromptMessage[] = [{ role: "user", content: [{ type: "text", text: "go" }] }];
  const requests: PromptMessage[][] = [];
  let asked = 0;
  let ids = 0;
  const signal = new AbortController().signal;
  const events: LoopEvent[] = [];
  const input: LoopInput = {
    conversation: {
      messages,
      toolsUsed: () => new Set(messages.flatMap((it) => (it.role === "tool" ? [it.name] : []))),
      request: async () => [...messages],
      learned: () => {},
      tooLong: () => false,
    },
    tools: new Map(tools.map((it) => [it.name, it])),
    async *ask(sent): AsyncGenerator<ModelEvent> {
      requests.push([...sent]);
      yield* say(answers[asked++] ?? "");
    },
    steering: async () => [],
    authorise: async () => ({ allowed: true }),
    contextOf: ({ id }) => bareContext({ signal, toolCallId: id }),
    newMessageId: () => `msg-${++ids}`,
    signal,
    maxSteps: 10,
    ...over,
  };
  for await (const event of runLoop(input)) events.push(event);
  return { events, messages, requests };
}

async function* say(answer: Answer): AsyncGenerator<ModelEvent> {
  if (typeof answer === "string") {
    if (answer !== "") yield { type: "text", delta: answer };
    yield { type: "finish", reason: "stop", usage };
    return;
  }
  for (const [index, { name, arguments: given = {} }] of answer.entries()) {
    const call: ModelToolCall = { id: `call-${index}`, name, arguments: JSON.stringify(given) };
    yield { type: "tool.call", index, call };
  }
  yield { type: "finish", reason: "tool_calls", usage };
}
