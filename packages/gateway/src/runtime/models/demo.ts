import type { ThinkingLevel } from "openclaw-protocol";
import { planCalls } from "./demo-calls.ts";
import { demoEmbeddings } from "./demo-embeddings.ts";
import { exampleOf } from "./demo-example.ts";
import type {
  ModelEvent,
  ModelRequest,
  ModelWire,
  PromptMessage,
  ProviderSettings,
  WirePorts,
} from "./types.ts";

const charsPerToken = 4;
const slowMs = 20;

/**
 * The built-in demo model: offline, deterministic, honest about what it is. It streams word by word, thinks when
 * told to, calls any tool that the user asks for by name (`call echo {"text":"hi"}`), and speaks slowly on request
 * (`/slow 200`), which is for trying aborts and reconnects.
 */
export function createDemo(_provider: ProviderSettings, ports: WirePorts): ModelWire {
  return {
    async *stream(request, options): AsyncGenerator<ModelEvent> {
      const { signal } = options;
      const last = request.messages.at(-1);
      const said = lastWords(request.messages);
      const pace = slowness(said);
      const breathe =
        pace && last?.role === "user"
          ? () => ports.sleep(slowMs, options)
          : () => new Promise<void>(setImmediate);
      const step = async (): Promise<void> => {
        await breathe();
        signal.throwIfAborted();
      };
      signal.throwIfAborted();

      const calls = planCalls(request, said, last?.role === "user");
      const thoughts = thoughtsOf(request.thinking, said, calls.length);
      for (const delta of wordsOf(thoughts)) {
        yield { type: "thinking", delta };
        await step();
      }
      if (thoughts !== "") yield { type: "reasoning", block: { text: thoughts } };

      const { text, cut } =
        calls.length > 0 ? { text: "", cut: false } : bounded(answerTo(request, said, pace), request);
      for (const delta of wordsOf(text)) {
        yield { type: "text", delta };
        await step();
      }

      let written = text.length + thoughts.length;
      for (const [index, { name, arguments: json }] of calls.entries()) {
        const id = `call_demo_${request.messages.length}_${index}`;
        for (let at = 0; at < json.length; at += 16) {
          yield { type: "tool.delta", index, id, name, delta: json.slice(at, at + 16) };
          await step();
        }
        written += name.length + json.length;
        yield { type: "tool.call", index, call: { id, name, arguments: json } };
      }

      const promptTokens = tokens(JSON.stringify(request.messages).length);
      const completionTokens = tokens(written);
      yield {
        type: "finish",
        reason: calls.length > 0 ? "tool_calls" : cut ? "length" : "stop",
        usage: {
          promptTokens,
          completionTokens,
          totalTokens: promptTokens + completionTokens,
          ...(thoughts !== "" && { reasoningTokens: tokens(thoughts.length) }),
        },
      };
    },
    embed: demoEmbeddings,
  };
}

function answerTo(request: ModelRequest, said: string, pace: number | undefined): string {
  const { responseFormat } = request;
  const hello = "This is OpenClaw's built-in demo model: it works offline and understands nothing.";
  if (responseFormat) {
    return JSON.stringify(
      responseFormat.schema ? exampleOf(responseFormat.schema) : { demo: true, message: hello },
    );
  }
  const results = resultsAtEnd(request.messages);
  if (results.length > 0) {
    const each = results.map((it) => `${it.name} ${it.isError ? "failed with" : "answered"} ${it.result}`);
    return `The demo model has run the tools: ${each.join("; ")}.`;
  }
  if (pace !== undefined) {
    const count = Array.from({ length: pace }, (_, index) => index + 1).join(" ");
    return `${hello} It counts slowly: ${count}`;
  }
  const files =
    request.messages.findLast((it) => it.role === "user")?.content.filter((it) => it.type !== "text")
      .length ?? 0;
  const sent = files > 0 ? `, and sent ${files === 1 ? "a file" : `${files} files`}` : "";
  return `${hello} Set a provider's key to talk to a real one. You said: "${shortened(said)}"${sent}.`;
}

/** What the user said last: the text that the demo answers and looks for commands in. */
function lastWords(messages: readonly PromptMessage[]): string {
  const user = messages.findLast((it) => it.role === "user");
  const texts = user?.content.map((it) => (it.type === "text" ? it.text : "")) ?? [];
  return texts.filter((it) => it !== "").join("\n");
}

function resultsAtEnd(messages: readonly PromptMessage[]): Extract<PromptMessage, { role: "tool" }>[] {
  const results: Extract<PromptMessage, { role: "tool" }>[] = [];
  for (const message of messages.toReversed()) {
    if (message.role !== "tool") break;
    results.unshift(message);
  }
  return results;
}

/** How far to count slowly, if asked to. */
function slowness(said: string): number | undefined {
  const asked = /\/slow(?:\s+(\d+))?|\bslowly\b/i.exec(said);
  if (!asked) return undefined;
  return Math.min(10_000, Math.max(1, Number(asked[1] ?? 50)));
}

function thoughtsOf(level: ThinkingLevel | undefined, said: string, calls: number): string {
  if (level === undefined || level === "off") return "";
  const plan =
    calls > 0
      ? `It asks for ${calls === 1 ? "a tool" : `${calls} tools`}, so I call.`
      : "I only have an echo to offer.";
  return `The user wrote ${said.length} characters. ${plan} Thinking level: ${level}.`;
}

/** The text up to the first stop sequence and the most tokens, whichever comes first. */
function bounded(text: string, { stop = [], maxTokens }: ModelRequest): { text: string; cut: boolean } {
  const stops = stop.map((it) => text.indexOf(it)).filter((at) => at >= 0);
  const stopped = text.slice(0, Math.min(text.length, ...stops));
  const most = maxTokens === undefined ? stopped.length : maxTokens * charsPerToken;
  return { text: stopped.slice(0, most), cut: stopped.length > most };
}

function wordsOf(text: string): string[] {
  return text.match(/\s*\S+\s*/g) ?? [];
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function tokens(chars: number): number {
  return Math.ceil(chars / charsPerToken);
}
