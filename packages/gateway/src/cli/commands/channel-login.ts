import { setTimeout as wait } from "node:timers/promises";
import type { Methods, OpenClawClient } from "openclaw-client";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import { plain } from "../plain.ts";
import { waiting } from "../waiting.ts";
import { spoken, told } from "./channels.ts";

/** How often a login is looked after, and for how long, ms. */
const usualPace = { everyMs: 2_000, atMostMs: 120_000 };

export interface LoginOptions {
  account?: string;
  code?: string;
  phone?: string;
}

/** How a login stands: what is to be done now, and whether it is over. */
interface Step {
  status: Methods["channel.login"]["result"]["status"];
  qr?: string | undefined;
  code?: string | undefined;
  message?: string | undefined;
}

/** Starts a login, shows what has to be scanned or typed, and follows it to its end. */
export async function login(
  context: Context,
  channelId: string,
  options: LoginOptions,
  pace = usualPace,
): Promise<Output> {
  const byCode = options.code !== undefined || options.phone !== undefined;
  if (byCode && options.phone === undefined) {
    throw new UsageError("--code needs --phone, like --phone +4915112345678.");
  }
  const { client } = await connect(context);
  const { account: accountId } = options;
  const params = {
    channelId,
    ...(accountId !== undefined && { accountId }),
    ...(byCode && { method: "code" as const }),
    ...(options.phone !== undefined && { phoneNumber: options.phone.replace(/[^+\d]/g, "") }),
  };
  const first = await client.call("channel.login", params, waiting(context));
  let step: Step = first;
  let shown = "";
  const end = performance.now() + pace.atMostMs;
  for (;;) {
    const next = JSON.stringify([step.qr, step.code, step.message]);
    if (step.status === "needs_login" && next !== shown) {
      shown = next;
      await show(context, step);
    }
    if (isOver(step)) return outcome(step, channelId);
    if (performance.now() >= end) return late(step, channelId);
    await wait(pace.everyMs, undefined, { signal: context.signal });
    step = await look(context, client, channelId, accountId);
  }
}

/** Gives up an account's session at its platform. */
export async function logout(
  context: Context,
  channelId: string,
  { account: accountId }: { account?: string },
): Promise<Output> {
  const { client } = await connect(context);
  const params = { channelId, ...(accountId !== undefined && { accountId }) };
  const data = await client.call("channel.logout", params, waiting(context));
  return { data, text: told(data) };
}

async function look(
  context: Context,
  client: OpenClawClient,
  channelId: string,
  accountId: string | undefined,
): Promise<Step> {
  const data = await client.call("channel.status", { channelId }, waiting(context));
  const account = data.accounts.find((it) => accountId === undefined || it.accountId === accountId) ?? data;
  const { status, lastError } = account;
  const hint = "login" in account ? account.login : undefined;
  return { status, qr: hint?.qr, code: hint?.code, message: hint?.message ?? lastError ?? undefined };
}

/** For the eyes of whoever sits there; stdout keeps its one document with `--json`. */
async function show(context: Context, { qr, code, message }: Step): Promise<void> {
  const { stdout, stderr } = context.terminal;
  const sink = context.options.json ? stderr : stdout;
  if (qr !== undefined) {
    const { default: qrcode } = await import("qrcode");
    sink.write(`${await qrcode.toString(qr, { type: "terminal", small: true })}\n`);
  }
  if (code !== undefined) sink.write(`Code: ${plain(code)}\n`);
  if (message !== undefined) sink.write(`${plain(message)}\n`);
}

function isOver({ status }: Step): boolean {
  return status === "connected" || status === "error" || status === "disabled" || status === "not_configured";
}

function outcome({ status, message }: Step, channelId: string): Output {
  if (status === "connected") return { data: { channelId, status }, text: `${channelId} is connected.` };
  const why = message === undefined ? "" : ` ${plain(message)}`;
  return {
    data: { channelId, status, ...(message !== undefined && { message }) },
    text: `${channelId} is not connected: ${spoken(status)}.${why}`,
    exitCode: exitCodes.general,
  };
}

function late({ status, message }: Step, channelId: string): Output {
  return {
    data: { channelId, status, ...(message !== undefined && { message }) },
    text: `${channelId} is not connected yet: ${spoken(status)}. Run the command again for a new code.`,
    exitCode: exitCodes.timeout,
  };
}
