import { GatewayError } from "../../lib/errors.ts";
import { ContextOverflow, saysTooLong } from "./context-overflow.ts";
import { parseObject } from "./parse-object.ts";
import { findProvider } from "./providers.ts";
import type { ProviderSettings } from "./types.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** Response headers as undici and fetch hand them over, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A failed attempt: the error for the caller, and whether another attempt makes sense. */
export interface Failure {
  error: GatewayError;
  retry: boolean;
  /** What the provider asked for, ms. */
  afterMs?: number | undefined;
}

/** The failure law of all wires: what went wrong upstream, as our own errors. Nothing secret gets into a message. */
export interface Failures {
  /** An answer with an error status. `body` is its text. */
  ofStatus(status: number, headers: AnswerHeaders, body: string): Failure;
  /** No answer (`answering` false), or an answer that broke off. */
  ofNetwork(thrown: unknown, answering: boolean): Failure;
  /** An error object that came inside an answer that had begun well. */
  ofObject(error: unknown): GatewayError;
  /** The answer ended without being finished. */
  cut(): GatewayError;
  /** The answer is not what the protocol says. */
  garbage(what: string, cause?: unknown): GatewayError;
}

const retried = new Set([429, 500, 502, 503, 504, 529]);
const longestMessage = 500;
const defaultRetryAfterMs = 5_000;

export function createFailures(provider: ProviderSettings, now: () => number): Failures {
  const name = findProvider(provider.id)?.name ?? provider.id;
  const clean = cleaner(provider);

  const said = (body: string): string => {
    const text = clean(messageIn(body));
    return text === "" ? "It gave no reason." : `It said: ${text}`;
  };

  const ofStatus: Failures["ofStatus"] = (status, headers, body) => {
    const afterMs = retryAfter(headers, now());
    const error = statusError(status, body, afterMs);
    const spent = error instanceof UpstreamFailure && error.fault === "money"; // waiting does not bring any
    return { error, retry: retried.has(status) && !spent, afterMs };
  };

  const statusError = (status: number, body: string, afterMs: number | undefined): GatewayError => {
    switch (status) {
      case 400:
      case 422:
        return refusal(status, body);
      case 401:
      case 403:
        return keyRefused(status);
      case 402:
        return new UpstreamFailure("money", "upstream_error", `${name} wants to be paid. ${said(body)}`);
      case 404:
        return new UpstreamFailure(
          "model",
          "not_found",
          `${name} does not know this model or address. ${said(body)}`,
          { param: "model" },
        );
      case 413:
        if (saysTooLong(body)) return refusal(status, body);
        return new GatewayError("payload_too_large", `The request is too large for ${name}. ${said(body)}`);
      case 429:
        return new UpstreamFailure(
          body.includes("insufficient_quota") ? "money" : "limit",
          "rate_limited",
          `${name} is limiting the gateway's requests. ${said(body)}`,
          { retryAfterMs: afterMs ?? defaultRetryAfterMs, afterMs },
        );
      default:
        return new UpstreamFailure("down", "upstream_error", `${name} failed (${status}). ${said(body)}`, {
          retryAfterMs: afterMs,
          afterMs,
        });
    }
  };

  const keyRefused = (status: number): GatewayError =>
    new UpstreamFailure(
      "key",
      "upstream_error",
      `${name} refused the gateway's key for it (${status}). ${keyAdvice(provider)}`,
    );

  /** Most refusals are about the request; some providers say with the same status what is wrong with the key. */
  const refusal = (status: number, body: string): GatewayError => {
    if (saysTooLong(body)) return new ContextOverflow(clean(messageIn(body)), { param: "messages" });
    if (body.includes("API_KEY_INVALID")) return keyRefused(status); // Google
    if (body.includes("credit balance is too low"))
      // Anthropic
      return new UpstreamFailure("money", "upstream_error", `${name} wants to be paid. ${said(body)}`);
    return new GatewayError(
      "invalid_request",
      clean(messageIn(body)) || `${name} refused the request (${status}).`,
      { param: paramIn(body) },
    );
  };

  return {
    ofStatus,
    ofNetwork(thrown, answering) {
      const code = codeOf(thrown);
      if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
        return {
          error: new UpstreamFailure("down", "timeout", `${name} fell silent. Try again later.`, {
            cause: thrown,
          }),
          retry: false,
        };
      }
      const what = answering ? "broke off its answer" : "could not be reached";
      const hint = answering ? "Try again." : "Check that it runs and that its baseUrl is right.";
      const error = new UpstreamFailure(
        "down",
        "upstream_error",
        `${name} ${what}${code && ` (${code})`}. ${hint}`,
        { cause: thrown },
      );
      return { error, retry: !answering };
    },
    ofObject(error) {
      const { code, status } = (typeof error === "object" && error !== null ? error : {}) as Record<
        string,
        unknown
      >; // read only
      const number = Number(status ?? code);
      const body = JSON.stringify({ error });
      if (number >= 400 && number < 600) return statusError(number, body, undefined);
      if (code === "rate_limit_exceeded") return statusError(429, body, undefined);
      if (saysTooLong(body)) return statusError(400, body, undefined);
      return new UpstreamFailure("down", "upstream_error", `${name} failed while it answered. ${said(body)}`);
    },
    cut: () => new UpstreamFailure("down", "upstream_error", `${name} ended its answer early. Try again.`),
    garbage: (what, cause) =>
      new UpstreamFailure(
        "down",
        "upstream_error",
        `${name} sent ${what}. Check that its baseUrl and api are right.`,
        { cause },
      ),
  };
}

function keyAdvice(provider: ProviderSettings): string {
  const variables = findProvider(provider.id)?.keyVariables ?? [];
  const where = [...variables, `models.providers.${provider.id}.apiKey`].join(" or ");
  return provider.apiKey ? `Check ${where}.` : `There is none: set ${where}.`;
}

/** `Retry-After` (seconds or a date) or `retry-after-ms`, in ms from now. */
function retryAfter(headers: AnswerHeaders, now: number): number | undefined {
  const inMs = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (Number.isFinite(inMs) && inMs >= 0) return Math.ceil(inMs);
  const value = headers["retry-after"];
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000;
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : undefined;
}

/** The sentence in an error body, whichever of the usual shapes it has. */
function messageIn(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return /^\s*</.test(body) ? "" : body.trim(); // a page of HTML says nothing
  }
  for (let depth = 0; depth < 4; depth++) {
    if (typeof value === "string") return value.trim();
    if (Array.isArray(value)) value = value[0];
    if (value === null || typeof value !== "object") break;
    const object = value as Record<string, unknown>; // just checked
    value = object.error ?? object.message ?? object.detail ?? object.msg;
  }
  return "";
}

const longestParam = 200;

/** The parameter that an error body blames, in the way of OpenAI and those who follow it. */
function paramIn(body: string): string | undefined {
  const { error } = (parseObject(body) ?? {}) as { error?: { param?: unknown } | null }; // read only
  const param = error?.param;
  return typeof param === "string" && param !== "" && param.length <= longestParam ? param : undefined;
}

function cleaner(provider: ProviderSettings): (text: string) => string {
  const url = URL.parse(provider.baseUrl);
  const secrets = [
    provider.apiKey?.reveal(),
    url?.username,
    url?.password,
    ...Object.values(provider.headers),
  ]
    .filter((it): it is string => it !== undefined && it.length >= 4)
    .flatMap((it) => [it, it.replace(/^(bearer|basic) +/i, ""), encodeURIComponent(it)])
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let cleaned = text;
    for (const secret of secrets) cleaned = cleaned.replaceAll(secret, "***");
    return cleaned.length > longestMessage ? `${cleaned.slice(0, longestMessage - 1)}…` : cleaned;
  };
}

function codeOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return "";
  const { code, errors } = thrown as { code?: unknown; errors?: unknown[] }; // Node's errors carry these
  if (typeof code === "string" && code !== "") return code;
  return Array.isArray(errors) ? codeOf(errors[0]) : "";
}
