import { GatewayError } from "../../lib/errors.ts";
import type { Destination } from "../types.ts";
import type { Api } from "./api.ts";
import type { Channels } from "./channels.ts";
import { DiscordFailure } from "./failures.ts";
import { channel } from "./wire.ts";

/** `discord:`, then `channel:1`, `user:1`, `<#1>`, `<@1>` or a bare id, which is a channel's. */
const forms =
  /^(?:discord:)?(?:(?:channel:|<#|thread:)?(?<channelId>\d{15,21})|(?:user:|dm:|<@!?)(?<userId>\d{15,21}))>?$/i;

/** Where a written address leads; asks Discord, so that a thread is known as one. */
export async function destinationOf(
  to: string,
  { api, channels }: { api: Api; channels: Channels },
  { signal }: { signal: AbortSignal },
): Promise<Destination> {
  const found = forms.exec(to.trim())?.groups;
  if (found?.userId) return { chatId: await openDirectMessage(api, found.userId, signal) };
  if (!found?.channelId) {
    throw invalid(
      `"${to.slice(0, 60)}" is no address of Discord's. Use channel:<id> or user:<id>; Developer Mode lets you copy ids.`,
    );
  }
  const place = await channels.find(found.channelId, { signal }).catch(cannotTell);
  if (!place) {
    throw invalid(
      "Discord has no such channel, or the bot cannot see it. If this is somebody's id, write user:<id>.",
    );
  }
  return place.parentId === undefined ? { chatId: place.id } : { chatId: place.parentId, threadId: place.id };
}

/** https://discord.com/developers/docs/resources/user#create-dm */
async function openDirectMessage(api: Api, userId: string, signal: AbortSignal): Promise<string> {
  try {
    const answer = await api.call("post", "/users/@me/channels", { body: { recipient_id: userId }, signal });
    return channel.parse(answer).id;
  } catch (thrown) {
    if (thrown instanceof DiscordFailure && thrown.outcome === "refused") {
      throw invalid(`No direct message can be opened: ${thrown.message}`);
    }
    return cannotTell(thrown);
  }
}

function cannotTell(thrown: unknown): never {
  if (!(thrown instanceof DiscordFailure)) throw thrown;
  if (thrown.status === 429) {
    throw new GatewayError("rate_limited", thrown.message, { retryAfterMs: thrown.retryAfterMs });
  }
  throw new GatewayError("upstream_error", thrown.message);
}

function invalid(message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param: "to" });
}
