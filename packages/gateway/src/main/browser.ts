import { join } from "node:path";
import type { RawRoute } from "../api/http-call.ts";
import { mediaRoutes } from "../api/media-routes.ts";
import type { Environment } from "../config/environment.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Clock } from "../lib/clock.ts";
import type { MakeId } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import { type Browser, createBrowser } from "../services/browser/browser.ts";
import { createMedia, type Media } from "../services/media.ts";
import type { Database } from "../storage/database.ts";

export interface BrowserParts {
  loaded: LoadedConfig;
  env: Environment;
  db: Database;
  ids: MakeId;
  clock: Clock;
  log: Log;
}

/** Builds the browser, and the store for the files that come of it. Nothing runs yet. */
export function buildBrowser({ loaded, env, db, ids, clock, log }: BrowserParts): {
  browser: Browser;
  media: Media;
  routes: RawRoute[];
} {
  const { config, stateDir } = loaded;
  const media = createMedia({ db, folder: join(stateDir, "media"), ids, clock, log });
  const browser = createBrowser({ config: config.browser, stateDir, env, media, ids, log });
  return { browser, media, routes: mediaRoutes(media) };
}
