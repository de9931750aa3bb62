import type { Api } from "./api.ts";
import { DiscordFailure } from "./failures.ts";
import { channel, isThread, type WireChannel } from "./wire.ts";

/** What is known of a channel. */
export interface Place {
  id: string;
  type: number;
  guildId: string | undefined;
  /** Of a thread: the channel that it belongs to. */
  parentId: string | undefined;
  name: string | undefined;
}

/** Channels by id: told by the gateway, else asked for once. */
export interface Channels {
  learn(channel: WireChannel, guildId?: string): void;
  drop(id: string): void;
  /** Undefined: there is no such channel, or the bot must not see it. Throws `DiscordFailure` if that cannot be told now. */
  find(id: string, options: { signal: AbortSignal }): Promise<Place | undefined>;
}

const mostChannels = 2_000;

export function createChannels(api: Api): Channels {
  const places = new Map<string, Place>();

  function keep(place: Place): Place {
    places.delete(place.id);
    places.set(place.id, place);
    if (places.size > mostChannels) places.delete(places.keys().next().value!); // it is not empty
    return place;
  }

  return {
    learn: (it, guildId) => void keep(placeOf(it, guildId)),
    drop: (id) => void places.delete(id),
    async find(id, { signal }) {
      const known = places.get(id);
      if (known) return keep(known);
      try {
        const parsed = channel.safeParse(await api.call("get", `/channels/${id}`, { signal }));
        return parsed.success ? keep(placeOf(parsed.data)) : undefined;
      } catch (thrown) {
        if (thrown instanceof DiscordFailure && (thrown.status === 403 || thrown.status === 404))
          return undefined;
        throw thrown;
      }
    },
  };
}

function placeOf({ id, type, guild_id, parent_id, name }: WireChannel, guildId?: string): Place {
  return {
    id,
    type,
    guildId: guild_id ?? guildId,
    parentId: isThread(type) ? (parent_id ?? undefined) : undefined,
    name: name ?? undefined,
  };
}
