import type { OpenClawClient } from "openclaw-client";
import type { SettingOptions } from "../channel-options.ts";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import { plain } from "../plain.ts";
import { waiting } from "../waiting.ts";
import { needsOf } from "./channel-needs.ts";
import { told } from "./channels.ts";

type Settings = Record<string, unknown>;

/** Writes settings into the gateway's configuration and starts the channel. Asks for what is needed, if somebody is there. */
export async function add(context: Context, channelId: string, options: SettingOptions): Promise<Output> {
  const given = settingsOf(options);
  const { client } = await connect(context);
  const settings = { ...given, ...(await asked(context, client, channelId, options.account, given)) };
  const { account: accountId } = options;
  const params = { channelId, settings, ...(accountId !== undefined && { accountId }) };
  const data = await client.call("channel.add", params, waiting(context));
  const works = data.status !== "not_configured" && data.status !== "error";
  return { data, text: told(data), exitCode: works ? exitCodes.ok : exitCodes.general };
}

/** Takes a channel, or one account of it, out of the gateway's configuration. */
export async function remove(
  context: Context,
  channelId: string,
  { account: accountId }: { account?: string },
): Promise<Output> {
  const { client } = await connect(context);
  const params = { channelId, ...(accountId !== undefined && { accountId }) };
  const data = await client.call("channel.remove", params, waiting(context));
  const what = accountId === undefined ? data.name : `${data.name}'s account ${plain(accountId)}`;
  return { data, text: `Removed ${what} from the configuration.` };
}

async function asked(
  context: Context,
  client: OpenClawClient,
  channelId: string,
  accountId: string | undefined,
  given: Settings,
): Promise<Settings> {
  const { ask } = context.terminal;
  const missing = needsOf(channelId, given).filter(
    ({ key, aliases }) => ![key, ...aliases].some((it) => given[it] !== undefined),
  );
  if (!ask || missing.length === 0) return {};
  const { status, accounts } = await client.call("channel.status", { channelId }, waiting(context));
  const isNew =
    accountId === undefined
      ? status === "not_configured"
      : accounts.every((it) => it.accountId !== accountId);
  if (!isNew) return {};
  const settings: Settings = {};
  for (const { key, question, variable } of missing) {
    const hint = accountId === undefined ? ` (empty: ${variable} of the gateway)` : "";
    const answer = (await ask(`${question}${hint}: `, { signal: context.signal })).trim();
    if (answer !== "") settings[key] = answer;
  }
  return settings;
}

function settingsOf({ set = [], botToken, appToken, signingSecret }: SettingOptions): Settings {
  return {
    ...Object.fromEntries(set.map(pairOf)),
    ...(botToken !== undefined && { botToken }),
    ...(appToken !== undefined && { appToken }),
    ...(signingSecret !== undefined && { signingSecret }),
  };
}

function pairOf(text: string): [key: string, value: unknown] {
  const end = text.indexOf("=");
  // The text may hold a secret, so it is not repeated.
  if (end < 1) throw new UsageError("--set must be like key=value, e.g. dmPolicy=pairing.");
  return [text.slice(0, end).trim(), jsonOrText(text.slice(end + 1))];
}

/** JSON where it is JSON, else the text itself; so is a number that would not stay the same, like an id of 18 digits. */
function jsonOrText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "number" && String(value) !== text.trim() ? text : value;
  } catch {
    return text;
  }
}
