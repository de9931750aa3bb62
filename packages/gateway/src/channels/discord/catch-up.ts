import { z } from "zod";
import type { Log } from "../../lib/log.ts";
import { sleep } from "../../lib/signals.ts";
import type { Api } from "./api.ts";
import type { Cursors, Seen } from "./cursors.ts";
import { DiscordFailure } from "./failures.ts";
import { byAge, message, type WireMessage } from "./wire.ts";

const pageSize = 100;
const mostMessages = 500;
const longestWaitMs = 30_000;

/**
 * The messages of a channel after the last one that was seen, the older first, at most 500: what a new gateway session
 * does not tell. A channel that is gone is forgotten. Waits where Discord's rate limit asks for it.
 * https://discord.com/developers/docs/resources/message#get-channel-messages
 */
export async function* missedMessages(
  { channelId, messageId, guildId }: Seen,
  { api, cursors, log, signal }: { api: Api; cursors: Cursors; log: Log; signal: AbortSignal },
): AsyncGenerator<WireMessage> {
  let after = messageId;
  for (let count = 0; count < mostMessages; ) {
    const page = await readPage(api, channelId, after, signal);
    if (page === undefined) {
      cursors.forget(channelId);
      return;
    }
    for (const it of page.messages) {
      after = it.id;
      count += 1;
      yield { ...it, ...(guildId !== undefined && { guild_id: guildId }) };
    }
    if (page.isLast) return;
  }
  log.warn({ channelId }, `more than ${mostMessages} messages were missed here; the rest is left out`);
}

interface Page {
  messages: WireMessage[];
  isLast: boolean;
}

async function readPage(
  api: Api,
  channelId: string,
  after: string,
  signal: AbortSignal,
): Promise<Page | undefined> {
  while (true) {
    try {
      const query = { after, limit: String(pageSize) };
      const list = z
        .array(z.unknown())
        .parse(await api.call("get", `/channels/${channelId}/messages`, { query, signal }));
      const messages = list
        .flatMap((it) => message.safeParse(it).data ?? [])
        .filter((it) => byAge(it.id, after) > 0)
        .sort((a, b) => byAge(a.id, b.id));
      return { messages, isLast: list.length < pageSize || messages.length === 0 };
    } catch (thrown) {
      if (!(thrown instanceof DiscordFailure)) throw thrown;
      if (thrown.status === 403 || thrown.status === 404) return undefined;
      if (thrown.status !== 429) throw thrown;
      await sleep(Math.min(thrown.retryAfterMs ?? 1_000, longestWaitMs), { signal });
    }
  }
}
