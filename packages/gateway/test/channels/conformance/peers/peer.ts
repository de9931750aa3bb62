import type { Json, TestGateway } from "../../../support/gateway.ts";

/** A message of the bot as its platform took it. */
export interface Heard {
  /** The chat, as `Peer.chat` and `Peer.group` name it. */
  to: string;
  /** In the platform's own form. */
  text: string;
}

export interface Words {
  /** The number of a person. */
  from: number;
  text: string;
  /** Said in the group, to the bot or not. */
  group?: "mentioned" | "unmentioned";
}

/** A messenger that a real gateway is connected to, and the people in it, who have numbers. */
export interface Peer {
  readonly channelId: string;
  /** The platform's own keys of `channels.<id>`. */
  readonly section: Json;
  /** What of the section nobody may ever see. */
  readonly secrets: readonly string[];
  /** Most length of one message at the platform. */
  readonly limit: number;
  /** How the platform shows `rich`. */
  readonly formatted: string;
  /** An address that cannot be one. */
  readonly nowhere: string;
  /** The group's chat; undefined: the platform has none that bots are in. */
  readonly group?: string;
  /** A person's id as policies name it. */
  id(person: number): string;
  /** The chat of a person and the bot. */
  chat(person: number): string;
  /** The gateway is up: for platforms that call it. */
  meet?(gateway: TestGateway): void;
  /** Resolves once the platform has it. */
  say(words: Words): Promise<void>;
  /** Brings once more what a person said last; undefined: the peer cannot be made to. */
  redeliver?(person: number): Promise<void>;
  heard(): Heard[];
  /** Cuts all connections; resolves once people can write again. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** Markdown whose form each platform has its own of. */
export const rich = "**bold** and `code`\n\n- one\n- two";

/** The same address, at another port. */
export function through(url: string, port: number): string {
  return url.replace(/:\d+/, `:${port}`);
}
