import { createHash } from "node:crypto";
import type { BindingConfig, Config } from "openclaw-protocol";
import type { InboundMessage } from "../../channels/types.ts";

export interface RoutingConfig {
  readonly bindings: readonly BindingConfig[];
  readonly dmScope: Config["session"]["dmScope"];
  /** Name -> ids of the same person, each as `channel:id`. */
  readonly identityLinks: Readonly<Record<string, readonly string[]>>;
  /** From the group's own settings. */
  readonly groupAgentId?: string | undefined;
  readonly defaultAgentId: string;
}

export interface RoutingPlace {
  readonly channelId: string;
  readonly accountId: string;
}

export interface Route {
  agentId: string;
  sessionKey: string;
}

/**
 * Who answers a message, and in which session. A binding counts the more, the more exactly it says whom it means:
 * a person or group, a server or team, an account, a channel; of two alike the first. What a group's own settings
 * say counts right behind a binding of that group.
 */
export function routeOf(message: InboundMessage, place: RoutingPlace, config: RoutingConfig): Route {
  const agentId = agentFor(message, place, config);
  return { agentId, sessionKey: keyFor(agentId, message, place, config) };
}

function agentFor(message: InboundMessage, place: RoutingPlace, config: RoutingConfig): string {
  let agentId = message.chat.kind === "group" ? config.groupAgentId : undefined;
  let most = agentId === undefined ? 0 : exactness.group;
  for (const binding of config.bindings) {
    const weight = weigh(binding.match, message, place);
    if (weight > most) [agentId, most] = [binding.agentId, weight];
  }
  return agentId ?? config.defaultAgentId;
}

const exactness = { peer: 5, group: 4, space: 3, account: 2, channel: 1, none: 0 };

/** How exactly a binding means a message; 0: not at all. */
function weigh(match: BindingConfig["match"], message: InboundMessage, place: RoutingPlace): number {
  const { chat, sender } = message;
  const anyAccount = match.accountId === undefined || match.accountId === "*";
  if (match.channel !== place.channelId) return exactness.none;
  if (!anyAccount && match.accountId !== place.accountId) return exactness.none;
  for (const space of [match.guildId, match.teamId]) {
    if (space !== undefined && space !== chat.spaceId) return exactness.none;
  }
  if (match.peer) {
    const { kind, id } = match.peer;
    const wantsDm = kind === "dm" || kind === "direct";
    if (kind !== undefined && wantsDm !== (chat.kind === "dm")) return exactness.none;
    const isMeant = id === chat.id || (chat.kind === "dm" && id === sender.id);
    return isMeant ? exactness.peer : exactness.none;
  }
  if (match.guildId !== undefined || match.teamId !== undefined) return exactness.space;
  return anyAccount ? exactness.channel : exactness.account;
}

function keyFor(
  agentId: string,
  message: InboundMessage,
  place: RoutingPlace,
  config: RoutingConfig,
): string {
  const { chat } = message;
  const { channelId, accountId } = place;
  const agent = id(agentId);
  if (chat.kind === "group") {
    const account = accountId === "default" ? [] : [id(accountId)];
    const thread = chat.threadId === undefined ? [] : ["thread", id(chat.threadId)];
    return joined("agent", agent, id(channelId), ...account, "group", id(chat.id), ...thread);
  }
  const peer = personOf(message, place, config);
  switch (config.dmScope) {
    case "main":
      return joined("agent", agent, "main");
    case "per-peer":
      return joined("agent", agent, "dm", peer);
    case "per-channel-peer":
      return joined("agent", agent, id(channelId), "dm", peer);
    case "per-account-channel-peer":
      return joined("agent", agent, id(channelId), id(accountId), "dm", peer);
  }
}

/** The name that links say the sender has, else the id; an id that looks like such a name is written differently. */
function personOf(message: InboundMessage, { channelId }: RoutingPlace, config: RoutingConfig): Part {
  const peerId = message.sender.id;
  const address = `${channelId}:${peerId}`;
  const name = Object.keys(config.identityLinks).find((it) => config.identityLinks[it]?.includes(address));
  if (name !== undefined) return id(name);
  return Object.hasOwn(config.identityLinks, peerId) ? { ...id(peerId), isEscaped: true } : id(peerId);
}

/** A part of a key that comes from outside. */
interface Part {
  raw: string;
  isEscaped?: boolean;
}

function id(raw: string): Part {
  return { raw };
}

const keyAtMost = 256;
/** Longest part of a usual key, and of one that would be too long with that: five of these and the words always fit. */
const partAtMost = { usual: 64, least: 41 };

/** Parts with `:` between them. Different parts never make the same key, whatever they consist of. */
function joined(...parts: readonly (Part | string)[]): string {
  const withParts = (most: number) =>
    parts.map((it) => (typeof it === "string" ? it : spelt(it, most))).join(":");
  const usual = withParts(partAtMost.usual);
  return usual.length <= keyAtMost ? usual : withParts(partAtMost.least);
}

// What a session's key cannot hold, what has a meaning in it, and halves of surrogate pairs.
const unsafe = /[%:\p{Cc}\p{Cs}\u2028\u2029]|^~/gu;
const unsafeOrFirst = /[%:\p{Cc}\p{Cs}\u2028\u2029]|^./gsu;

/** A part that is too long is its digest behind a tilde; no other part begins with one. */
function spelt({ raw, isEscaped }: Part, most: number): string {
  const text = raw.replace(isEscaped ? unsafeOrFirst : unsafe, escaped);
  return text.length <= most
    ? text
    : `~${createHash("sha256")
        .update(text)
        .digest("hex")
        .slice(0, most - 1)}`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!; // it is one character
  return code < 0x100
    ? `%${code.toString(16).toUpperCase().padStart(2, "0")}`
    : `%u${code.toString(16).toUpperCase()};`;
}
