import type { BinaryNode, GroupMetadata, WAMessage, WASocket } from "baileys";
import { onAbort } from "../../../lib/signals.ts";
import { SendError } from "../../types.ts";
import { notOpen, refusalOf, sendErrorOfSocket } from "./failures.ts";
import { keyIdOf } from "./jids.ts";
import { recentOf } from "./recent.ts";

/** What was said lately, for answering with a quote and for phones that could not decrypt. */
export interface Memory {
  remember(id: string, message: WAMessage): void;
  find(id: string): WAMessage | undefined;
}

export function memory(): Memory {
  const recent = recentOf<WAMessage>(500);
  return { remember: (id, message) => recent.set(id, message), find: (id) => recent.get(id) };
}

/** A connected account. */
export interface Link {
  readonly socket: WASocket;
  /** Sends, and waits until WhatsApp has taken it. */
  send(jid: string, content: Parameters<WASocket["sendMessage"]>[1], options: LinkSend): Promise<void>;
  group(jid: string, signal: AbortSignal): Promise<GroupMetadata>;
}

interface LinkSend {
  keyId: string;
  quoted?: WAMessage | undefined;
  signal: AbortSignal;
}

const longestAckMs = 30_000;
const groupsForMs = 60_000;

/** `closed` rejects when the connection has ended. */
export function linkOf(socket: WASocket, closed: Promise<never>, sent: Memory): Link {
  const groups = recentOf<{ at: number; metadata: GroupMetadata }>(100);
  return {
    socket,
    async send(jid, content, { keyId, quoted, signal }) {
      if (!socket.ws.isOpen) throw sendErrorOfSocket(notOpen());
      const taken = acknowledged(socket, keyId);
      const stopped = Promise.withResolvers<never>();
      stopped.promise.catch(() => undefined); // it may come when nothing is raced any more
      const off = onAbort(signal, () => stopped.reject(signal.reason));
      try {
        signal.throwIfAborted();
        const sending = socket.sendMessage(jid, content, { messageId: keyId, ...(quoted && { quoted }) });
        sending.catch(() => undefined); // the same, where the race was lost
        const message = await Promise.race([sending, closed, stopped.promise]);
        if (message !== undefined) sent.remember(keyId, message);
        const code = (await Promise.race([taken.promise, closed, stopped.promise])).attrs.error;
        if (code !== undefined) throw refusalOf(code);
      } catch (thrown) {
        throw sendErrorOfSocket(thrown);
      } finally {
        off();
        taken.stop();
      }
    },
    async group(jid, signal) {
      signal.throwIfAborted();
      const known = groups.get(jid);
      if (known !== undefined && Date.now() - known.at < groupsForMs) return known.metadata;
      const metadata = await Promise.race([socket.groupMetadata(jid), closed]);
      groups.set(jid, { at: Date.now(), metadata });
      return metadata;
    },
  };
}

/** Everything that comes back under the message's id: WhatsApp's `ack`, or already a receipt of the other side. */
function acknowledged(socket: WASocket, keyId: string): { promise: Promise<BinaryNode>; stop(): void } {
  const found = Promise.withResolvers<BinaryNode>();
  found.promise.catch(() => undefined); // it may come when nothing waits any more
  const event = `TAG:${keyIdOf(keyId)}`;
  const timer = setTimeout(
    () =>
      found.reject(
        new SendError("unknown", "WhatsApp did not acknowledge the message; it may have arrived."),
      ),
    longestAckMs,
  );
  socket.ws.once(event, found.resolve);
  return {
    promise: found.promise,
    stop() {
      clearTimeout(timer);
      socket.ws.off(event, found.resolve);
    },
  };
}
