import { once } from "node:events";
import { GatewayError } from "../../lib/errors.ts";
import type { AccountSetup, ChannelAdapter, ChannelModule, ChannelTraits, InboundMedia } from "../types.ts";
import { post } from "./outbound.ts";
import { receive } from "./receive.ts";
import { type Settings, settings } from "./settings.ts";

const traits: ChannelTraits = {
  textLimit: 100_000,
  idempotentSend: true,
  paceMs: { account: 0, chat: 0 },
  media: ["image", "audio", "video", "file"],
  mediaLimit: 10 * 1024 * 1024,
  silenceMs: 0,
};

/** A channel for programs of one's own: signed JSON by HTTP, both ways. `docs/channels/webhook.md` is its specification. */
export const channel: ChannelModule<typeof settings> = { settings, create };

function create(setup: AccountSetup<Settings>): ChannelAdapter {
  return {
    traits,
    async run(inbox, { signal }) {
      inbox.connected({ account: URL.parse(setup.settings.url ?? "")?.host });
      if (!signal.aborted) await once(signal, "abort");
    },
    webhook: (request, inbox) => receive(setup, request, inbox),
    send: (to, message, options) => post(setup, to, message, options),
    async download(media, { maxBytes }) {
      return { bytes: bytesOf(media, maxBytes), mimeType: media.mimeType };
    },
    async destination(to) {
      const chatId = to.replace(/^webhook:/, "").trim();
      if (chatId === "" || chatId.length > 200) {
        throw new GatewayError("invalid_request", "Give the id of a chat, as its messages bear it.", {
          param: "to",
        });
      }
      return { chatId };
    },
  };
}

function bytesOf({ ref }: InboundMedia, maxBytes: number): Uint8Array {
  if (typeof ref !== "object" || ref === null || !("data" in ref) || typeof ref.data !== "string") {
    throw new GatewayError("not_found", "The file is not there any more.");
  }
  if (Buffer.byteLength(ref.data, "base64") > maxBytes) {
    throw new GatewayError("payload_too_large", `The file has more than the ${maxBytes} bytes allowed.`);
  }
  return Buffer.from(ref.data, "base64");
}
