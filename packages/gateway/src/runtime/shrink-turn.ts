import type { PromptMessage } from "./models/types.ts";
import { shorten, shortenResult, shortenUser, withoutBulk } from "./shorten.ts";

/** The newest steps of a turn, whose results stay longest: the model has not seen the last ones yet. */
const stepsWhole = 3;
/** Most of a turn's room for one result, and for what the user wrote. */
const shareOfResult = 0.3;
const shareOfUserText = 0.5;
const longResult = 4_000;
const shortResult = 600;
const leastUserText = 600;

const leftOut = "[Earlier steps of this turn, calls and results, are not shown any more.]";

/** One turn, from its user's messages to its last result, to be cut in place. */
export interface TurnToCut {
  readonly messages: PromptMessage[];
  /** Index of its first message; it is the last turn. */
  readonly from: number;
  /** Leaves messages out of it. */
  leaveOut(from: number, count: number): void;
}

/** What a turn may take. */
export interface TurnRoom {
  tokensOf(messages: readonly PromptMessage[], from?: number, to?: number): number;
  readonly charactersPerToken: number;
  readonly tokens: number;
  readonly messages: number;
}

/**
 * Makes a turn that is too large by itself fit: single giants first, then the results of older steps, then those steps
 * themselves, then what is left of results, arguments and the user's text. Stops as soon as it does.
 */
export function cutTurn(turn: TurnToCut, room: TurnRoom): void {
  const { messages, from } = turn;
  const characters = Math.max(0, room.tokens * room.charactersPerToken);
  const each = (change: (message: PromptMessage) => PromptMessage, to = messages.length) => {
    for (let index = from; index < to; index++) messages[index] = change(messages[index]!);
  };
  const older = () => stepStarts(turn).at(-stepsWhole) ?? from;
  const levels = [
    () => each((it) => shortenResult(it, Math.max(longResult, characters * shareOfResult))),
    () => each((it) => shortenUser(it, Math.max(longResult, characters * shareOfUserText))),
    () => each((it) => shortenResult(it, shortResult), older()),
    () => each((it) => withoutBulk(it, shortResult), older()),
    () => leaveOutSteps(turn, room, stepsWhole),
    () => each((it) => shortenResult(it, longResult)),
    () => each((it) => shortenResult(it, shortResult)),
    () => each((it) => withoutBulk(it, shortResult)),
    () => leaveOutSteps(turn, room, 1),
    () => cutUserText(turn, room),
    () => each(withoutThinking), // the last resort: some providers want it back within a turn
  ];
  for (const level of levels) {
    const tokens = room.tokensOf(messages, from);
    if (tokens <= room.tokens && messages.length - from <= room.messages) return;
    level();
  }
}

function stepStarts({ messages, from }: TurnToCut): number[] {
  const starts: number[] = [];
  for (let index = from; index < messages.length; index++) {
    if (messages[index]!.role === "assistant") starts.push(index);
  }
  return starts;
}

/** The oldest steps go until the others fit; the newest so many stay. */
function leaveOutSteps(turn: TurnToCut, room: TurnRoom, kept: number): void {
  const { messages, from } = turn;
  const starts = stepStarts(turn);
  const first = starts[0];
  if (first === undefined) return;
  let tokens = room.tokensOf(messages, from, first);
  let next = starts.length;
  for (let end = messages.length; next > 0; end = starts[next]!) {
    tokens += room.tokensOf(messages, starts[next - 1], end);
    const count = messages.length - starts[next - 1]! + (first - from);
    const isNewest = next > starts.length - kept;
    if (!isNewest && (tokens > room.tokens || count > room.messages)) break;
    next -= 1;
  }
  if (next === 0) return;
  turn.leaveOut(first, starts[next]! - first);
  const asked = messages[first - 1];
  if (first === from || asked?.role !== "user") return;
  if (asked.content.some((part) => part.type === "text" && part.text === leftOut)) return;
  messages[first - 1] = { role: "user", content: [...asked.content, { type: "text", text: leftOut }] };
}

function cutUserText({ messages, from }: TurnToCut, room: TurnRoom): void {
  const firstStep = messages.findIndex((it, index) => index >= from && it.role !== "user");
  const end = firstStep === -1 ? messages.length : firstStep;
  const others = room.tokensOf(messages, end);
  const texts = messages
    .slice(from, end)
    .flatMap((it) => (it.role === "user" ? it.content : []))
    .filter((part) => part.type === "text");
  const left = Math.floor(
    ((room.tokens - others) * room.charactersPerToken * 0.9) / Math.max(1, texts.length),
  );
  for (let index = from; index < end; index++)
    messages[index] = shortenUser(messages[index]!, Math.max(leastUserText, left));
}

function withoutThinking(message: PromptMessage): PromptMessage {
  if (message.role !== "assistant") return message;
  const { role, content, toolCalls } = message;
  return {
    role,
    content: shorten(content, shortResult),
    ...(toolCalls && {
      toolCalls: toolCalls.map(({ id, name, arguments: json }) => ({ id, name, arguments: json })),
    }),
  };
}
