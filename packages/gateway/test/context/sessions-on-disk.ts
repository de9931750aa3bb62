import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ToolCall } from "openclaw-protocol";
import { openLog } from "../../src/lib/log.ts";
import { readable } from "../../src/runtime/calls.ts";
import type { PromptMessage } from "../../src/runtime/models/types.ts";
import {
  type Contexts,
  type Conversation,
  createContexts,
  type Summarise,
} from "../../src/services/runs/context.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { insertMessage } from "../../src/storage/messages.ts";
import { insertSession } from "../../src/storage/sessions.ts";

export const forever = new AbortController().signal;

export type Session = Awaited<ReturnType<typeof startSession>>;

/** Sessions over a real database, with runs that say what a test tells them to. */
export async function startDatabase(test: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "openclaw-context-"));
  const db = await openDatabase(join(directory, "openclaw.db"), "process", Date.now());
  test.after(async () => {
    await db.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    db,
    contexts: () => createContexts({ db, clock: { now: () => 1_000 }, log: openLog("silent").log }),
  };
}

type Database = Awaited<ReturnType<typeof startDatabase>>["db"];

export const usual = {
  system: "Be kind.",
  limitTokens: 20_000,
  answerTokens: 1_000,
  input: ["text", "image"],
};

export const noSummary: Summarise = () => Promise.reject(new Error("not asked for here"));

export async function startSession(db: Database, key = "s") {
  const session = await db.write((tx) =>
    insertSession(tx, {
      key,
      agentId: "default",
      owner: "gateway",
      channel: "webchat",
      listed: true,
      title: "t",
      now: 1,
    }),
  );
  const sessionId = session.id;
  let count = 0;

  function store(message: {
    runId: string;
    role: "user" | "assistant";
    content: string;
    note?: string;
    toolCalls?: ToolCall[];
    place?: "next" | "queued";
  }) {
    const { place = "next", ...rest } = message;
    count += 1;
    return db.write((tx) => insertMessage(tx, { sessionId, id: `${key}-${count}`, now: 1, ...rest }, place));
  }

  return {
    sessionId,
    store,
    /** What a run appends, in memory and on disk. */
    async append(conversation: Conversation, runId: string, messages: readonly PromptMessage[]) {
      for (const message of messages) {
        conversation.messages.push(message);
        if (message.role === "user") await store({ runId, role: "user", content: textOf(message) });
        if (message.role !== "assistant") continue;
        const toolCalls = (message.toolCalls ?? []).map((call): ToolCall => {
          const found = messages.find((it) => it.role === "tool" && it.toolCallId === call.id);
          const result = found?.role === "tool" ? { result: found.result, isError: found.isError } : {};
          return { toolCallId: call.id, tool: call.name, params: readable(call.arguments), ...result };
        });
        await store({ runId, role: "assistant", content: message.content, toolCalls });
      }
    },
  };
}

export function textOf(message: PromptMessage): string {
  if (message.role === "tool") return message.result;
  if (message.role !== "user") return message.content;
  return message.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");
}

export const bytesOf = (messages: readonly PromptMessage[]) => messages.map((it) => JSON.stringify(it));

export const asked = (text: string): PromptMessage => ({ role: "user", content: [{ type: "text", text }] });

/** A step: a call and its result. */
export function step(id: string, result: string): PromptMessage[] {
  return [
    { role: "assistant", content: "", toolCalls: [{ id, name: "look", arguments: '{"x":1}' }] },
    { role: "tool", toolCallId: id, name: "look", result, isError: false },
  ];
}

export const charactersOf = (messages: readonly PromptMessage[]) =>
  messages.reduce((sum, message) => sum + textOf(message).length, 0);

/** A run that ends well: a step with that result, and an answer. Returns its two requests. */
export async function run(
  contexts: Contexts,
  session: Session,
  name: string,
  said: { result?: string; question?: string; summarise?: Summarise } = {},
): Promise<PromptMessage[][]> {
  const { result = "seen", question = `ask ${name}`, summarise = noSummary } = said;
  await session.store({ runId: name, role: "user", content: question });
  const conversation = await contexts.open(
    { ...usual, sessionId: session.sessionId, runId: name },
    summarise,
  );
  const first = await conversation.request({ signal: forever });
  await session.append(conversation, name, step(`call-${name}`, result));
  const second = await conversation.request({ signal: forever });
  conversation.keep();
  await session.append(conversation, name, [{ role: "assistant", content: `done ${name}` }]);
  return [first, second];
}
