import { summaryMessage } from "./compaction.ts";
import type { PromptMessage } from "./models/types.ts";
import { shorten, trimmed } from "./shorten.ts";
import { cutTurn } from "./shrink-turn.ts";
import { type TokenRatio, weigh } from "./tokens.ts";
import { turnStarts } from "./turns.ts";

/** The newest turns whose results are not shortened before there is need. */
const turnsWhole = 3;
/** More messages than this are not sent, and once there are more, so many are left. */
export const messagesAtMost = 4_000;
export const messagesLeft = 2_000;

/** Shares of the limit. What is made smaller is made a good deal smaller, so that the prefix stays the same for long. */
const shareAfterTrimming = 0.8;
const shareOfOneTurn = 0.9;
const shareAfterCutting = 0.5;
const shareAfterSummary = 0.5;
const shareAfterDropping = 0.6;
/** Not worth a summary, and the room for one. */
const shareWorthSumming = 0.05;
const shareOfSummary = 0.1;
const mostOfSummary = 0.25;
const longestSummary = 4_096;
const shortestSummary = 128;

/** What is sent of a conversation, to be made smaller in place. */
export interface Shrinkable {
  readonly messages: PromptMessage[];
  /** What stands for the messages that are not sent any more. */
  summary: string | undefined;
  /** From now on, the first so many messages are sent trimmed. */
  trim(count: number): void;
  /** From now on, the first so many messages are not sent. */
  drop(count: number): void;
  /** Leaves messages out of the middle. */
  leaveOut(from: number, count: number): void;
}

export interface Room {
  /** Tokens for everything. */
  readonly limit: number;
  readonly ratio: TokenRatio;
  /** What is sent besides, in characters. */
  readonly besides: number;
}

/** A summary of the first so many messages and of the summary before them; undefined: there is none to be had. */
export type SumUp = (count: number, maxTokens: number) => Promise<string | undefined>;

/** Everything that is sent, in tokens. */
export function tokensSent(log: Shrinkable, room: Room): number {
  return room.ratio.tokens(weigh(log.messages)) + besidesTokens(log, room);
}

function besidesTokens({ summary }: Pick<Shrinkable, "summary">, { ratio, besides }: Room): number {
  const { characters } = summary === undefined ? { characters: 0 } : weigh([summaryMessage(summary)]);
  return ratio.tokens({ characters: characters + besides, media: 0 });
}

/**
 * Makes what is sent fit: old results trimmed; else a summary for the older turns; else whole turns left out; and a turn
 * that is too large by itself is cut. Ends in every case; what cannot be made to fit is as small as it gets.
 */
export async function shrink(log: Shrinkable, room: Room, sumUp: SumUp | undefined): Promise<void> {
  const { limit, ratio } = room;
  const { messages } = log;
  const fits = (share: number) => tokensSent(log, room) <= limit * share && messages.length <= messagesAtMost;
  const tokensOf = (list: readonly PromptMessage[], from?: number, to?: number) =>
    ratio.tokens(weigh(list, from, to));
  /** The last turn, when all others are gone. */
  const cutLast = (share: number) =>
    cutTurn(
      { messages, from: turnStarts(messages).at(-1) ?? 0, leaveOut: log.leaveOut },
      {
        tokensOf,
        charactersPerToken: ratio.charactersPerToken,
        tokens: limit * share - besidesTokens(log, room),
        messages: messagesLeft,
      },
    );

  trimOlder(log);
  shortenSummary(log, room, mostOfSummary);
  if (fits(shareAfterTrimming)) return;

  const last = turnStarts(messages).at(-1) ?? 0;
  const alone = tokensOf(messages, last) + besidesTokens(log, room);
  if (alone > limit * shareOfOneTurn || messages.length - last > messagesAtMost) {
    cutLast(shareAfterCutting);
    if (fits(shareAfterTrimming)) return;
  }

  if (sumUp && last > 0) {
    const maxTokens = summaryTokens(limit);
    const taken = maxTokens + besidesTokens({ summary: undefined }, room);
    const count = turnsToGo(messages, ratio, limit * shareAfterSummary - taken);
    if (tokensOf(messages, 0, count) >= limit * shareWorthSumming || messages.length > messagesAtMost) {
      const summary = await sumUp(count, maxTokens);
      if (summary !== undefined) {
        log.summary = summary;
        log.drop(count);
      }
      if (fits(1)) return;
    }
  }

  log.drop(turnsToGo(messages, ratio, limit * shareAfterDropping - besidesTokens(log, room)));
  if (fits(1)) return;
  shortenSummary(log, room, shareOfSummary);
  if (!fits(1)) cutLast(shareAfterDropping);
}

/** A summary made for a larger room, or longer than it was asked for, must not take the room of what came after it. */
function shortenSummary(log: Shrinkable, { limit, ratio }: Room, share: number): void {
  const most = Math.floor(limit * share * ratio.charactersPerToken);
  if (log.summary !== undefined) log.summary = shorten(log.summary, Math.max(shortestSummary, most));
}

/** Tokens for a summary's text. */
export function summaryTokens(limit: number): number {
  return Math.round(Math.max(shortestSummary, Math.min(limit * shareOfSummary, longestSummary)));
}

function trimOlder(log: Shrinkable): void {
  const until = turnStarts(log.messages).at(-turnsWhole) ?? 0;
  for (let index = 0; index < until; index++) log.messages[index] = trimmed(log.messages[index]!);
  log.trim(until);
}

/** How many messages must go, in whole turns and never the last, until the others take at most `tokens`. */
function turnsToGo(messages: readonly PromptMessage[], ratio: TokenRatio, tokens: number): number {
  const weight = { characters: 0, media: 0 };
  let first = messages.length;
  for (const start of turnStarts(messages).reverse()) {
    const turn = weigh(messages, start, first);
    weight.characters += turn.characters;
    weight.media += turn.media;
    const isTooMuch = ratio.tokens(weight) > tokens || messages.length - start > messagesLeft;
    if (isTooMuch && first < messages.length) break;
    first = start;
  }
  return first;
}
