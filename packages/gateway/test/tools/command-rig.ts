import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { type Config, configSchema } from "openclaw-protocol";
import { createIds } from "../../src/lib/ids.ts";
import { openLog } from "../../src/lib/log.ts";
import { type Authorise, callTool, type ReadyCall } from "../../src/runtime/tools/call.ts";
import { loadTools } from "../../src/runtime/tools/index.ts";
import type { CommandPort, CommandResult, ToolPorts } from "../../src/runtime/tools/ports.ts";
import type { ToolContext } from "../../src/runtime/tools/types.ts";
import { type Commands, type CommandsDeps, createCommands } from "../../src/services/commands/commands.ts";
import type { RunScope } from "../../src/services/run-scope.ts";
import { bareContext } from "../runtime/scripted-loop.ts";

export interface CommandRig {
  readonly commands: Commands;
  /** Real. The state folder lies beside it, and the workspace's folder has nothing else. */
  readonly workspace: string;
  readonly stateDir: string;
  readonly home: string;
  /** The time that the service sees. */
  readonly clock: { now(): number; ahead: number };
  scope(over?: Partial<RunScope>): RunScope;
  port(over?: Partial<RunScope>): CommandPort;
  /** A call as the model makes it: parsed, worked out, allowed, run. */
  call(tool: "exec" | "process", params: object, wish?: CallWish): Promise<CallAnswer>;
}

export interface CallWish {
  scope?: Partial<RunScope>;
  context?: Partial<ToolContext>;
  /** Runs while somebody is being asked; a sentence refuses. */
  meanwhile?: (call: ReadyCall) => unknown;
}

export interface CallAnswer {
  isError: boolean;
  /** What whoever decides was shown, if it came to that. */
  asked: ReadyCall["prepared"] | undefined;
  result: CommandResult & { error: string; processId: string; output: string; next: number; status: string };
}

export interface RigWish {
  tools?: Partial<Config["tools"]["codeExecution"]> | object;
  variables?: Record<string, string>;
  find?: CommandsDeps["findExecutable"];
  /** Below the rig's folder. */
  state?: string;
}

const run = promisify(execFile);

/** The service over real processes, in folders of its own. */
export function commandRig(t: TestContext, wish: RigWish = {}): CommandRig {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "openclaw-commands-")));
  const workspace = join(home, "work");
  const stateDir = join(home, wish.state ?? "state");
  for (const folder of [workspace, stateDir]) mkdirSync(folder, { recursive: true });
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
  const variables: Record<string, string> = { HOME: home, LANG: "C.UTF-8", ...wish.variables };
  const commands = createCommands({
    config: configSchema.parse({ tools: { codeExecution: wish.tools ?? {} } }).tools.codeExecution,
    stateDir,
    variable: (name) => variables[name],
    clock,
    ids: createIds(),
    log: openLog("silent").log,
    ...(wish.find && { findExecutable: wish.find }),
  });
  t.after(async () => {
    await commands.close();
    rmSync(home, { recursive: true, force: true });
  });
  const scope = (over: Partial<RunScope> = {}): RunScope => ({
    runId: "run",
    sessionId: 1,
    sessionKey: "s",
    channel: "webchat",
    agent: { id: "default", workspace, sandbox: { mode: "non-main", backend: "auto" } } as RunScope["agent"], // all that commands look at
    caller: { id: "gateway", scopes: ["admin"] },
    trust: "owner",
    depth: 0,
    tools: ["exec", "process"],
    sandboxed: false,
    signal: new AbortController().signal,
    ...over,
  });
  const port = (over?: Partial<RunScope>) => commands.bind(scope(over));
  return {
    ...{ commands, workspace, stateDir, home, clock, scope, port },
    async call(name, params, { scope: over, context = {}, meanwhile } = {}) {
      const tool = (await loadTools([name])).get(name);
      let asked: CallAnswer["asked"];
      const authorise: Authorise = async (ready) => {
        asked = ready.prepared;
        const reason = await meanwhile?.(ready);
        return typeof reason === "string" ? { allowed: false, reason } : { allowed: true };
      };
      const ports = { commands: port(over) } as ToolPorts; // all that these tools use
      const written = { id: "1", name, arguments: JSON.stringify(params) };
      const outcome = await callTool(tool, written, bareContext({ ports, ...context }), authorise);
      return { ...outcome, asked, result: outcome.result as CallAnswer["result"] };
    },
  };
}

/** Guests are shut in. */
export const guest = { trust: "guest", sandboxed: true } as const;

/** Command lines that are running on this machine and have a text in them. */
export async function runningWith(text: string): Promise<string[]> {
  const { stdout } = await run("ps", ["-eo", "stat=,args="], { maxBuffer: 16_777_216 });
  return stdout.split("\n").filter((line) => line.includes(text) && !line.startsWith("Z"));
}

/** A duration for `sleep` that nobody else sleeps: finds its process again. */
export function ownSleep(): string {
  return `6${String(Math.random()).slice(2, 6)}.${String(Math.random()).slice(2, 10)}`;
}
