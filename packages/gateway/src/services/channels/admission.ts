import type { BindingConfig, Config } from "openclaw-protocol";
import type { ChannelAdapter, InboundMessage } from "../../channels/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Agents, isAlias } from "../agents/agents.ts";
import { type ChatCommand, commandIn } from "./chat-commands.ts";
import { codeSpan } from "./code-span.ts";
import type { GroupPlace } from "./groups.ts";
import type { Pairings, PeerPlace } from "./pairing.ts";
import type { AccountPolicy } from "./policy.ts";
import { type Route, routeOf } from "./routing.ts";

export type RefusalReason =
  | "own"
  | "bot"
  | "too_old"
  | "empty"
  | "stranger"
  | "pairing_full"
  | "pairing_pending"
  | "dm_disabled"
  | "group_closed"
  | "group_member"
  | "command_not_allowed";

interface Accepted extends Route {
  isOwner: boolean;
  /** An owner whom `owners` names, in a direct chat: his session has his rights. */
  trusted: boolean;
}

/** What becomes of a message. */
export type Verdict =
  | ({ kind: "accept" } & Accepted)
  | ({ kind: "command" } & Accepted & ChatCommand)
  /** Somebody who may speak said it in a group, but not to us: it is what the next message there is about. */
  | { kind: "heard"; sessionKey: string }
  /** A stranger has asked; this is to be answered. */
  | { kind: "pair"; text: string }
  | { kind: "refuse"; reason: RefusalReason; reply?: string | undefined };

export interface AdmissionPlace {
  readonly channelId: string;
  readonly accountId: string;
  readonly policy: AccountPolicy;
  readonly adapter: Pick<ChannelAdapter, "isAdmin" | "canonicalId">;
}

export interface Admission {
  /**
   * Decides by ids alone. Rejects only where the database fails or the signal aborts: then nothing is known of the
   * message.
   */
  judge(account: AdmissionPlace, message: InboundMessage, options: { signal: AbortSignal }): Promise<Verdict>;
}

export interface AdmissionDeps {
  pairing: Pick<Pairings, "isApproved" | "request">;
  config: Pick<Config, "bindings"> & { session: Pick<Config["session"], "dmScope" | "identityLinks"> };
  agents: Pick<Agents, "get" | "list">;
  clock: Clock;
}

/** Characters of a message that the patterns of mentions are tried on. */
const lookedAt = 2_000;

export function createAdmission({ pairing, config, agents, clock }: AdmissionDeps): Admission {
  return {
    async judge(account, given, { signal }) {
      const message = withCanonicalSender(given, account.adapter);
      const { policy } = account;
      if (message.sender.isSelf) return refuse("own");
      if (message.sender.isBot && !policy.allowBots) return refuse("bot");
      // Written so that a time that is no number is too old.
      if (!(clock.now() - message.sentAt <= policy.maxAgeMs)) return refuse("too_old");
      const isEmpty = message.text.trim() === "" && !message.media?.length;
      if (isEmpty && !message.mentioned) return refuse("empty");
      return message.chat.kind === "dm" ? direct(account, message) : inGroup(account, message, signal);
    },
  };

  async function direct(account: AdmissionPlace, message: InboundMessage): Promise<Verdict> {
    const { policy } = account;
    if (policy.dmPolicy === "disabled") return refuse("dm_disabled");
    if (!mayWrite(policy, message.sender.id)) {
      if (policy.dmPolicy !== "pairing") return refuse("stranger");
      const refusal = await pair(account, message);
      if (refusal) return refusal;
    }
    const isOwner = policy.owners.has(message.sender.id);
    const route = routed(account, message);
    const accepted = { ...route, isOwner, trusted: isOwner && policy.explicitOwners };
    const command = commandIn(message.text);
    if (!command) return { kind: "accept", ...accepted };
    if (isOwner) return { kind: "command", ...command, ...accepted };
    return refuse("command_not_allowed", `Only the owner of this bot may use /${command.name}.`);
  }

  /** Undefined: the owner has let them in. */
  async function pair(account: AdmissionPlace, message: InboundMessage): Promise<Verdict | undefined> {
    const { channelId, accountId } = account;
    const place: PeerPlace = { channelId, accountId, peerId: message.sender.id };
    if (await pairing.isApproved(place)) return undefined;
    const asked = await pairing.request({ ...place, name: message.sender.name, chatId: message.chat.id });
    if (asked === "approved") return undefined;
    if (asked === "full") return refuse("pairing_full");
    if (!asked.isNew) return refuse("pairing_pending");
    return { kind: "pair", text: pairingText(place, asked.code) };
  }

  async function inGroup(
    account: AdmissionPlace,
    message: InboundMessage,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { policy } = account;
    const group = policy.group(message.chat);
    if (group.closed) return refuse("group_closed");
    if (!(await maySpeak(account, group, message, signal))) return refuse("group_member");
    const route = routed(account, message, group.agentId);
    if (group.requireMention && !isMentioned(policy, message)) {
      return { kind: "heard", sessionKey: route.sessionKey };
    }
    const isOwner = policy.owners.has(message.sender.id);
    const accepted = { ...route, isOwner, trusted: false };
    const command = commandIn(message.text);
    if (!command) return { kind: "accept", ...accepted };
    return isOwner ? { kind: "command", ...command, ...accepted } : refuse("command_not_allowed");
  }

  function routed(account: AdmissionPlace, message: InboundMessage, groupAgentId?: string): Route {
    const { channelId, adapter } = account;
    const canonical = (id: string) => adapter.canonicalId?.(id) ?? id;
    return routeOf(message, account, {
      bindings: config.bindings.flatMap((it) => (it.match.channel === channelId ? spelt(it, canonical) : [])),
      dmScope: config.session.dmScope,
      identityLinks: links(channelId, canonical),
      groupAgentId: groupAgentId === undefined ? undefined : agentIdOf(groupAgentId),
      defaultAgentId: agents.get().id,
    });
  }

  /** A binding in the platform's own spelling, once more if it differs: the id may be a group's. */
  function spelt(binding: BindingConfig, canonical: (id: string) => string): BindingConfig[] {
    const agentId = agentIdOf(binding.agentId);
    const { peer } = binding.match;
    const same = { ...binding, agentId };
    const id = peer && canonical(peer.id);
    return id === undefined || id === peer?.id
      ? [same]
      : [same, { ...same, match: { ...binding.match, peer: { ...peer, id } } }];
  }

  function links(channelId: string, canonical: (id: string) => string): Record<string, string[]> {
    const own = `${channelId}:`;
    return Object.fromEntries(
      Object.entries(config.session.identityLinks).map(([name, ids]) => [
        name,
        ids.map((it) => (it.startsWith(own) ? own + canonical(it.slice(own.length)) : it)),
      ]),
    );
  }

  /** An agent that is not there keeps its name: better no answer than another agent's. */
  function agentIdOf(id: string): string {
    const isThere = agents.list().some((it) => it.id === id);
    return !isThere && isAlias(id) ? agents.get().id : id;
  }
}

function withCanonicalSender(
  message: InboundMessage,
  adapter: Pick<ChannelAdapter, "canonicalId">,
): InboundMessage {
  const id = adapter.canonicalId?.(message.sender.id) ?? message.sender.id;
  return id === message.sender.id ? message : { ...message, sender: { ...message.sender, id } };
}

/** Whether the configuration lets them write directly. */
function mayWrite(policy: AccountPolicy, id: string): boolean {
  if (policy.allowFrom.has(id) || isNamedOwner(policy, id)) return true;
  return policy.openToAll && policy.dmPolicy !== "pairing";
}

function isNamedOwner(policy: AccountPolicy, id: string): boolean {
  return policy.explicitOwners && policy.owners.has(id);
}

/** Whether they may speak in a group that is open. A group's own list counts before everything but the owners. */
async function maySpeak(
  { policy, adapter }: AdmissionPlace,
  group: GroupPlace,
  { chat, sender }: InboundMessage,
  signal: AbortSignal,
): Promise<boolean> {
  if (isNamedOwner(policy, sender.id)) return true;
  const { allowFrom } = group;
  const isListed = allowFrom?.has(sender.id) || allowFrom?.has("*");
  switch (policy.groupPolicy) {
    case "none":
      return false;
    case "owner-only":
      return policy.owners.has(sender.id);
    case "admins":
      if (allowFrom && !isListed) return false;
      return policy.owners.has(sender.id) || isAdmin(adapter, chat.id, sender.id, signal);
    case "everyone":
      return !allowFrom || isListed === true;
    case "allowlist":
      if (allowFrom) return isListed === true;
      return policy.groupsOpenToAll || policy.groupAllowFrom.has(sender.id);
  }
}

/** Who cannot be told to be one is none; one message must not stop all others. */
async function isAdmin(
  adapter: Pick<ChannelAdapter, "isAdmin">,
  chatId: string,
  senderId: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await adapter.isAdmin?.(chatId, senderId, { signal })) ?? false;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

function isMentioned(policy: AccountPolicy, message: InboundMessage): boolean {
  if (message.mentioned || message.replyTo?.toBot) return true;
  const text = message.text.slice(0, lookedAt);
  return policy.mentionPatterns.some((it) => it.test(text));
}

function refuse(reason: RefusalReason, reply?: string): Verdict {
  return reply === undefined ? { kind: "refuse", reason } : { kind: "refuse", reason, reply };
}

function pairingText({ channelId, peerId }: PeerPlace, code: string): string {
  return [
    "This bot does not know you yet.",
    `Your id: ${codeSpan(peerId)}\nPairing code: ${codeSpan(code)}`,
    `Pass the code on to the owner of the bot, who lets you in with:\n\n${codeSpan(`openclaw pairing approve ${channelId} ${code}`)}`,
    "The code is valid for an hour.",
  ].join("\n\n");
}
