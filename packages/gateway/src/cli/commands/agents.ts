import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { none, table } from "../table.ts";

const thinkingLevels = ["off", "minimal", "low", "medium", "high", "xhigh"] as const;

/** The agents and what they work with. */
export async function list(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("agent.list", {}, { signal: context.signal, timeoutMs: answerMs });
  const rows = data.agents.map((it) => [
    it.default ? `${it.agentId} *` : it.agentId,
    it.name,
    it.model ?? none,
    it.thinking ?? none,
    it.workspace,
  ]);
  return {
    data,
    text: `${table(["agent", "name", "model", "thinking", "workspace"], rows)}\n* the default agent`,
  };
}

/** Makes an agent. */
export async function add(
  context: Context,
  id: string,
  options: { name?: string; model?: string; workspace?: string; thinking?: string },
): Promise<Output> {
  const { name, model, workspace } = options;
  const thinking = thinkingLevels.find((it) => it === options.thinking);
  if (options.thinking !== undefined && thinking === undefined) {
    throw new UsageError(
      `--thinking must be one of ${thinkingLevels.join(", ")}, not "${options.thinking}".`,
    );
  }
  const { client } = await connect(context);
  const data = await client.call(
    "agent.create",
    {
      id,
      ...(name !== undefined && { name }),
      ...(model !== undefined && { model }),
      ...(workspace !== undefined && { workspace }),
      ...(thinking !== undefined && { thinking }),
    },
    { signal: context.signal, timeoutMs: answerMs },
  );
  return { data, text: `Made the agent ${data.agentId}. Its workspace is ${data.workspace}.` };
}

/** Deletes an agent; its workspace and its sessions stay. */
export async function remove(context: Context, agentId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call(
    "agent.delete",
    { agentId },
    { signal: context.signal, timeoutMs: answerMs },
  );
  return { data, text: `Deleted the agent ${data.agentId}. Its workspace and its sessions are still there.` };
}
