import type { z } from "zod";
import { JoinError } from "../types.ts";
import { gatewayInfo, me, type WireUser } from "./wire.ts";

/** What is asked before anything heavy is loaded: whether Discord is there, who the bot is, and where the gateway is. */
export interface Found {
  bot: WireUser;
  gatewayUrl: string;
}

const answerMs = 15_000;

/**
 * Asks `GET /users/@me` and `GET /gateway/bot` (https://discord.com/developers/docs/events/gateway#get-gateway-bot).
 * Throws `JoinError` for a wrong token, and errors that name neither token nor address otherwise.
 */
export async function probe(
  { root, token }: { root: string; token: string },
  { signal }: { signal: AbortSignal },
): Promise<Found> {
  const bot = await ask(root, "/users/@me", me, token, signal);
  const gateway = await ask(root, "/gateway/bot", gatewayInfo, token, signal);
  const limit = gateway.session_start_limit;
  if (limit !== undefined && limit.remaining <= 0) {
    throw new Error(
      `Discord allows no new session for another ${Math.ceil(limit.reset_after / 60_000)} minutes.`,
    );
  }
  const url = URL.parse(gateway.url);
  if (url === null || !/^wss?:$/.test(url.protocol)) {
    throw new Error("The address of Discord's gateway is none. Check apiRoot.");
  }
  return { bot, gatewayUrl: gateway.url.replace(/\/$/, "") };
}

async function ask<T extends z.ZodType>(
  root: string,
  route: string,
  schema: T,
  token: string,
  signal: AbortSignal,
): Promise<z.output<T>> {
  const response = await reach(`${root}/v10${route}`, token, signal);
  if (response.status === 401) {
    await response.body?.cancel();
    throw new JoinError(
      "settings",
      "botToken is wrong: Discord does not know it. Make a new one in the Discord developer portal -> Bot -> Reset Token.",
    );
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`Discord answered ${response.status} to GET ${route}.`);
  }
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new Error(`The answer to GET ${route} is not Discord's. Check apiRoot.`);
  return parsed.data;
}

async function reach(url: string, token: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { authorization: `Bot ${token}`, accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
  } catch (thrown) {
    signal.throwIfAborted();
    const cause = thrown instanceof Error ? thrown.cause : undefined;
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new Error(`Discord cannot be reached${code}. Check the network and channels.discord.apiRoot.`);
  }
}
