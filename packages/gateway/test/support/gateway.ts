import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Json, openSocket, type TestSocket } from "./socket.ts";

/** What starts a gateway: the bundle where `npm test` found it as new as the sources, else the sources. */
export const gatewayEntry = fileURLToPath(
  new URL(
    process.env.OPENCLAW_TEST_DIST === "1" ? "../../dist/index.js" : "../../src/cli/index.ts",
    import.meta.url,
  ),
);
const readyWithinMs = 20_000;

/** What of the tests' own environment a gateway gets: no keys, no addresses of providers. */
const harmless = ["PATH", "LANG", "TZ", "TMPDIR"];

export interface GatewayOptions {
  /** `openclaw.json`, laid over limits that are off and a port of the system's choice. */
  config?: Json;
  env?: Record<string, string>;
  /** One of an earlier gateway; the test that made it removes it. */
  stateDir?: string;
}

/** The answer to an HTTP request, read whole. */
export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed JSON, or the text where it is none. */
  body: Json;
  text: string;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A real gateway in a process of its own. */
export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly token: string;
  readonly stateDir: string;
  /** Everything that the process wrote to stdout and stderr. */
  output(): string;
  /** A request with the gateway's token; `headers` go over it. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The same request, its answer unread. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  ws(path?: string, headers?: Record<string, string>, protocols?: string[]): Promise<TestSocket>;
  /** Sends the signal and waits for the end of the process. */
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** Sends the signal and does not wait. */
  signal(signal: NodeJS.Signals): void;
  exited(): Promise<Exit>;
  /** Starts again on the same state directory, after a kill. */
  restart(options?: Pick<GatewayOptions, "config" | "env">): Promise<void>;
  close(): Promise<void>;
}

/** Tests fail on what is not there, so they may look into anything. */
export type { Json } from "./socket.ts";

const defaults: Json = {
  gateway: { port: 0, limits: { perMinute: 0, concurrency: 0, connections: 0 } },
  // No Ollama of the machine: the default model must be the same everywhere.
  models: { providers: { ollama: { baseUrl: "http://127.0.0.1:9/v1" } } },
};

/** Starts a gateway on a free port and waits until it is ready. */
export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const ownDir = options.stateDir === undefined;
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "openclaw-gateway-"));
  let { config, env } = options;
  let running = await launch(stateDir, config, env).catch((error: unknown) => {
    if (ownDir) rmSync(stateDir, { recursive: true, force: true });
    throw error;
  });

  const send = (path: string, init: RequestInit = {}) =>
    fetch(running.url + path, {
      ...init,
      headers: { authorization: `Bearer ${running.token}`, ...init.headers },
    });

  return {
    stateDir,
    get url() {
      return running.url;
    },
    get port() {
      return Number(new URL(running.url).port);
    },
    get pid() {
      return running.child.pid!;
    },
    get token() {
      return running.token;
    },
    output: () => running.output(),
    fetch: send,
    async api(method, path, body, headers = {}) {
      const response = await send(path, {
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      return read(response);
    },
    ws: (path = "/", headers = { authorization: `Bearer ${running.token}` }, protocols = []) =>
      openSocket(`ws://127.0.0.1:${new URL(running.url).port}${path}`, headers, protocols),
    signal: (signal) => void running.child.kill(signal),
    exited: () => running.exited,
    kill(signal) {
      running.child.kill(signal);
      return running.exited;
    },
    async restart(next = {}) {
      config = next.config ?? config;
      env = next.env ?? env;
      running = await launch(stateDir, config, env);
    },
    async close() {
      running.child.kill("SIGKILL");
      await running.exited;
      if (ownDir) rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Runs `openclaw gateway run` to its end: for starts that are meant to fail. */
export async function runToExit(
  stateDir: string,
  config?: Json,
  env?: Record<string, string>,
): Promise<Exit & { output: string }> {
  const { child, exited, output } = spawnGateway(stateDir, config, env);
  const timer = setTimeout(() => child.kill("SIGKILL"), readyWithinMs);
  const exit = await exited;
  clearTimeout(timer);
  return { ...exit, output: output() };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch {
    body = text as unknown as Json; // tests look at it as text then
  }
  return { status: response.status, headers: response.headers, body, text };
}

interface Running {
  child: ChildProcess;
  exited: Promise<Exit>;
  url: string;
  token: string;
  output(): string;
}

async function launch(
  stateDir: string,
  config: Json | undefined,
  env: Record<string, string> | undefined,
): Promise<Running> {
  const { child, exited, output, banner } = spawnGateway(stateDir, config, env);
  const timer = setTimeout(() => child.kill("SIGKILL"), readyWithinMs);
  try {
    const line = await Promise.race([banner, exited.then(() => undefined)]);
    if (line === undefined) throw new Error(`the gateway did not start:\n${output()}`);
    const { url } = JSON.parse(line) as { url: string };
    const ready = await fetch(`${url}/readyz`);
    if (ready.status !== 200) throw new Error(`not ready: ${await ready.text()}`);
    const given = env?.OPENCLAW_GATEWAY_TOKEN ?? config?.gateway?.auth?.token;
    const token = given ?? tokenIn(stateDir);
    return { child, exited, url, token, output };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function tokenIn(stateDir: string): string {
  try {
    return readFileSync(join(stateDir, "gateway-token"), "utf8").trim();
  } catch {
    return ""; // auth by password, or off
  }
}

function spawnGateway(stateDir: string, config: Json | undefined, env: Record<string, string> | undefined) {
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(join(stateDir, "openclaw.json"), JSON.stringify(merged(defaults, config ?? {})));
  const kept = harmless.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  const child = spawn(
    process.execPath,
    ["--max-semi-space-size=2", "--conditions=openclaw-source", gatewayEntry, "gateway", "run", "--json"],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...Object.fromEntries(kept),
        HOME: stateDir,
        OPENCLAW_STATE_DIR: stateDir,
        ...env,
      },
    },
  );
  let text = "";
  let stdout = "";
  const firstLine = Promise.withResolvers<string>();
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    stdout += chunk;
    const end = stdout.indexOf("\n");
    if (end >= 0) firstLine.resolve(stdout.slice(0, end));
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const exited = once(child, "close").then(([code, signal]) => ({ code, signal }) as Exit); // the event's arguments
  return { child, exited, output: () => text, banner: firstLine.promise };
}

/** The second laid over the first, object by object. */
function merged(under: Json, over: Json): Json {
  const result: Json = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const both = isObject(result[key]) && isObject(value);
    result[key] = both ? merged(result[key], value as Json) : value;
  }
  return result;
}

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
