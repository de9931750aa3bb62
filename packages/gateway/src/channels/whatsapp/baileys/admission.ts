import type { BinaryNode, SignalKeyStoreWithTransaction, SocketConfig, WAMessage } from "baileys";
import type { Me } from "./inbound.ts";
import type { Baileys } from "./library.ts";

type MakeRepository = SocketConfig["makeSignalRepository"];

export interface Admission {
  /** Stands in for baileys' own. */
  readonly makeRepository: MakeRepository;
  /** To be told of every stanza before baileys is. */
  note(stanza: BinaryNode): void;
}

/**
 * Takes messages in while they are being decrypted. baileys acknowledges a message before it tells of it, so one that
 * could not be stored then would be lost. Here it is stored inside of the transaction that moves the session's keys on:
 * if that fails, the keys stay where they were, nothing is acknowledged (whoever fails `take` closes the socket first),
 * and WhatsApp delivers it again.
 */
export function admission(
  library: Baileys,
  me: () => Me,
  take: (message: WAMessage) => Promise<void>,
): Admission {
  const { proto, decodeMessageNode, unpadRandomMax16 } = library;
  const stanzas = new WeakMap<Uint8Array, BinaryNode>();

  async function admit(ciphertext: Uint8Array, plaintext: Uint8Array): Promise<void> {
    const stanza = stanzas.get(ciphertext);
    if (stanza === undefined) return;
    const { id, lid } = me();
    const { fullMessage } = decodeMessageNode(stanza, id, lid ?? "");
    const message = proto.Message.decode(unpadRandomMax16(plaintext));
    await take({ ...fullMessage, message });
  }

  return {
    note(stanza) {
      if (!Array.isArray(stanza.content)) return;
      for (const { tag, content } of stanza.content) {
        if (tag === "enc" && content instanceof Uint8Array) stanzas.set(content, stanza);
      }
    },
    makeRepository(auth, logger, findLids) {
      const repository = library.DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, findLids);
      // The keys that a socket hands over always know transactions, and one inside of another becomes part of it.
      const keys = auth.keys as SignalKeyStoreWithTransaction;
      const decryptMessage = repository.decryptMessage.bind(repository);
      const decryptGroupMessage = repository.decryptGroupMessage.bind(repository);
      repository.decryptMessage = (sealed) =>
        keys.transaction(async () => {
          const plaintext = await decryptMessage(sealed);
          await admit(sealed.ciphertext, plaintext);
          return plaintext;
        }, sealed.jid);
      repository.decryptGroupMessage = (sealed) =>
        keys.transaction(async () => {
          const plaintext = await decryptGroupMessage(sealed);
          await admit(sealed.msg, plaintext);
          return plaintext;
        }, sealed.group);
      return repository;
    },
  };
}
