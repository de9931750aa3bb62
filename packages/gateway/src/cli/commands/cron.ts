import type { Methods } from "openclaw-client";
import { oneOf } from "../choices.ts";
import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { positive } from "../numbers.ts";
import { facts, none, table } from "../table.ts";

type Job = Methods["cron.update"]["result"];
type Wish = Methods["cron.create"]["params"];

export interface CreateOptions {
  name?: string;
  schedule?: string;
  message?: string;
  timezone?: string;
  agentId?: string;
  sessionKey?: string;
  model?: string;
  thinking?: string;
  timeout?: string;
  misfire?: string;
  once?: string;
}

const levels = ["off", "minimal", "low", "medium", "high", "xhigh"] as const;
const misfires = ["skip", "once"] as const;

/** The jobs that run on a schedule. */
export async function list(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("cron.list", {}, { signal: context.signal, timeoutMs: answerMs });
  if (data.jobs.length === 0) return { data, text: "No jobs yet." };
  const rows = data.jobs.map((it) => [
    it.jobId,
    it.name,
    `${it.schedule} (${it.timezone})`,
    it.agentId,
    it.enabled ? (it.nextAt ?? none) : it.nextAt === null && it.once ? "done" : "paused",
  ]);
  return { data, text: table(["job", "name", "schedule", "agent", "next"], rows) };
}

/** A job and what became of its last slots. */
export async function show(context: Context, jobId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("cron.get", { jobId }, { signal: context.signal, timeoutMs: answerMs });
  const rows = data.fires.map((it) => [it.at, it.outcome, it.runId ?? none, it.detail ?? ""]);
  const fires = rows.length === 0 ? "" : `\n\n${table(["slot", "outcome", "run", "detail"], rows)}`;
  return { data, text: factsOf(data) + fires };
}

/** Makes a job. */
export async function create(context: Context, options: CreateOptions): Promise<Output> {
  const { schedule, message } = options;
  if (!schedule || !message) throw new UsageError("--schedule and --message are needed.");
  const { timezone, agentId, sessionKey, model } = options;
  const thinking = oneOf(levels, "--thinking", options.thinking);
  const misfire = oneOf(misfires, "--misfire", options.misfire);
  const seconds = positive("--timeout", options.timeout);
  const run = {
    ...(model && { model }),
    ...(thinking && { thinking }),
    ...(seconds && { timeoutMs: Math.round(seconds * 1000) }),
  };
  const wish: Wish = {
    name: options.name ?? message.slice(0, 60),
    schedule,
    message,
    ...(timezone && { timezone }),
    ...(agentId && { agentId }),
    ...(sessionKey && { sessionKey }),
    ...(misfire && { misfire }),
    ...(options.once !== undefined && { once: true }),
    ...(Object.keys(run).length > 0 && { options: run }),
  };
  const { client } = await connect(context);
  const data = await client.call("cron.create", wish, { signal: context.signal, timeoutMs: answerMs });
  return { data, text: factsOf(data) };
}

/** Pauses a job, or lets it go on with its next slot. */
export async function toggle(context: Context, jobId: string, enabled: boolean): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call(
    "cron.update",
    { jobId, enabled },
    { signal: context.signal, timeoutMs: answerMs },
  );
  return {
    data,
    text: enabled ? `${data.jobId} runs next at ${data.nextAt ?? none}.` : `Paused ${data.jobId}.`,
  };
}

/** Runs a job now. */
export async function run(context: Context, jobId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("cron.run", { jobId }, { signal: context.signal, timeoutMs: answerMs });
  return { data, text: `Started ${data.runId}.` };
}

/** Deletes a job. */
export async function remove(context: Context, jobId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("cron.delete", { jobId }, { signal: context.signal, timeoutMs: answerMs });
  return { data, text: `Deleted ${data.jobId}.` };
}

function factsOf(job: Job): string {
  return facts({
    Job: job.jobId,
    Name: job.name,
    Schedule: `${job.schedule} (${job.timezone})${job.once ? ", once" : ""}`,
    Next: job.enabled ? (job.nextAt ?? none) : "paused",
    Agent: job.agentId,
    Session: job.sessionKey,
    Message: job.message,
  });
}
