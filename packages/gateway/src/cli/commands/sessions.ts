import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { positive } from "../numbers.ts";
import { facts, none, table } from "../table.ts";

export interface ListOptions {
  limit?: string;
  channel?: string;
  agentId?: string;
  search?: string;
}

/** The sessions, last used first. */
export async function list(context: Context, options: ListOptions): Promise<Output> {
  const { client } = await connect(context);
  const { channel, agentId, search } = options;
  const limit = positive("--limit", options.limit);
  const params = {
    ...(limit && { limit }),
    ...(channel && { channel }),
    ...(agentId && { agentId }),
    ...(search && { search }),
  };
  const data = await client.call("session.list", params, { signal: context.signal, timeoutMs: answerMs });
  if (data.sessions.length === 0) return { data, text: "No sessions yet." };
  const rows = data.sessions.map((it) => [
    it.sessionKey,
    it.agentId,
    it.channel,
    String(it.messageCount),
    it.updatedAt,
    it.title ?? "",
  ]);
  const more = data.nextCursor ? "\nThere are more: use --limit or --search." : "";
  return { data, text: table(["session", "agent", "channel", "messages", "updated", "title"], rows) + more };
}

/** A session and its newest messages. */
export async function show(
  context: Context,
  sessionKey: string,
  options: { limit?: string },
): Promise<Output> {
  const { client } = await connect(context);
  const limit = positive("--limit", options.limit);
  const params = { sessionKey, ...(limit && { limit }) };
  const data = await client.call("session.get", params, { signal: context.signal, timeoutMs: answerMs });
  const head = facts({
    Session: data.sessionKey,
    Agent: data.agentId,
    Model: data.model ?? undefined,
    Updated: data.updatedAt,
    Messages: String(data.messageCount),
    Tokens: String(data.usage.totalTokens),
    Cost: `$${data.cost.toFixed(4)}`,
  });
  const messages = data.messages.map((it) => {
    const tools =
      it.toolCalls?.map((call) => `\n[${call.tool}${call.isError ? " failed" : ""}]`).join("") ?? "";
    return `\n${it.role}${it.status ? ` (${it.status})` : ""}${tools}\n${it.content || none}`;
  });
  return { data, text: [head, ...messages].join("\n") };
}

/** Deletes a session; a running run is aborted first. */
export async function remove(context: Context, sessionKey: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call(
    "session.delete",
    { sessionKey },
    { signal: context.signal, timeoutMs: answerMs },
  );
  return { data, text: `Deleted ${data.sessionKey}.` };
}
