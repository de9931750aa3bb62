import type { Log } from "../../lib/log.ts";
import { type Summarise, summaryMessage, summaryRequest, validSummary } from "../../runtime/compaction.ts";
import type { PromptMessage } from "../../runtime/models/types.ts";
import { messagesAtMost, type Room, shrink, summaryTokens, tokensSent } from "../../runtime/shrink.ts";
import { type Weight, weigh } from "../../runtime/tokens.ts";
import { validRequest } from "../../runtime/transcript.ts";
import { turnStarts } from "../../runtime/turns.ts";
import type { SessionLog } from "./session-log.ts";

/** Kept free because tokens are estimated: a share of the limit, and at least so many. */
const safetyShare = 0.03;
const leastSafety = 64;
/** What a provider calls too long is made at most this share of what it was, at most so often in a row. */
const shareAfterRefusal = 0.7;
const refusalsAtMost = 8;
/** Of the room for a summary's request, because tokens are estimated. */
const shareOfRoom = 0.8;

/** A run's conversation with a model: the log of it, and what of it is sent. */
export interface Conversation {
  /** The log of this run as it grows: the loop appends to it. Starts with what is sent of the past, notes and user's messages included. */
  readonly messages: PromptMessage[];
  /** The names of the tools whose results are among them. */
  toolsUsed(): ReadonlySet<string>;
  /** What to send now: valid and fitting. Makes the past smaller (and may ask for a summary) where it must. */
  request(options: { signal: AbortSignal }): Promise<PromptMessage[]>;
  /** Real usage of the call that was made of the last request. */
  learned(promptTokens: number): void;
  /** The provider said that it was too long: the next request is made for a lower limit. False: nothing is left to shrink. */
  tooLong(): boolean;
  /** The run is through: keeps its log in memory for the next one. */
  keep(): void;
}

/** What a conversation has room for. */
export interface Window {
  system: string;
  /** What the model can read and write, in tokens. */
  limitTokens: number;
  /** Of it the room for the answer. */
  answerTokens: number;
  /** What is sent besides messages (tools), in characters. */
  kitCharacters?: number | undefined;
}

export interface ConversationPorts {
  summarise: Summarise;
  /** Looks up where on disk stands what the log has got. */
  place(): Promise<void>;
  /** Puts on disk how the log is sent from now on. */
  save(): Promise<void>;
  keep(): void;
  log: Log;
}

export interface FullConversation extends Conversation {
  /** Estimates what would be sent now. */
  tokens(): number;
  /** Puts a summary in the place of all but the last turn. False: there is nothing to sum up, or no valid summary came. */
  sumUpNow(options: { signal: AbortSignal }): Promise<boolean>;
}

export function createConversation(
  log: SessionLog,
  window: Window & { input: readonly string[] },
  ports: ConversationPorts,
): FullConversation {
  const { messages, ratio } = log;
  const { system, kitCharacters = 0, input } = window;
  const front: PromptMessage[] = system === "" ? [] : [{ role: "system", content: system }];
  const besides = weigh(front).characters + kitCharacters;
  let limit = roomOf(window);
  let sent: Weight | undefined;
  let refusals = 0;
  /** It does not fit, and cannot be made any smaller. */
  let isLeast = false;
  /** A summary was refused or failed: not asked for again in this run. */
  let hasNoSummary = false;

  const room = (): Room => ({ limit, ratio, besides });

  /** Everything that is sent. */
  function weighAll(): Weight {
    const { characters, media } = log.measure();
    const summary = log.summary === undefined ? 0 : weigh([summaryMessage(log.summary)]).characters;
    return { characters: characters + summary + besides, media };
  }

  async function sumUp(count: number, maxTokens: number, signal: AbortSignal): Promise<string | undefined> {
    const older = messages.slice(0, count);
    const replaced = weigh(older).characters + (log.summary?.length ?? 0);
    const characters = Math.max(0, limit - maxTokens) * ratio.charactersPerToken * shareOfRoom;
    const asked = summaryRequest(older, log.summary, characters);
    return validSummary(await ports.summarise(asked, { signal, maxTokens }), replaced);
  }

  /** A summary that cannot be had must not stop the run: older turns are left out without one. */
  async function trySumUp(count: number, maxTokens: number, signal: AbortSignal) {
    let summary: string | undefined;
    try {
      summary = await sumUp(count, maxTokens, signal);
    } catch (error) {
      signal.throwIfAborted();
      ports.log.warn({ err: error, runId: log.runId }, "no summary of a long conversation could be had");
    }
    hasNoSummary = summary === undefined;
    return summary;
  }

  return {
    messages,
    toolsUsed: () => log.measure().tools,
    async request({ signal }) {
      signal.throwIfAborted();
      sent = weighAll();
      if (ratio.tokens(sent) > limit || messages.length > messagesAtMost) {
        await ports.place();
        const ask = (count: number, maxTokens: number) => trySumUp(count, maxTokens, signal);
        try {
          await shrink(log, room(), hasNoSummary ? undefined : ask);
        } finally {
          log.changed();
        }
        await ports.save();
        sent = weighAll();
        isLeast = ratio.tokens(sent) > limit;
      }
      const summary = log.summary === undefined ? [] : [summaryMessage(log.summary)];
      return validRequest([...front, ...summary, ...messages], { input }, log.sound);
    },
    learned(promptTokens) {
      refusals = 0;
      if (sent && promptTokens > 0) ratio.learn(sent, promptTokens);
    },
    tooLong() {
      refusals += 1;
      if (isLeast || !sent || refusals > refusalsAtMost) return false;
      limit = Math.min(limit, Math.floor(ratio.tokens(sent) * shareAfterRefusal));
      return true;
    },
    keep: ports.keep,
    tokens: () => tokensSent(log, room()),
    async sumUpNow({ signal }) {
      await ports.place();
      const last = turnStarts(messages).at(-1) ?? 0;
      if (last === 0) return false;
      const summary = await sumUp(last, summaryTokens(limit), signal);
      if (summary === undefined) return false;
      log.summary = summary;
      log.drop(last);
      await ports.save();
      return true;
    },
  };
}

function roomOf({ limitTokens, answerTokens }: Window): number {
  const safety = Math.max(leastSafety, Math.ceil(limitTokens * safetyShare));
  return Math.max(1, limitTokens - answerTokens - safety);
}
