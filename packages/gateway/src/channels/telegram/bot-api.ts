import type { Api, InputFile } from "grammy";
import { z } from "zod";
import type { Secret } from "../../lib/secrets.ts";
import { onAbort } from "../../lib/signals.ts";
import { type Answer, answerOf, Refusal, Unanswered } from "./answers.ts";

/** The bot as it sees itself. */
export interface Bot {
  readonly id: number;
  readonly username: string;
  /** Whether privacy mode is off: https://core.telegram.org/bots/features#privacy-mode */
  readonly readsGroups: boolean;
}

/** Telegram's methods by their names. They throw `Refusal` or `Unanswered`. */
export interface Calls {
  readonly raw: Raw;
  file(bytes: Uint8Array, name: string): InputFile;
}

type RawApi = Api["raw"];
type ForeignSignal = NonNullable<Parameters<RawApi["getMe"]>[0]>;
type WithOwnSignal<T> = { [K in keyof T]: T[K] extends ForeignSignal | undefined ? AbortSignal : T[K] };

/** grammY's methods, whose types want the signal of a package for old versions of Node.js. */
type Raw = {
  [M in keyof RawApi]: (...args: WithOwnSignal<Parameters<RawApi[M]>>) => ReturnType<RawApi[M]>;
};

/** One bot at one Bot API server (https://core.telegram.org/bots/api). */
export interface BotApi {
  /** Asks who the bot is, without any library. */
  getMe(signal: AbortSignal): Promise<Bot>;
  /** grammY's calls; it is loaded at the first time, so ask `getMe` before. */
  calls(): Promise<Calls>;
  /** Where a file that `getFile` told of can be fetched. It has the token in it. */
  fileUrl(path: string): URL;
}

export interface BotApiOptions {
  apiRoot: string;
  token: Secret;
  /** How long an answer may take: a poll takes 25 s by itself, a file may be long. */
  limits?: { readonly call: number; readonly upload: number };
}

const usualLimits = { call: 60_000, upload: 300_000 };

const me = z.object({
  id: z.number(),
  username: z.string(),
  can_read_all_group_messages: z.boolean().optional(),
});

export function createBotApi({ apiRoot, token, limits = usualLimits }: BotApiOptions): BotApi {
  const root = apiRoot.replace(/\/+$/, ""); // grammY wants it so
  let calls: Promise<Calls> | undefined;

  /** The library sends by the platform's own fetch: its errors name no address, and a lost connection is seen as one. */
  const overFetch: typeof fetch = async (url, init) => {
    const isUpload = typeof init?.body !== "string";
    const { method, headers, body, signal } = { ...init };
    const request = { method, headers, body, ...(isUpload && { duplex: "half" }) } as RequestInit; // `duplex` is undici's: https://fetch.spec.whatwg.org/#dom-requestinit-duplex
    const limitMs = isUpload ? limits.upload : limits.call;
    return Response.json(await exchange(String(url), request, { signal: signal!, limitMs })); // grammY always gives one
  };

  async function load(): Promise<Calls> {
    const { Api, InputFile } = await import("grammy");
    const api = new Api(token.reveal(), { apiRoot: root, fetch: overFetch });
    api.config.use(async (call, method, payload, signal) => {
      const answer = await call(method, payload, signal).catch(unwrapped);
      if (!answer.ok) throw new Refusal(answer);
      return answer;
    });
    const raw = api.raw as Raw; // of the signal, grammY only listens to "abort"
    return { raw, file: (bytes, name) => new InputFile(bytes, name) };
  }

  return {
    async getMe(signal) {
      const url = `${root}/bot${token.reveal()}/getMe`;
      const answer = await exchange(url, { method: "POST" }, { signal, limitMs: limits.call });
      if (!answer.ok) throw new Refusal(answer);
      const found = me.safeParse(answer.result);
      if (!found.success)
        throw new Error("The Bot API server tells no bot. Check channels.telegram.apiRoot.");
      const { id, username, can_read_all_group_messages } = found.data;
      return { id, username, readsGroups: can_read_all_group_messages !== false };
    },
    calls() {
      calls ??= load();
      return calls;
    },
    fileUrl(path) {
      const segments = path.split("/").map(encodeURIComponent);
      return new URL(`${root}/file/bot${token.reveal()}/${segments.join("/")}`);
    },
  };
}

/** One request and its whole answer. Whatever happens, no timer, listener or connection under way is left. */
async function exchange(
  url: string,
  request: RequestInit,
  { signal, limitMs }: { signal: AbortSignal; limitMs: number },
): Promise<Answer> {
  const stop = new AbortController();
  const stopListening = onAbort(signal, () => stop.abort());
  const timer = setTimeout(() => stop.abort(new DOMException("No answer in time.", "TimeoutError")), limitMs);
  try {
    const response = await fetch(url, { ...request, redirect: "error", signal: stop.signal });
    return answerOf(response.status, await response.text());
  } catch (thrown) {
    throw new Unanswered(thrown);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

/** grammY puts what our fetch threw into an error of its own, as `error`. */
function unwrapped(thrown: unknown): never {
  throw thrown instanceof Error && "error" in thrown ? thrown.error : thrown;
}
