import { type Environment, environmentKey } from "../config/environment.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Clock } from "../lib/clock.ts";
import type { MakeId } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import type { Outbound } from "../lib/net.ts";
import { sleep } from "../lib/signals.ts";
import { toolNames, toolNamesWith } from "../runtime/tools/index.ts";
import { createInstructions } from "../services/agents/instructions.ts";
import { createWorkspaces } from "../services/agents/workspace.ts";
import { type Approvals, createApprovals } from "../services/approvals/approvals.ts";
import type { Browser } from "../services/browser/browser.ts";
import { createBudgets } from "../services/budgets.ts";
import type { createChannelPort } from "../services/channels/tool-port.ts";
import { commandsOnDemand } from "../services/commands/on-demand.ts";
import type { Cron } from "../services/cron/cron.ts";
import { createAsking } from "../services/models/asking.ts";
import type { Models } from "../services/models/models.ts";
import type { AskingMeasures } from "../services/models/parts.ts";
import { createContexts } from "../services/runs/context.ts";
import type { RunsDeps } from "../services/runs/runs.ts";
import type { createSessionPorts } from "../services/sessions/tool-port.ts";
import type { Tasks } from "../services/tasks/tasks.ts";
import { createToolSelection, unknownToolWarnings } from "../services/tool-selection.ts";
import { createWeb } from "../services/web/web.ts";
import type { Database } from "../storage/database.ts";

/** What runs act with: models and money, what they are told, tools and whoever allows them. */
export interface Acting {
  readonly forRuns: Pick<
    RunsDeps,
    "asking" | "instructions" | "contexts" | "gate" | "filesOf" | "toolsOf" | "bindPorts"
  >;
  /** The models as they are, for requests that are handed on. */
  readonly asking: ReturnType<typeof createAsking>;
  readonly approvals: Approvals;
  /** The guard of addresses that come from outside, loaded when it is first used. */
  outbound(): Promise<Outbound>;
  /** Ends what a session has left running. */
  endSession(sessionId: number): void;
  close(): Promise<void>;
}

export interface ActingDeps {
  loaded: LoadedConfig;
  env: Environment;
  db: Database;
  databaseFile: string;
  models: Models;
  clock: Clock;
  ids: MakeId;
  log: Log;
  measures(): AskingMeasures;
  /** The ports of services that need runs themselves; asked for when a run acts. */
  ports(): {
    sessionPorts: ReturnType<typeof createSessionPorts>;
    tasks: Tasks;
    channelPort: ReturnType<typeof createChannelPort>;
    cron: Cron;
    browser: Pick<Browser, "bind">;
  };
}

export async function createActing(deps: ActingDeps): Promise<Acting> {
  const { loaded, env, db, databaseFile: file, models, clock, ids, log, measures } = deps;
  const { config, stateDir } = loaded;
  const budgets = await createBudgets({ db, models: config.agents.defaults.models, clock, log });
  const asking = createAsking({
    models,
    budgets,
    config: config.agents.defaults,
    clock,
    sleep,
    log,
    metrics: {
      failedOver: () => measures().failedOver(),
      budgetRefused: () => measures().budgetRefused(),
      answerCache: (hit) => measures().answerCache(hit),
    },
  });
  const approvals = createApprovals({ db, config: config.approvals, tools: config.tools, ids, clock, log });
  for (const warning of [...approvals.warnings, ...unknownToolWarnings(config, toolNames)]) {
    log.warn({}, warning);
  }
  const ownFiles = [loaded.path, file, `${file}-wal`, `${file}-shm`];
  const workspaces = createWorkspaces({ closed: [stateDir, ...ownFiles] });
  const instructions = createInstructions({ db, clock, workspaces });
  const contexts = createContexts({ db, clock, log });
  const selectTools = createToolSelection({ tools: config.tools, known: toolNamesWith(config.browser) });
  const commands = commandsOnDemand(async () => {
    const { createCommands } = await import("../services/commands/commands.ts");
    return createCommands({
      config: config.tools.codeExecution,
      stateDir,
      ownFiles,
      variable: (name) => env[name],
      clock,
      ids,
      log,
    });
  });
  let guard: Promise<Outbound> | undefined;
  const outbound = () =>
    (guard ??= import("../lib/net.ts").then(({ createOutbound }) =>
      createOutbound({ allowPrivate: config.browser.allowPrivate }),
    ));
  const web = createWeb({
    config: config.tools.web,
    outbound,
    keyOf: (variables) => environmentKey(env, variables),
    clock,
    log,
  });

  return {
    asking,
    approvals,
    outbound,
    forRuns: {
      asking,
      instructions,
      contexts,
      gate: approvals.gate,
      filesOf: (agent) => workspaces.filePortOf(agent),
      toolsOf: ({ agent, channel }, inherited) => selectTools({ rules: agent.tools, channel, inherited }),
      bindPorts(scope) {
        const { sessionPorts, tasks, channelPort, cron, browser } = deps.ports();
        return {
          commands: commands.bind(scope),
          web: web.port,
          sessions: sessionPorts(scope),
          tasks: tasks.bind(scope),
          channels: channelPort(scope),
          schedule: cron.bind(scope),
          browser: browser.bind(scope),
        };
      },
    },
    endSession: (sessionId) => void commands.endSession(sessionId),
    async close() {
      await approvals.close();
      await commands.close();
      web.close();
      (await guard)?.close();
    },
  };
}
