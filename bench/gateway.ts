import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { token } from "./load.ts";
import { type Server, startServer } from "./server.ts";

/** As `npm start` and the launcher set them. */
const flags = ["--max-semi-space-size=2", "--heap-growing-percent=50"];

/** A folder of its own for a gateway: config and state. */
export interface Home {
  readonly folder: string;
  remove(): void;
}

/** A config without limits whose providers, one of each wire, are all the fake model on `modelPort`. */
export function makeHome(modelPort: number): Home {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-bench-"));
  const limits = { bodyBytes: 0, timeoutMs: 0, concurrency: 0, connections: 0, perMinute: 0 };
  const provider = (api: string) => ({ baseUrl: `http://127.0.0.1:${modelPort}/v1`, apiKey: "bench", api });
  const config = {
    gateway: { port: 0, auth: { mode: "token", token }, limits },
    models: {
      providers: {
        fake: provider("openai-completions"),
        responses: provider("openai-responses"),
        anthropic: provider("anthropic-messages"),
        google: provider("google-generative-ai"),
      },
    },
    agents: { defaults: { model: "fake/20x0" } },
    browser: { allowPrivate: ["127.0.0.1"] },
    logging: { level: "info" },
  };
  writeFileSync(join(folder, "openclaw.json"), JSON.stringify(config));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Starts the gateway from its bundle, or from its sources. Its log goes to a file in its folder. */
export async function startGateway(entry: string, home: Home): Promise<Server> {
  const state = join(home.folder, "state");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const log = openSync(join(home.folder, "gateway.log"), "a");
  try {
    const conditions = entry.endsWith(".ts") ? ["--conditions=openclaw-source"] : [];
    return await startServer([...flags, ...conditions, entry, "gateway", "run"], {
      env: environment(home, state),
      logTo: log,
    });
  } finally {
    closeSync(log);
  }
}

/** Nothing of the caller's own OpenClaw or keys; what Node itself needs stays. */
function environment(home: Home, state: string): NodeJS.ProcessEnv {
  const { PATH, NODE_OPTIONS, TMPDIR } = process.env;
  return {
    ...{ PATH, HOME: home.folder, OPENCLAW_STATE_DIR: state },
    OPENCLAW_CONFIG_PATH: join(home.folder, "openclaw.json"),
    ...(NODE_OPTIONS !== undefined && { NODE_OPTIONS }),
    ...(TMPDIR !== undefined && { TMPDIR }),
  };
}
