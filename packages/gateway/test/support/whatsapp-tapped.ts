import * as baileys from "baileys";
import type { AccountState } from "../../src/channels/types.ts";
import { type Link, memory } from "../../src/channels/whatsapp/baileys/link.ts";
import type { Login } from "../../src/channels/whatsapp/baileys/login.ts";
import { runSocket } from "../../src/channels/whatsapp/baileys/socket.ts";
import { channel } from "../../src/channels/whatsapp/index.ts";
import { type RecordingInbox, setupOf } from "./adapter-rig.ts";
import { until } from "./until.ts";
import type { Crabline } from "./whatsapp-crabline.ts";

export interface Tapped {
  /** Puts a stanza to the device as if the server had sent it. */
  deliver(event: string, stanza: baileys.BinaryNode): void;
  /** A question to the server; when it is answered, whatever was sent before has been recorded. */
  roundTrip(): Promise<unknown>;
  readonly link: Link;
  /** What ended the connection. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/** One connection of the linked device to crabline, for what crabline itself does not send. */
export async function tapped(options: {
  crabline: Crabline;
  inbox: RecordingInbox;
  state: AccountState;
  login?: Login;
}): Promise<Tapped> {
  const { crabline, inbox, state, login } = options;
  const controller = new AbortController();
  const url = crabline.manifest.endpoints.baileysWebSocketUrl;
  let socket: baileys.WASocket | undefined;
  let link: Link | undefined;
  inbox.identities.length = 0;
  const ended = runSocket({
    library: {
      ...baileys,
      makeWASocket(config: baileys.UserFacingSocketConfig) {
        socket = baileys.makeWASocket(config);
        return socket;
      },
    },
    setup: setupOf("whatsapp", channel.settings.parse({ webSocketUrl: url }), state),
    url,
    inbox,
    signal: controller.signal,
    login,
    sent: memory(),
    received: memory(),
    onLink(it) {
      link = it;
    },
  });
  await until(() => inbox.identities.length > 0, "connected");
  return {
    deliver: (event, stanza) => void socket!.ws.emit(event, copyOf(stanza)),
    link: link!,
    roundTrip: () => socket!.fetchBlocklist(),
    ended,
    async stop() {
      controller.abort();
      await ended;
    },
  };
}

/** As if it had come over the wire: bytes of its own. */
function copyOf({ tag, attrs, content }: baileys.BinaryNode): baileys.BinaryNode {
  const own = { tag, attrs: { ...attrs } };
  if (Array.isArray(content)) return { ...own, content: content.map(copyOf) };
  if (content instanceof Uint8Array) return { ...own, content: Buffer.from(content) };
  return content === undefined ? own : { ...own, content };
}
