import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { bytes, duration, facts, none } from "../table.ts";

/** The gateway at a glance. */
export async function status(context: Context): Promise<Output> {
  const { client, target } = await connect(context);
  const data = await client.call("system.status", {}, { signal: context.signal, timeoutMs: answerMs });
  const channels = Object.entries(data.channels).map(([id, state]) => `${id} ${state.replaceAll("_", " ")}`);
  const text = [
    `OpenClaw ${data.version} at ${target.baseUrl}: ${data.status}, up ${duration(data.uptime)}`,
    "",
    facts({
      Model: data.model,
      Auth: data.gateway.auth,
      Bind: `${data.gateway.bind}:${data.gateway.port}`,
      Runs: `${data.runs.active} active, ${data.runs.queued} queued`,
      Storage: `${data.storage.engine}, ${bytes(data.storage.sizeBytes)}${data.storage.ok ? "" : ", failing"}`,
      Channels: channels.join(", ") || none,
    }),
  ];
  return { data, text: text.join("\n") };
}

/** Whether the gateway answers; a gateway that is shutting down is no healthy one. */
export async function health(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("system.health", {}, { signal: context.signal, timeoutMs: answerMs });
  return { data, text: data.status, exitCode: data.status === "ok" ? 0 : 1 };
}
