import { z } from "zod";
import { GatewayError } from "../../lib/errors.ts";
import type { Destination } from "../types.ts";
import type { SlackApi } from "./api.ts";
import { failureOf } from "./failure.ts";
import { lookupError } from "./outcome.ts";

interface Lookup {
  signal: AbortSignal;
}

const userId = /^[UW][A-Z0-9]{2,40}$/;
const chatId = /^[CDG][A-Z0-9]{2,40}$/;

/**
 * An address as people write it: a conversation's id (C…, D…, G…) or a member's (U…, W…), `channel:`, `user:` or
 * `slack:` before it, the thread behind it (`C123:1700000000.000100`). Names are refused: they can be given to another.
 */
export async function destinationOf(to: string, api: SlackApi, { signal }: Lookup): Promise<Destination> {
  const [, id = "", threadId] = /^([^:]+)(?::(\d{1,12}\.\d{1,9}))?$/.exec(canonicalId(to)) ?? [];
  if (chatId.test(id)) return { chatId: id, ...(threadId !== undefined && { threadId }) };
  if (userId.test(id)) {
    const shape = z.object({ channel: z.object({ id: z.string() }) });
    try {
      const { channel } = await api.call("conversations.open", { users: id }, shape, { signal });
      return { chatId: channel.id, ...(threadId !== undefined && { threadId }) };
    } catch (thrown) {
      throw lookupError(thrown, "to");
    }
  }
  const message =
    "Use the id of a channel (C…, at the end of its About page in Slack) or of a member (U…, Copy member ID in the profile).";
  throw new GatewayError("invalid_request", message, { param: "to" });
}

/** A member's or conversation's id without what people put around it: `slack:U123`, `<@U123>`, `user:U123`. */
export function canonicalId(id: string): string {
  const wrapped = /^<[@#]([^|>]+)(?:\|[^>]*)?>$/.exec(id.trim())?.[1] ?? id.trim();
  const prefixed =
    /^(?:slack:)?(?:(?:channel|group|user|dm):)?[@#]?([UWCDG][A-Z0-9]{2,40}(?::[\d.]+)?)$/.exec(wrapped);
  return prefixed?.[1] ?? wrapped;
}

/** The member behind an e-mail address. Other names may belong to another tomorrow: there is no id behind them. */
export async function memberOf(name: string, api: SlackApi, { signal }: Lookup): Promise<string | undefined> {
  if (!/^[^\s@]+@[^\s@]+$/.test(name)) return undefined;
  const shape = z.object({ user: z.object({ id: z.string() }) });
  try {
    return (await api.call("users.lookupByEmail", { email: name }, shape, { signal })).user.id;
  } catch (thrown) {
    const { facts } = failureOf(thrown);
    if (facts.kind === "code" && (facts.code === "users_not_found" || facts.code === "missing_scope")) {
      return undefined;
    }
    throw lookupError(thrown, "allowFrom");
  }
}

/** Whether somebody administers the workspace. Channels have no administrators of their own that bots could see. */
export async function isAdministrator(id: string, api: SlackApi, { signal }: Lookup): Promise<boolean> {
  const flag = z.boolean().optional();
  const shape = z.object({ user: z.object({ is_admin: flag, is_owner: flag, is_primary_owner: flag }) });
  try {
    const { user } = await api.call("users.info", { user: id }, shape, { signal });
    return Boolean(user.is_admin || user.is_owner || user.is_primary_owner);
  } catch (thrown) {
    throw lookupError(thrown, "groupPolicy");
  }
}
