import type { PromptMessage, UserPart } from "./models/types.ts";

/** Characters of a token, until a model's own count says better. */
const usual = 4;
const least = 1.5;
const most = 8;
/** What each message and each call take besides their text, in characters: names, ids, marks. */
const perMessage = 20;
const perCall = 60;
const tokensOfPicture = 1_500;
/** Bytes of other files, in base64, for a token. */
const fileCharactersPerToken = 40;
/** Of a shorter request the fixed costs weigh too much to learn from. */
const learnedFrom = 8_000;

/** How long something is: text in characters, pictures and files in tokens. */
export interface Weight {
  characters: number;
  media: number;
}

export function weigh(messages: readonly PromptMessage[], from = 0, to = messages.length): Weight {
  const weight = { characters: 0, media: 0 };
  for (let index = from; index < to; index++) add(weight, messages[index]!);
  return weight;
}

function add(weight: Weight, message: PromptMessage): void {
  weight.characters += perMessage;
  switch (message.role) {
    case "system":
      weight.characters += message.content.length;
      return;
    case "tool":
      weight.characters += message.result.length;
      if (message.media) addParts(weight, message.media);
      return;
    case "user":
      addParts(weight, message.content);
      return;
    case "assistant":
      weight.characters += message.content.length;
      for (const { name, arguments: json, opaque } of message.toolCalls ?? [])
        weight.characters += perCall + name.length + json.length + opaqueLength(opaque);
      for (const { text, opaque } of message.reasoning ?? [])
        weight.characters += text.length + opaqueLength(opaque);
  }
}

function addParts(weight: Weight, parts: readonly UserPart[]): void {
  for (const part of parts) {
    if (part.type === "text") weight.characters += part.text.length;
    else weight.media += mediaTokens(part);
  }
}

function mediaTokens(part: Exclude<UserPart, { type: "text" }>): number {
  if (part.type === "image" || part.mimeType?.startsWith("image/")) return tokensOfPicture;
  return tokensOfPicture + Math.ceil((part.data?.length ?? 0) / fileCharactersPerToken);
}

function opaqueLength(opaque: unknown): number {
  return opaque === undefined ? 0 : (JSON.stringify(opaque)?.length ?? 0);
}

/** Characters of a token of one conversation with one model, as its real usage tells. */
export interface TokenRatio {
  readonly charactersPerToken: number;
  /** An estimate, in whole tokens. */
  tokens(weight: Weight): number;
  /** A request of this weight has really taken so many tokens. */
  learn(sent: Weight, promptTokens: number): void;
}

export function createTokenRatio(): TokenRatio {
  let ratio = usual;
  return {
    get charactersPerToken() {
      return ratio;
    },
    tokens: ({ characters, media }) => Math.ceil(characters / ratio) + media,
    learn({ characters, media }, promptTokens) {
      const ofText = promptTokens - media;
      // Where guessed pictures make up most of it, what is left tells nothing about text.
      if (characters < learnedFrom || ofText <= promptTokens / 2) return;
      ratio = Math.min(most, Math.max(least, characters / ofText));
    },
  };
}
