import type { WebhookAnswer, WebhookRequest } from "../channels/types.ts";
import { GatewayError } from "../lib/errors.ts";
import type { HttpCall, RawRoute } from "./http-call.ts";

export interface WebhookDeps {
  /** Hands a request to an account's channel. */
  webhook(channelId: string, accountId: string, request: WebhookRequest): Promise<WebhookAnswer>;
  /** Further paths that the configuration gives to accounts. */
  paths: readonly { path: string; channelId: string; accountId: string }[];
}

/**
 * Where platforms bring messages. Open to the world, by any name: the channel itself checks secret or signature before
 * it reads or believes anything. What it throws is answered as an error, so that the platform brings it again.
 */
export function channelWebhookRoutes({ webhook, paths }: WebhookDeps): RawRoute[] {
  const pair = (
    path: string,
    placeOf: (http: HttpCall) => [channelId: string, accountId: string],
  ): RawRoute[] =>
    (["GET", "POST"] as const).map((method) => ({
      method,
      path,
      scopes: [],
      open: true,
      anyHost: true,
      async handle(http) {
        const [channelId, accountId] = placeOf(http);
        const { headers, query } = http;
        const answer = await webhook(channelId, accountId, {
          method,
          headers,
          query,
          body: (maxBytes) => http.bytes(maxBytes),
        }).catch((error: unknown) => {
          // A connection that has just ended: the next one takes it.
          if (error instanceof GatewayError) throw error;
          throw new GatewayError("service_unavailable", "The message could not be taken. Bring it again.", {
            cause: error,
            retryAfterMs: 5_000,
          });
        });
        http.sendText(answer.status, answer.body ?? "", {
          "content-type": answer.contentType ?? "text/plain; charset=utf-8",
        });
      },
    }));

  return [
    ...pair("/webhooks/{channelId}", ({ params }) => [params.channelId ?? "", "default"]),
    ...pair("/webhooks/{channelId}/{accountId}", ({ params }) => [
      params.channelId ?? "",
      params.accountId ?? "",
    ]),
    ...paths.flatMap(({ path, channelId, accountId }) => pair(path, () => [channelId, accountId])),
  ];
}
