import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What a bot asked for. */
export interface BotCall {
  readonly method: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The files of a multipart request, by the name of the field that refers to them. */
  readonly files: Readonly<Record<string, { name: string; bytes: Buffer }>>;
}

/** `cut`: the connection ends after the request was read. `hang`: no answer. Otherwise what is answered. */
export type Reply = "cut" | "hang" | { status: number; body: unknown };

/**
 * Telegram's Bot API as its documentation describes it (https://core.telegram.org/bots/api), as far as the peer that
 * we did not write lacks it: files, failures, and who is in a group.
 */
export interface TelegramStandIn {
  readonly apiRoot: string;
  readonly token: string;
  readonly calls: BotCall[];
  /** Files below `/file/bot<token>/`. */
  readonly files: Map<string, Uint8Array>;
  /** What the next calls of a method are answered, one after another, instead of the usual. */
  reply(method: string, ...replies: Reply[]): void;
  /** What a method always results in. */
  results(method: string, result: unknown): void;
  /** Makes an update that polls get until they confirm it. */
  push(message: unknown): void;
  /** Polls that are not answered yet. */
  waiting(): number;
  close(): Promise<void>;
}

export function refusal(error_code: number, description: string, parameters?: unknown): Reply {
  return { status: error_code, body: { ok: false, error_code, description, parameters } };
}

const token = "777000111:AAstand-in_token";

export async function startTelegramStandIn(): Promise<TelegramStandIn> {
  const calls: BotCall[] = [];
  const files = new Map<string, Uint8Array>();
  const replies = new Map<string, Reply[]>();
  let updates: { update_id: number; message: unknown }[] = [];
  let nextUpdate = 5_000;
  let nextMessage = 900;
  let waiting = 0;
  let wake = Promise.withResolvers<void>();

  const results = new Map<string, unknown>([
    [
      "getMe",
      {
        id: 777000111,
        is_bot: true,
        first_name: "Bot",
        username: "OurTestBot",
        can_read_all_group_messages: false,
      },
    ],
    ["deleteWebhook", true],
    ["setWebhook", true],
    ["setMyCommands", true],
    ["sendChatAction", true],
    ["editMessageText", true],
    ["editMessageCaption", true],
  ]);

  async function getUpdates({ offset = 0 }: { offset?: number }, response: ServerResponse) {
    updates = updates.filter((it) => it.update_id >= offset);
    waiting += 1;
    while (updates.length === 0 && !response.destroyed)
      await Promise.race([wake.promise, once(response, "close")]);
    waiting -= 1;
    return updates;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? "");
    const file = files.get(path.replace(`/file/bot${token}/`, ""));
    if (path.startsWith("/file/")) {
      response.writeHead(file ? 200 : 404, { "content-type": "application/octet-stream" }).end(file);
      return;
    }
    const [, given, method = ""] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? [];
    const call = { method, ...(await contentOf(request)) };
    calls.push(call);
    const reply = replies.get(method)?.shift();
    if (reply === "cut") return void request.socket.destroy();
    if (reply === "hang") return;
    if (reply !== undefined) return json(response, reply.status, reply.body);
    if (given !== token)
      return json(response, 401, { ok: false, error_code: 401, description: "Unauthorized" });
    if (method === "getUpdates")
      return json(response, 200, { ok: true, result: await getUpdates(call.fields, response) });
    const result =
      results.get(method) ?? (method.startsWith("send") ? { message_id: nextMessage++ } : undefined);
    if (result === undefined)
      return json(response, 404, { ok: false, error_code: 404, description: "Not Found" });
    json(response, 200, { ok: true, result });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy()); // who asked went away
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // of a server that listens by TCP

  return {
    apiRoot: `http://127.0.0.1:${port}`,
    token,
    calls,
    files,
    reply: (method, ...more) => void replies.set(method, [...(replies.get(method) ?? []), ...more]),
    results: (method, result) => void results.set(method, result),
    push(message) {
      updates.push({ update_id: nextUpdate++, message });
      wake.resolve();
      wake = Promise.withResolvers();
    },
    waiting: () => waiting,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  const isText = typeof body === "string";
  response
    .writeHead(status, { "content-type": isText ? "text/html" : "application/json" })
    .end(isText ? body : JSON.stringify(body));
}

async function contentOf(request: IncomingMessage): Promise<Pick<BotCall, "fields" | "files">> {
  const body = await buffer(request);
  const boundary = /boundary=(\S+)/.exec(request.headers["content-type"] ?? "")?.[1];
  if (boundary === undefined)
    return { fields: body.length > 0 ? JSON.parse(body.toString()) : {}, files: {} };
  const fields: Record<string, unknown> = {};
  const files: Record<string, { name: string; bytes: Buffer }> = {};
  const attached: Record<string, { name: string; bytes: Buffer }> = {};
  for (const part of body.toString("latin1").split(`--${boundary}`).slice(1, -1)) {
    const at = part.indexOf("\r\n\r\n");
    const head = Buffer.from(part.slice(0, at), "latin1").toString();
    const bytes = Buffer.from(part.slice(at + 4, -2), "latin1");
    const name = /[ ;]name="([^"]*)"/.exec(head)?.[1] ?? "";
    const fileName = /filename=([^\r\n]*)/.exec(head)?.[1];
    if (fileName !== undefined) attached[name] = { name: fileName, bytes };
    else fields[name] = bytes.toString();
  }
  for (const [name, value] of Object.entries(fields)) {
    const file = attached[String(value).replace("attach://", "")];
    if (file) files[name] = file;
  }
  return { fields, files };
}
