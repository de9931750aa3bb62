import type { Methods, OpenClawClient } from "openclaw-client";
import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { positive } from "../numbers.ts";
import { harmless, plain } from "../plain.ts";
import { styled } from "../terminal.ts";
import { createQuestions } from "./questions.ts";

type ChatInput = Methods["chat.run"]["params"];

export interface AgentOptions {
  sessionKey?: string;
  agentId?: string;
  model?: string;
  thinking?: string;
  timeout?: string;
}

const levels = ["off", "minimal", "low", "medium", "high", "xhigh"] as const;

/** Says something to an agent: text comes to stdout as it is written, thinking and tools to stderr. */
export async function agent(
  context: Context,
  message: string,
  options: AgentOptions,
): Promise<Output | undefined> {
  const input = inputOf(message, options);
  const { client } = await connect(context);
  if (!context.options.json) return follow(context, client, input);
  const data = await client.agent.run(input, { signal: context.signal });
  return { data, text: data.response };
}

async function follow(context: Context, client: OpenClawClient, input: ChatInput): Promise<undefined> {
  const { stdout, stderr } = context.terminal;
  const aside = (text: string) => stderr.write(styled(context.terminal, stderr, "dim", text));
  const { runId } = await client.runs.start(input, { signal: context.signal });
  let at = "start";
  const questions = createQuestions(context, client, aside);
  const shown = (text: string) => (stdout.isTTY ? harmless(text) : text);
  const turnTo = (next: "text" | "aside") => {
    if (at === "aside" && next === "text") stderr.write("\n");
    if (at === "text" && next === "aside") stdout.write("\n");
    at = next;
  };
  try {
    for await (const event of client.runs.events(runId, { signal: context.signal })) {
      switch (event.type) {
        case "delta":
          turnTo("text");
          stdout.write(shown(event.data.delta));
          break;
        case "thinking":
          turnTo("aside");
          aside(harmless(event.data.delta));
          break;
        case "tool.call":
          turnTo("aside");
          aside(`\n→ ${event.data.tool} ${brief(event.data.params)}`);
          break;
        case "tool.result":
          turnTo("aside");
          aside(`\n${event.data.isError ? "✖" : "✔"} ${event.data.tool} ${brief(event.data.result)}`);
          break;
        case "approval.requested":
          turnTo("aside");
          questions.ask(event.data);
          break;
        case "approval.resolved":
          turnTo("aside");
          questions.close(event.data);
          break;
        case "done":
        case "aborted": {
          stdout.write(at === "text" ? "\n" : "");
          const { sessionKey, model, usage, finishReason } = event.data;
          aside(`session ${sessionKey} · ${model} · ${usage.totalTokens} tokens · ${finishReason}\n`);
        }
      }
    }
  } catch (error) {
    if (at !== "start") stderr.write("\n");
    if (context.signal.aborted) {
      // Ctrl+C means the run, not only the watching of it.
      await client.runs.abort(runId, { timeoutMs: answerMs }).catch(() => undefined);
    }
    throw error;
  }
}

function inputOf(message: string, options: AgentOptions): ChatInput {
  const { sessionKey, agentId, model } = options;
  const thinking = levels.find((level) => level === options.thinking);
  if (options.thinking !== undefined && !thinking) {
    throw new UsageError(`--thinking must be one of ${levels.join(", ")}, not "${options.thinking}".`);
  }
  const seconds = positive("--timeout", options.timeout);
  const runOptions = {
    ...(model && { model }),
    ...(thinking && { thinking }),
    ...(seconds && { timeoutMs: Math.ceil(seconds * 1000) }),
  };
  return {
    message,
    ...(sessionKey && { sessionKey }),
    ...(agentId && { agentId }),
    ...(Object.keys(runOptions).length > 0 && { options: runOptions }),
  };
}

/** One line of at most 120 characters. */
function brief(value: unknown): string {
  const text = plain(
    (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).replace(/\s+/g, " "),
  );
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
