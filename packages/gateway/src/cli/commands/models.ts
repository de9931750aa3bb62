import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { none, table } from "../table.ts";

/** The models and agents that can be called now. */
export async function list(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("model.list", {}, { signal: context.signal, timeoutMs: answerMs });
  const rows = data.data.map((it) => [
    it.id,
    it.owned_by,
    it.context_window === undefined ? none : String(it.context_window),
    it.cost ? `$${it.cost.input} / $${it.cost.output}` : none,
    it.thinking?.filter((level) => level !== "off").join(" ") || none,
  ]);
  return { data, text: table(["model", "provider", "context", "per million in / out", "thinking"], rows) };
}

/** Asks a model (the default one unless told) for one short answer, and says how long that took. */
export async function test(context: Context, model: string | undefined): Promise<Output> {
  const { client } = await connect(context);
  const { signal } = context;
  const sessionKey = `cli-model-test-${Date.now().toString(36)}`;
  const start = performance.now();
  try {
    const answer = await client.call(
      "agent.run",
      {
        message: "Answer with the one word OK.",
        sessionKey,
        options: { maxTokens: 64, thinking: "off", timeoutMs: 60_000, ...(model && { model }) },
      },
      { signal, timeoutMs: 90_000 },
    );
    const ms = Math.round(performance.now() - start);
    const data = {
      ok: true,
      model: answer.model,
      ms,
      response: answer.response,
      usage: answer.usage,
      cost: answer.cost,
    };
    return { data, text: `${answer.model} answered in ${ms} ms: ${answer.response.trim()}` };
  } finally {
    // The test leaves no session behind, after Ctrl+C neither; one that was never made is as good.
    await client.call("session.delete", { sessionKey }, { timeoutMs: answerMs }).catch(() => undefined);
  }
}
