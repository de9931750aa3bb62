import { GatewayError } from "../../lib/errors.ts";
import type { AccountSetup, ChannelAdapter, ChannelModule } from "../types.ts";
import { webAdapter } from "./baileys/adapter.ts";
import { type Settings, settings } from "./both/settings.ts";
import { cloudAdapter } from "./cloud/adapter.ts";

/** WhatsApp, two ways: Meta's Cloud API for businesses, and a linked device by the package baileys. */
export const channel: ChannelModule<typeof settings> = {
  settings,
  create(setup) {
    return isCloud(setup.settings) ? cloud(setup) : webAdapter(setup);
  },
};

function isCloud({ mode, phoneNumberId, accessToken }: Settings): boolean {
  if (mode !== undefined) return mode === "cloud";
  return phoneNumberId !== undefined && accessToken !== undefined;
}

function cloud(setup: AccountSetup<Settings>): ChannelAdapter {
  const { phoneNumberId, accessToken, apiRoot } = setup.settings;
  if (phoneNumberId === undefined) throw missing("phoneNumberId");
  if (accessToken === undefined) throw missing("accessToken");
  if (apiRoot !== undefined && !/^https?:/.test(apiRoot)) {
    throw invalid(
      "apiRoot",
      "channels.whatsapp.apiRoot must begin with http:// or https:// for the Cloud API.",
    );
  }
  return cloudAdapter(setup, { phoneNumberId, accessToken });
}

function missing(key: string): GatewayError {
  return invalid(key, `The Cloud API needs channels.whatsapp.${key}.`);
}

function invalid(key: string, message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param: `channels.whatsapp.${key}` });
}
