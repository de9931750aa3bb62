import type { Logger, LogLevel } from "@slack/web-api";
import { z } from "zod";
import { failureOf, refusalOf, SlackFailure } from "./failure.ts";
import type { SlackOptions } from "./settings.ts";

/** Slack answers within seconds; an upload may take longer. */
const answerMs = 30_000;
const uploadMs = 300_000;

/** Slack's Web API with the account's bot token. Methods throw `SlackFailure`. */
export interface SlackApi {
  /** Calls a method of https://docs.slack.dev/reference/methods and reads of its answer what `shape` names. */
  call<T>(
    method: string,
    args: Readonly<Record<string, unknown>>,
    shape: z.ZodType<T>,
    options: { signal: AbortSignal },
  ): Promise<T>;
  /** Sends a file's bytes to the address that `files.getUploadURLExternal` gave. The token does not go along. */
  upload(address: string, bytes: Uint8Array, options: { signal: AbortSignal }): Promise<void>;
}

export function createApi({ apiRoot, botToken }: Pick<SlackOptions, "apiRoot" | "botToken">): SlackApi {
  return {
    async call(method, args, shape, { signal }) {
      const { WebClient } = await import("@slack/web-api");
      // A client per call, since a client has no way to abort one of its calls. It takes no connection and 0.1 ms.
      const client = new WebClient(botToken, {
        slackApiUrl: apiRoot.href,
        fetch: (url, init) => slackFetch(url, init, signal),
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        logger: silent,
      });
      try {
        return shape.parse(await client.apiCall(method, args));
      } catch (thrown) {
        throw failureOf(thrown);
      }
    },
    async upload(address, bytes, { signal }) {
      const body = new Uint8Array(bytes); // a view over memory that is not shared, which `fetch` asks for
      const headers = { "content-type": "application/octet-stream" };
      const response = await slackFetch(address, { method: "POST", headers, body }, signal, uploadMs);
      await response.body?.cancel();
    },
  };
}

const identity = z.object({
  user_id: z.string(),
  bot_id: z.string().optional(),
  team_id: z.string(),
  team: z.string().optional(),
  user: z.string().optional(),
});

/** Who the bot is. */
export interface Self {
  readonly userId: string;
  readonly botId: string | undefined;
  readonly userName: string | undefined;
  readonly teamId: string;
  readonly teamName: string | undefined;
}

/**
 * Asks Slack whose token this is (https://docs.slack.dev/reference/methods/auth.test), without Slack's client:
 * an account that is offline or has a wrong token loads nothing.
 */
export async function whoAmI(
  { apiRoot, botToken }: Pick<SlackOptions, "apiRoot" | "botToken">,
  { signal }: { signal: AbortSignal },
): Promise<Self> {
  const headers = { authorization: `Bearer ${botToken}` };
  const response = await slackFetch(new URL("auth.test", apiRoot), { method: "POST", headers }, signal);
  let answer: unknown;
  try {
    answer = await response.json();
  } catch (thrown) {
    throw new SlackFailure({ kind: "broken" }, thrown);
  }
  if (typeof answer === "object" && answer !== null && "ok" in answer && answer.ok === false) {
    throw refusalOf(answer);
  }
  const parsed = identity.safeParse(answer);
  if (!parsed.success) throw new SlackFailure({ kind: "broken" });
  const { user_id, bot_id, user, team_id, team } = parsed.data;
  return { userId: user_id, botId: bot_id, userName: user, teamId: team_id, teamName: team };
}

/** `fetch` with a deadline that throws `SlackFailure` for every answer but a success. */
export async function slackFetch(
  url: string | URL | Request,
  init: RequestInit | undefined,
  signal: AbortSignal,
  withinMs = answerMs,
): Promise<Response> {
  let response: Response;
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
    response = await fetch(url, { ...init, redirect: "error", signal: deadline });
  } catch (thrown) {
    throw new SlackFailure({ kind: "broken" }, thrown);
  }
  if (response.ok) return response;
  await response.body?.cancel().catch(() => undefined);
  if (response.status !== 429) throw new SlackFailure({ kind: "status", status: response.status });
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  throw new SlackFailure({
    kind: "limited",
    retryAfterMs: Number.isNaN(seconds) ? undefined : seconds * 1000,
  });
}

/** Slack's clients log payloads and addresses with tickets; what matters of it is thrown as well. */
export const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => "error" as LogLevel, // a string enum; its value would load the client
};
