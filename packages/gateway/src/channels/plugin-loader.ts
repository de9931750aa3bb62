import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { GatewayError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { onAbort } from "../lib/signals.ts";
import type { Plugin, PluginContext, PluginMessage } from "./plugin.ts";
import { type ChannelEntry, type ChannelModule, type InboundMessage, SendError } from "./types.ts";

const pluginShape = z.looseObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,31}$/),
  version: z.string().min(1).max(64),
  textLimit: z.int().min(20).max(100_000).optional(),
  onLoad: z.custom<Plugin["onLoad"]>((it) => typeof it === "function", "must be a function"),
  onUnload: z
    .custom<NonNullable<Plugin["onUnload"]>>((it) => typeof it === "function", "must be a function")
    .optional(),
  sendMessage: z.custom<Plugin["sendMessage"]>((it) => typeof it === "function", "must be a function"),
});

const incoming = z.object({
  id: z.string().min(1),
  from: z.string().min(1),
  name: z.string().optional(),
  text: z.string(),
  chat: z
    .object({ id: z.string().min(1), kind: z.enum(["dm", "group"]), threadId: z.string().optional() })
    .optional(),
  sentAt: z.number().optional(),
  mentioned: z.boolean().optional(),
});

/**
 * Loads channels that `plugins.load.paths` names. They run within the gateway and may do whatever it may: only the
 * config file can name them. One that is broken is logged, and nothing else suffers.
 */
export async function loadPlugins(
  paths: readonly string[],
  { base, taken, log }: { base: string; taken: ReadonlySet<string>; log: Log },
): Promise<ChannelEntry[]> {
  const entries: ChannelEntry[] = [];
  for (const path of paths) {
    try {
      const file = isAbsolute(path) ? path : resolve(base, path);
      const loaded = (await import(pathToFileURL(file).href)) as { default?: unknown }; // a module has this shape
      const plugin = pluginShape.parse(loaded.default) as Plugin; // checked just now
      if (taken.has(plugin.name) || entries.some((it) => it.id === plugin.name)) {
        throw new Error(`there is a channel "${plugin.name}" already`);
      }
      entries.push(entryOf(plugin));
    } catch (error) {
      log.error({ err: error, path }, "a plugin could not be loaded; the gateway goes on without it");
    }
  }
  return entries;
}

function entryOf(plugin: Plugin): ChannelEntry {
  const module: ChannelModule = {
    settings: z.looseObject({}),
    create: ({ settings }) => ({
      traits: {
        textLimit: plugin.textLimit ?? 4_000,
        idempotentSend: false,
        paceMs: { account: 0, chat: 0 },
        media: [],
        mediaLimit: 0,
        silenceMs: 0,
      },
      async run(inbox, { signal }) {
        const context: PluginContext = {
          config: settings,
          signal,
          handleIncoming: async (message) => inbox.receive(messageOf(message)),
        };
        try {
          await plugin.onLoad(context);
          inbox.connected({ account: `${plugin.name} ${plugin.version}` });
          await new Promise<void>((done) => onAbort(signal, done));
        } finally {
          await plugin.onUnload?.();
        }
      },
      async send(to, { text }, { idempotencyKey }) {
        const { chatId, threadId } = to;
        try {
          await plugin.sendMessage({
            to: chatId,
            ...(threadId !== undefined && { threadId }),
            text,
            idempotencyKey,
          });
          return {};
        } catch (cause) {
          throw new SendError(
            "unknown",
            `The plugin failed: ${cause instanceof Error ? cause.message : cause}`,
            {
              cause,
            },
          );
        }
      },
      destination: async (to) => ({ chatId: to }),
    }),
  };
  return { id: plugin.name, name: plugin.name, capabilities: ["text"], needs: [], load: async () => module };
}

function messageOf(given: PluginMessage): InboundMessage {
  const parsed = incoming.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new GatewayError("invalid_request", `${issue?.path.join(".")} ${issue?.message}`, {
      param: issue?.path.join("."),
    });
  }
  const { id, from, name, text, chat, sentAt, mentioned } = parsed.data;
  return {
    id,
    text,
    mentioned,
    sentAt: sentAt ?? Date.now(),
    sender: { id: from, name },
    chat: chat ?? { id: from, kind: "dm" },
  };
}
