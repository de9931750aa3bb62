import type { PassDialect } from "../../runtime/models/types.ts";
import type { CallSize } from "../budgets.ts";
import { sizeOf } from "./call-size.ts";

type Json = Record<string, unknown>;

/** Nobody is given more answers at once. */
const answersAtMost = 128;

/** How large the call that a body asks for will be, roughly. */
export function passSize(dialect: PassDialect, body: Json): CallSize {
  switch (dialect) {
    case "responses":
    case "compact":
      return sizeOf([body.instructions, body.input, body.tools], body.max_output_tokens);
    case "messages":
      return sizeOf([body.system, body.messages, body.tools], body.max_tokens);
    case "embeddings":
      return { promptTokens: sizeOf(body.input, 0).promptTokens + tokensIn(body.input), completionTokens: 0 };
    case "count-tokens":
      return { promptTokens: 0, completionTokens: 0 };
    default: {
      const answers = typeof body.n === "number" && body.n > 1 ? Math.min(body.n, answersAtMost) : 1;
      const most = body.max_completion_tokens ?? body.max_tokens;
      return sizeOf([body.messages, body.prompt, body.tools], most, answers);
    }
  }
}

/** Of texts that come as tokens already. */
function tokensIn(input: unknown): number {
  if (!Array.isArray(input)) return 0;
  return input.reduce(
    (sum: number, it: unknown) => sum + (Array.isArray(it) ? it.length : typeof it === "number" ? 1 : 0),
    0,
  );
}

/** What a stream cost is only known where it is asked for, in these dialects. */
function asksForUsage(dialect: PassDialect): boolean {
  return dialect === "chat-completions" || dialect === "completions";
}

/** What a body must say besides so that its stream tells what it cost. */
export function withUsage(dialect: PassDialect, body: Json): Json {
  if (!asksForUsage(dialect)) return {};
  return { stream_options: { ...(body.stream_options as Json | null | undefined), include_usage: true } };
}

/** Whether the caller did not ask for the usage that `withUsage` asks for. */
export function hidesUsage(dialect: PassDialect, body: Json): boolean {
  const options = body.stream_options as { include_usage?: unknown } | null | undefined; // judged by the provider
  return asksForUsage(dialect) && options?.include_usage !== true;
}

const nothing = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** Whether every choice of a completion came to its proper end, and none calls a tool. */
export function isWhole({ choices }: Json): boolean {
  return (
    Array.isArray(choices) && choices.length > 0 && choices.every((it: Json) => it.finish_reason === "stop")
  );
}

/** A completion as it is kept: given again it costs nothing. */
export function withoutCost(completion: Json): Json {
  return { ...completion, ...(completion.usage !== undefined && { usage: nothing }) };
}

/** Roughly what a piece takes without its text, characters. */
const emptyPiece = 60;

/** Roughly the characters that a whole answer or one event of a stream says. */
export function textLength(piece: Json): number {
  const said = piece.choices ?? piece.delta ?? piece.content ?? piece.output ?? "";
  if (typeof said === "string") return said.length;
  return Math.max(0, JSON.stringify(said).length - emptyPiece);
}
