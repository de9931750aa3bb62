import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { runProgram } from "../../src/cli/program.ts";

/** What a command line did. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Sends Ctrl+C as soon as stdout holds this text. */
  interruptAt?: string;
  /** Sits at the terminal and answers questions. */
  answer?: (question: string) => string;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface Harness {
  home: string;
  run(args: string[], options?: RunOptions): Promise<Outcome>;
  /** A gateway on the wire that answers `VERB /path` as told, everything else with 404; its URL. */
  gateway(answers: Record<string, Answer | object>): Promise<string>;
  /** What that gateway was asked: `VERB /path`, headers and body. */
  requests: { line: string; headers: IncomingMessage["headers"]; body: string }[];
}

/** A home directory, a terminal and a scripted gateway for one test. */
export async function harness(t: TestContext): Promise<Harness> {
  const home = await mkdtemp(join(tmpdir(), "openclaw-cli-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const requests: Harness["requests"] = [];

  async function gateway(answers: Record<string, Answer | object>): Promise<string> {
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += chunk;
      const line = `${request.method} ${request.url}`;
      requests.push({ line, headers: request.headers, body });
      const answer = answers[line] ?? refusal(404, "not_found", "There is no such thing.");
      if (typeof answer === "function") answer(request, response, body);
      else json(response, 200, answer);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  async function run(args: string[], { env = {}, interruptAt, answer }: RunOptions = {}): Promise<Outcome> {
    const signals = new EventEmitter();
    let stdout = "";
    let stderr = "";
    const terminal = {
      stdout: {
        write: (text: string) => {
          stdout += text;
          if (interruptAt !== undefined && stdout.includes(interruptAt)) signals.emit("SIGINT");
        },
      },
      stderr: {
        write: (text: string) => {
          stderr += text;
        },
      },
      env,
      homeDir: home,
      signals,
      program: "openclaw",
      ...(answer && { ask: async (question: string) => answer(question) }),
      exit: (code: number) => {
        throw new Error(`exit ${code}`);
      },
    };
    const code = await runProgram(args, terminal, "2026.1.2");
    return { code, stdout, stderr };
  }

  return { home, run, gateway, requests };
}

/** Answers with the gateway's error body. */
export function refusal(status: number, code: string, message: string): Answer {
  const type = status < 500 ? "client_error" : "server_error";
  return (_request, response) =>
    json(response, status, { error: { code, message, type, requestId: "req-1" } });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
