/** Options of `channels add`. */
export interface SettingOptions {
  account?: string;
  /** `key=value` each. */
  set?: readonly string[];
  botToken?: string;
  appToken?: string;
  signingSecret?: string;
}

/** Options of `channels send`. */
export interface SendOptions {
  to?: string;
  text?: string;
  message?: string;
  account?: string;
  replyTo?: string;
  thread?: string;
  file?: readonly string[];
}

/** Options of `message send`. */
export interface MessageOptions extends SendOptions {
  channel?: string;
  dryRun?: boolean;
}
