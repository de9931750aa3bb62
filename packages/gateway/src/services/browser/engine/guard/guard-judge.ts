import { GatewayError } from "../../../../lib/errors.ts";
import { createUrlJudge, type UrlJudge } from "../../../../lib/outbound-judge.ts";
import { createHostLists } from "./host-lists.ts";

export interface JudgeConfig {
  readonly allowPrivate: readonly string[];
  readonly allowHosts: readonly string[];
  readonly denyHosts: readonly string[];
}

/** The judge of all outbound URLs, and the browser's lists of hosts after it. */
export function createPageJudge(config: JudgeConfig): UrlJudge {
  const urls = createUrlJudge(config.allowPrivate);
  const lists = createHostLists(config);
  return {
    addresses: urls.addresses,
    judge(written) {
      const url = urls.judge(written);
      const why = lists.why(url.hostname);
      if (why !== undefined) throw new GatewayError("invalid_request", why, { param: "url" });
      return url;
    },
  };
}

/**
 * Where a request goes, as a URL to be judged: its origin alone, because a page's own requests may be longer than what
 * anybody types. A user name or password stays, so that the judge sees it.
 */
export function originOf(url: URL): string {
  const credentials = url.username !== "" || url.password !== "" ? "user@" : "";
  return `${url.protocol}//${credentials}${url.host}/`;
}
