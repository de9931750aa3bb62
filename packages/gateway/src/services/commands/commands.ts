import { join } from "node:path";
import type { CodeExecutionConfig } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import type { CommandPort, CommandRequest, PreparedCommand } from "../../runtime/tools/ports.ts";
import type { RunScope } from "../run-scope.ts";
import { commandEnvironment } from "./environment.ts";
import { type FindExecutable, findExecutable, findProgram, verifyProgram } from "./executables.ts";
import { waitFor } from "./foreground.ts";
import { type Launch, type Launched, launch, type OnOutput } from "./launch.ts";
import { createLimitGroups } from "./limit-groups.ts";
import { limitsOf } from "./limits.ts";
import { demandVisible, launchOf, type Plan, type Shelter } from "./plan.ts";
import { createProcesses } from "./processes.ts";
import { type BackendName, createSandboxes } from "./sandbox.ts";
import { layersOf } from "./visible.ts";
import { checkRequest, findWorkplace, verifyWorkplace, type Workplace } from "./workplace.ts";

/** Runs commands for agents: those of runs that must be shut in only in a sandbox. */
export interface Commands {
  /** The port of one run. */
  bind(scope: RunScope): CommandPort;
  /** Kills what a session has left running, and forgets it. */
  endSession(sessionId: number): Promise<void>;
  /** Kills all that runs; nothing is started any more. */
  close(): Promise<void>;
  /** What this machine has to shut commands in with. */
  sandboxes(): Promise<BackendName[]>;
}

export interface CommandsDeps {
  config: CodeExecutionConfig;
  stateDir: string;
  /** Files of the gateway that may lie outside of its state directory; no sandbox shows them. */
  ownFiles?: readonly string[] | undefined;
  /** A variable of the gateway's own environment. */
  variable(name: string): string | undefined;
  clock: Clock;
  ids: MakeId;
  log: Log;
  /** Where programs, those of sandboxes included, are found; the system's folders unless told. */
  findExecutable?: FindExecutable;
}

/** How long a command outside of a sandbox may take unless told, ms. */
const usualTimeoutMs = 120_000;

export function createCommands(deps: CommandsDeps): Commands {
  const { config, stateDir, variable, clock, ids, log, findExecutable: find = findExecutable } = deps;
  const sandboxes = createSandboxes({ config, find, variable, clock });
  const groups = process.getuid?.() === 0 ? createLimitGroups({ pid: process.pid }) : undefined;
  const processes = createProcesses({ clock, ids });
  const limits = limitsOf(config);
  const running = new Set<Launched>();
  const ending = new Set<Promise<unknown>>();
  let isClosed = false;

  async function shelterOf(scope: RunScope, { workspace, cwd }: Workplace): Promise<Shelter> {
    const layers = await layersOf({
      workspace,
      readOnly: config.sandbox.readOnly,
      allowedPaths: config.allowedPaths,
      stateDir,
      ownFiles: deps.ownFiles,
      homeDir: variable("HOME"),
      guest: scope.trust === "guest",
    });
    return {
      backend: await sandboxes.choose(scope.agent.sandbox.backend),
      enclosure: { layers, limits, network: config.allowNetwork, cwd },
      image: config.sandbox.image,
      settings: join(stateDir, "docker"),
    };
  }

  /** Hands `use` the way to start a planned command, with a group for its limits that goes with it. */
  async function starting<T>(
    plan: Plan,
    stdin: Launch["stdin"],
    use: (start: (onOutput: OnOutput) => Launched) => Promise<T>,
  ): Promise<T> {
    const command = launchOf(plan, stdin, ids("openclaw"));
    const group = plan.shelter?.backend.kind === "bubblewrap" ? await groups?.make(limits) : undefined;
    let isStarted = false;
    try {
      return await use((onOutput) => {
        if (isClosed) throw new GatewayError("service_unavailable", "The gateway is stopping.");
        const launched = launch({ ...command, group: group?.file }, onOutput);
        isStarted = true;
        running.add(launched);
        const done = launched.ended
          .catch((error: unknown) => log.warn({ err: error }, "command not started"))
          .then(() => running.delete(launched))
          .then(() => group?.remove())
          .finally(() => ending.delete(done));
        ending.add(done);
        return launched;
      });
    } finally {
      if (!isStarted) await group?.remove();
    }
  }

  async function prepare(scope: RunScope, request: CommandRequest): Promise<PreparedCommand> {
    checkRequest(request);
    const { cwd: folder, stdin } = request; // now: what is worked out is what runs, whatever becomes of the request
    const place = await findWorkplace(scope.agent.workspace, stateDir, folder);
    const { workspace, cwd, fence } = place;
    const shelter = scope.sandboxed ? await shelterOf(scope, place) : undefined;
    const [name = "", ...rest] = request.argv;
    const program =
      shelter?.backend.kind === "docker" ? undefined : await findProgram(name, { cwd, fence, find });
    if (shelter && program) demandVisible(program, shelter.enclosure);
    const plan: Plan = {
      // The words for a container are marked, so that they are never taken for a command of this machine.
      argv: [program?.path ?? `docker:${config.sandbox.image}:${name}`, ...rest],
      written: [...request.argv],
      env: commandEnvironment({
        home: workspace,
        cwd,
        shared: config.env,
        variable,
        given: request.env ?? {},
      }),
      workspace,
      cwd,
      shelter,
    };
    const sandbox = shelter?.backend.kind ?? "none";
    const timeoutMs = shelter
      ? Math.min(limits.timeoutMs, request.timeoutMs ?? limits.timeoutMs)
      : request.timeoutMs;

    /** Time has passed since: somebody may have been asked. */
    async function verify(): Promise<void> {
      if (program) await verifyProgram(program);
      await verifyWorkplace(place, stateDir, folder);
    }

    return {
      facts: { argv: plan.argv, executable: program?.real ?? plan.argv[0]!, cwd, env: plan.env, sandbox },
      async run({ signal, onOutput }) {
        await verify();
        return starting(plan, stdin === undefined ? undefined : { text: stdin }, (start) =>
          waitFor({
            clock,
            timeoutMs: timeoutMs ?? usualTimeoutMs,
            signals: [signal, scope.signal],
            onOutput,
            start,
          }),
        );
      },
      async start() {
        await verify();
        return starting(plan, "open", async (start) => {
          scope.signal.throwIfAborted();
          const view = processes.start({
            sessionId: scope.sessionId,
            argv: plan.argv,
            sandbox,
            timeoutMs,
            start,
          });
          if (stdin) {
            await processes.of(scope.sessionId, scope.sandboxed).write(view.processId, stdin, false);
          }
          return view;
        });
      },
    };
  }

  return {
    bind: (scope) => ({
      prepare: (request) => prepare(scope, request),
      ...processes.of(scope.sessionId, scope.sandboxed),
    }),
    endSession: processes.endSession,
    async close() {
      isClosed = true;
      for (const it of running) it.stop();
      await processes.close();
      await Promise.all(ending);
    },
    sandboxes: sandboxes.available,
  };
}
