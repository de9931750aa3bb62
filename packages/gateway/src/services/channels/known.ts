/** A channel that people may expect, and what its config must hold before it can be switched on. */
export interface KnownChannel {
  readonly id: string;
  readonly name: string;
  /** Keys below `channels.<id>`; without any, the section itself has to be there. */
  readonly requires: readonly string[];
  readonly capabilities: readonly string[];
}

export const knownChannels: readonly KnownChannel[] = [
  { id: "whatsapp", name: "WhatsApp", requires: [], capabilities: ["text", "media", "groups"] },
  { id: "telegram", name: "Telegram", requires: ["botToken"], capabilities: ["text", "media", "groups"] },
  {
    id: "discord",
    name: "Discord",
    requires: ["botToken"],
    capabilities: ["text", "media", "groups", "threads"],
  },
  {
    id: "slack",
    name: "Slack",
    requires: ["botToken"],
    capabilities: ["text", "media", "groups", "threads"],
  },
];
