import {
  addTransactionCapability,
  type BinaryNode,
  BufferJSON,
  DEFAULT_CONNECTION_CONFIG,
  encodeWAMessage,
  generateSignalPubKey,
  initAuthCreds,
  type proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from "baileys";

/** A person who writes as WhatsApp's own apps do: sealed by the Signal protocol. */
export interface Person {
  readonly jid: string;
  /** A message in the form in which WhatsApp's server hands it over. */
  write(id: string, message: proto.IMessage): Promise<BinaryNode>;
  /** The same to a group; `withKey`: the group's key comes along, as with the first message. */
  writeToGroup(group: string, id: string, message: proto.IMessage, withKey?: boolean): Promise<BinaryNode>;
}

const quiet = {
  level: "silent",
  child: () => quiet,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
};

/** `botValues` is what the linked device has on its disk: the keys that the server would give out for it. */
export async function personWriting(jid: string, botValues: ReadonlyMap<string, string>): Promise<Person> {
  const read = (key: string) => JSON.parse(botValues.get(key)!, BufferJSON.reviver);
  const kept = new Map<string, unknown>();
  const keys = addTransactionCapability(
    {
      async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
        const found = ids.filter((id) => kept.has(`${type}-${id}`));
        // What `set` kept under this type.
        return Object.fromEntries(found.map((id) => [id, kept.get(`${type}-${id}`) as SignalDataTypeMap[T]]));
      },
      async set(data: SignalDataSet) {
        for (const [type, values] of Object.entries(data)) {
          for (const [id, value] of Object.entries(values)) kept.set(`${type}-${id}`, value);
        }
      },
    },
    quiet,
    { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
  );
  const signal = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds: initAuthCreds(), keys }, quiet);
  const bot = read("creds");
  const preKey = read("pre-key-1");
  await signal.injectE2ESession({
    jid: bot.me.id,
    session: {
      registrationId: bot.registrationId,
      identityKey: generateSignalPubKey(bot.signedIdentityKey.public),
      signedPreKey: {
        keyId: bot.signedPreKey.keyId,
        publicKey: generateSignalPubKey(bot.signedPreKey.keyPair.public),
        signature: bot.signedPreKey.signature,
      },
      preKey: { keyId: 1, publicKey: generateSignalPubKey(preKey.public) },
    },
  });

  async function sealed(message: proto.IMessage): Promise<BinaryNode> {
    const { type, ciphertext } = await signal.encryptMessage({
      jid: bot.me.id,
      data: encodeWAMessage(message),
    });
    return { tag: "enc", attrs: { v: "2", type }, content: ciphertext };
  }

  const attrs = (id: string) => ({ id, t: "1795000000", type: "text", notify: "Ann" });
  return {
    jid,
    async write(id, message) {
      return { tag: "message", attrs: { ...attrs(id), from: jid }, content: [await sealed(message)] };
    },
    async writeToGroup(group, id, message, withKey = false) {
      const { ciphertext, senderKeyDistributionMessage } = await signal.encryptGroupMessage({
        group,
        meId: jid,
        data: encodeWAMessage(message),
      });
      const key = {
        senderKeyDistributionMessage: {
          groupId: group,
          axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage,
        },
      };
      const content = [
        ...(withKey ? [await sealed(key)] : []),
        { tag: "enc", attrs: { v: "2", type: "skmsg" }, content: ciphertext },
      ];
      return { tag: "message", attrs: { ...attrs(id), from: group, participant: jid }, content };
    },
  };
}
