/** What a plugin is told when it is loaded. */
export interface PluginContext {
  /** Its settings: what stands below `channels.<name>`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Hands a message over. Once it resolves the message is on disk. */
  handleIncoming(message: PluginMessage): Promise<"stored" | "known" | "refused">;
  /** Aborted when the plugin is to stop. */
  readonly signal: AbortSignal;
}

/** A message that came in; `from` and `id` must not change. */
export interface PluginMessage {
  id: string;
  from: string;
  name?: string;
  text: string;
  /** The chat, where that is not the sender himself. */
  chat?: { id: string; kind: "dm" | "group"; threadId?: string };
  /** Unix ms. */
  sentAt?: number;
  mentioned?: boolean;
}

/** A channel that is loaded from a path. */
export interface Plugin {
  name: string;
  version: string;
  /** The longest text of one message, characters; 4,000 unless told. */
  textLimit?: number;
  onLoad(ctx: PluginContext): Promise<void> | void;
  onUnload?(): Promise<void> | void;
  sendMessage(message: {
    to: string;
    threadId?: string;
    text: string;
    idempotencyKey: string;
  }): Promise<unknown>;
}

/**
 * A channel of one's own, for `plugins.load.paths`. Gives back what it is given; it is there so that editors know the
 * shape. A plugin runs inside the gateway and may do whatever the gateway may.
 */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
