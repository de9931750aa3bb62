import type { Logger } from "@slack/web-api";
import type { Log } from "../../lib/log.ts";
import { silent } from "./api.ts";

/** What Slack's client warns of, at debug. Its debug lines have whole payloads, its errors at times an address with a ticket. */
export function quietLogger(log: Log): Logger {
  const write = (...said: unknown[]) => {
    const [text] = said;
    if (typeof text === "string") log.debug({ said: withoutSecrets(text) }, "Slack's client says something");
  };
  return { ...silent, warn: write, error: write };
}

function withoutSecrets(text: string): string {
  return text
    .replaceAll(/\b(?:wss?|https?):\/\/\S+/g, "<address>")
    .replaceAll(/\bx(?:ox[a-z]|app|oxe)[.-]\S+/g, "<token>")
    .slice(0, 200);
}
