import { BufferJSON, Curve, initAuthCreds } from "baileys";
import type { ChannelAdapter } from "../../src/channels/types.ts";
import { channel } from "../../src/channels/whatsapp/index.ts";
import { memoryState, setupOf } from "./adapter-rig.ts";

/** What lies on disk once a phone has linked the device, with one key for a stranger. No server of the tests checks who signed it. */
export function linkedValues(number: string): Map<string, string> {
  const bytes = (length: number) => Buffer.alloc(length, 7);
  const creds = {
    ...initAuthCreds(),
    me: { id: `${number}:1@s.whatsapp.net`, name: "Bot" },
    account: {
      details: bytes(8),
      accountSignatureKey: bytes(32),
      accountSignature: bytes(64),
      deviceSignature: bytes(64),
    },
    registered: true,
    nextPreKeyId: 2,
    firstUnuploadedPreKeyId: 2,
  };
  const json = (value: unknown) => JSON.stringify(value, BufferJSON.replacer);
  return new Map([
    ["creds", json(creds)],
    ["pre-key-1", json(Curve.generateKeyPair())],
  ]);
}

/** An account as a linked device at a server of the test. */
export function linkedAdapter(webSocketUrl: string, values = linkedValues("15550000000")): ChannelAdapter {
  const settings = channel.settings.parse({ webSocketUrl });
  return channel.create(setupOf("whatsapp", settings, memoryState(values)));
}
