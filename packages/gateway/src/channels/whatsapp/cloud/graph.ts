import { z } from "zod";

/** One answer of the Graph API; `body` is undefined where it was no JSON. */
export interface GraphAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
}

/** Calls of Meta's Graph API (https://developers.facebook.com/docs/graph-api). Rejects as `fetch` does where nothing was answered. */
export interface Graph {
  /** Origins that files may come from; the token goes to these. */
  readonly origins: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  get(path: string, signal: AbortSignal): Promise<GraphAnswer>;
  post(path: string, body: object | FormData, signal: AbortSignal): Promise<GraphAnswer>;
}

export interface GraphSettings {
  apiRoot?: string | undefined;
  apiVersion: string;
  accessToken: string;
}

const longestCallMs = 60_000;

export function graphOf({ apiRoot, apiVersion, accessToken }: GraphSettings): Graph {
  const root = versioned(apiRoot ?? "https://graph.facebook.com", apiVersion);
  const headers = { authorization: `Bearer ${accessToken}` };

  async function call(path: string, init: RequestInit, signal: AbortSignal): Promise<GraphAnswer> {
    const response = await fetch(`${root}/${path}`, {
      ...init,
      headers: { ...headers, ...init.headers },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(longestCallMs)]),
    });
    const body: unknown = await response.json().catch((thrown: unknown) => {
      if (thrown instanceof SyntaxError) return undefined;
      throw thrown;
    });
    const seconds = Number(response.headers.get("retry-after"));
    return { status: response.status, body, retryAfterMs: seconds > 0 ? seconds * 1_000 : undefined };
  }

  return {
    origins: [new URL(root).origin],
    headers,
    get: (path, signal) => call(path, {}, signal),
    post(path, body, signal) {
      if (body instanceof FormData) return call(path, { method: "POST", body }, signal);
      const json = { "content-type": "application/json" };
      return call(path, { method: "POST", body: JSON.stringify(body), headers: json }, signal);
    },
  };
}

function versioned(apiRoot: string, version: string): string {
  const root = apiRoot.replace(/\/+$/, "");
  return /\/v\d+\.\d+$/.test(root) ? root : `${root}/${version}`;
}

const graphError = z.object({
  error: z.object({ code: z.number(), error_subcode: z.number().optional() }),
});

/** The code of an error's body (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes). */
export function errorCode(body: unknown): number | undefined {
  return graphError.safeParse(body).data?.error.code;
}
