import type { StreamRules } from "./event-source.ts";

type Json = Record<string, unknown>;

/** HTTP's words for Google's: https://cloud.google.com/apis/design/errors#handling_errors */
const statuses: Record<string, number> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/**
 * How an answer of `streamGenerateContent` ends: with its body, after a reason to finish or to refuse the prompt. Older
 * models give a reason with every piece, so nothing ends with the first.
 */
export const googleStream: StreamRules = {
  finishes: (event) => finishOf(event) !== undefined || blockReason(event) !== undefined,
  errorIn: ({ error }) => (isObject(error) ? withNumber(error) : error || undefined),
  fromWhole: (answer) =>
    Array.isArray(answer.candidates) || blockReason(answer) !== undefined ? [answer] : undefined,
};

/** The answer in an event; we ask for one only. */
export function candidateOf({ candidates }: Json): Json | undefined {
  const candidate: unknown = Array.isArray(candidates) ? candidates[0] : undefined;
  return isObject(candidate) ? candidate : undefined;
}

/** Why the prompt was refused, if it was. */
export function blockReason({ promptFeedback }: Json): string | undefined {
  const reason = isObject(promptFeedback) ? promptFeedback.blockReason : undefined;
  if (typeof reason !== "string" || reason === "" || reason.endsWith("UNSPECIFIED")) return undefined;
  return reason;
}

function finishOf(event: Json): unknown {
  return candidateOf(event)?.finishReason ?? undefined;
}

/** Google has HTTP's number in `code` and its own word in `status`; one of them may lack. */
function withNumber(error: Json): Json {
  const number = typeof error.code === "number" ? error.code : statuses[String(error.status)];
  return { ...error, code: number, status: number };
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
