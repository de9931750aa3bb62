import type { Config, ResultOf } from "openclaw-protocol";
import { GatewayError } from "../lib/errors.ts";
import { createUrlJudge } from "../lib/outbound-judge.ts";

/** The browser. This version has none: `status` says so, and whatever needs one fails with the remedy. */
export interface Browser {
  status(): ResultOf<"browser.status">;
  navigate(url: string): never;
  screenshot(): never;
}

export function createBrowser(config: Config["browser"]): Browser {
  let urls: ReturnType<typeof createUrlJudge> | undefined;

  function unavailable(): never {
    throw new GatewayError(
      "service_unavailable",
      config.enabled
        ? "No browser is running: this version of OpenClaw does not control one yet. See CHANGELOG.md for the version that does."
        : "The browser is switched off. Set browser.enabled to true in openclaw.json.",
    );
  }

  return {
    status: () => ({
      enabled: config.enabled,
      running: false,
      version: null,
      profile: null,
      profiles: [],
      tabs: [],
    }),
    navigate(url) {
      urls ??= createUrlJudge(config.allowPrivate); // made when it is needed: it is costly at a start
      urls.judge(url);
      unavailable();
    },
    screenshot: unavailable,
  };
}
