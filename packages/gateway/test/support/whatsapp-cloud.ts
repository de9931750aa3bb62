import type { ChannelAdapter } from "../../src/channels/types.ts";
import { channel } from "../../src/channels/whatsapp/index.ts";
import { setupOf } from "./adapter-rig.ts";

export const cloud = {
  token: "EAAsecret",
  appSecret: "app-secret",
  phoneNumberId: "106540352242922",
} as const;

/** An account of the Cloud API at a server of the test. */
export function cloudAdapter(apiRoot: string, changes: Record<string, unknown> = {}): ChannelAdapter {
  const { token: accessToken, appSecret, phoneNumberId } = cloud;
  const keys = { phoneNumberId, accessToken, appSecret, verifyToken: "verify", apiRoot, ...changes };
  return channel.create(setupOf("whatsapp", channel.settings.parse(keys)));
}
