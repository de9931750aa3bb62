import { z } from "zod";

/**
 * Telegram said no (https://core.telegram.org/bots/api#making-requests). It has nothing of what was asked, so that
 * neither a token nor a message can get into a log with it.
 */
export class Refusal extends Error {
  /** As HTTP has them; 429: too much, 409: somebody else polls. */
  readonly code: number;
  readonly description: string;
  readonly retryAfterMs: number | undefined;
  /** The group became a supergroup, which has this id. */
  readonly migratedTo: string | undefined;

  constructor({ error_code, description, parameters }: NotOk) {
    super(`Telegram answered ${error_code}: ${description.slice(0, longestDescription)}`);
    this.name = "Refusal";
    this.code = error_code;
    this.description = description.slice(0, longestDescription);
    const { retry_after: seconds, migrate_to_chat_id: chatId } = parameters ?? {};
    this.retryAfterMs = seconds === undefined ? undefined : seconds * 1000;
    this.migratedTo = chatId === undefined ? undefined : String(chatId);
  }
}

const longestDescription = 200;

/** Nobody answered: what the network threw is the cause, which names no address. */
export class Unanswered extends Error {
  constructor(cause: unknown) {
    super("Telegram could not be reached, or did not answer.", { cause });
    this.name = "Unanswered";
  }
}

const notOk = z.object({
  ok: z.literal(false),
  error_code: z.number(),
  description: z.string(),
  parameters: z
    .object({ retry_after: z.number().optional(), migrate_to_chat_id: z.number().optional() })
    .optional(),
});

const answer = z.union([z.object({ ok: z.literal(true), result: z.unknown() }), notOk]);

export type NotOk = z.output<typeof notOk>;
export type Answer = z.output<typeof answer>;

/** What an HTTP answer says. What is none of the Bot API, such as a proxy's page, counts as a refusal with its status. */
export function answerOf(status: number, body: string): Answer {
  const parsed = answer.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const error_code = status >= 400 ? status : 502;
  return { ok: false, error_code, description: `no answer of a Bot API server (HTTP ${status})` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
