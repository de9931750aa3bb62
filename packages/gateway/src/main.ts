import { hostname } from "node:os";
import { createDispatch } from "./api/dispatch.ts";
import { createHandlers } from "./api/handlers.ts";
import { systemRoutes } from "./api/system-routes.ts";
import { databaseFile } from "./config/database-file.ts";
import { type Environment, environmentKey } from "./config/environment.ts";
import { gatewayToken } from "./config/gateway-token.ts";
import type { LoadedConfig } from "./config/load.ts";
import { ensureStateDirectory } from "./config/state-dir.ts";
import { version } from "./config/version.ts";
import { createConfigFile } from "./config/write.ts";
import { systemClock } from "./lib/clock.ts";
import { createIds } from "./lib/ids.ts";
import { openLog } from "./lib/log.ts";
import { createMetrics } from "./lib/metrics.ts";
import { Secret } from "./lib/secrets.ts";
import { sleep } from "./lib/signals.ts";
import { createActing } from "./main/acting.ts";
import { buildBrowser } from "./main/browser.ts";
import { buildChannels } from "./main/channels.ts";
import { claim } from "./main/claim.ts";
import { createDialects } from "./main/dialects.ts";
import { createAgentMethods } from "./services/agent-methods.ts";
import { createAgents } from "./services/agents/agents.ts";
import { createChannelPort } from "./services/channels/tool-port.ts";
import { createCredentials } from "./services/credentials.ts";
import { createCron } from "./services/cron/cron.ts";
import { createEvents } from "./services/events.ts";
import { startMaintenance } from "./services/maintenance.ts";
import { measure } from "./services/metrics.ts";
import { createModels } from "./services/models/models.ts";
import { createRuns } from "./services/runs/runs.ts";
import { announceSession } from "./services/sessions/announce.ts";
import { createSessions } from "./services/sessions/sessions.ts";
import { createSessionPorts } from "./services/sessions/tool-port.ts";
import { createStatus } from "./services/status.ts";
import { createTasks } from "./services/tasks/tasks.ts";
import { createTickets } from "./services/tickets.ts";
import { createTokenStore, createTokens } from "./services/tokens.ts";
import { deleteAllowedCallsOf } from "./storage/allowed-calls.ts";
import { openDatabase } from "./storage/database.ts";
import { createTransport } from "./transport/server.ts";

/** How long running runs may go on once the gateway has been asked to stop, ms. */
const graceMs = 10_000;

/** What the gateway tells clients that it can do. */
const capabilities = ["chat", "channels", "browser"];

export interface GatewayStart {
  loaded: LoadedConfig;
  env: Environment;
  homeDir: string;
}

export interface Gateway {
  /** Where it answers, e.g. `http://127.0.0.1:18789`. */
  url: string;
  /** The default model. */
  model: string;
  /** Stops: no new work, a grace for what runs, then everything is closed. */
  close(): Promise<void>;
}

/** Builds the gateway, once, from its parts, and opens the port. */
export async function startGateway({ loaded, env, homeDir }: GatewayStart): Promise<Gateway> {
  const { config, stateDir } = loaded;
  const clock = systemClock;
  const startedAt = clock.now();
  const ids = createIds(() => clock.now());
  await ensureStateDirectory(stateDir);
  const unlock = await claim(stateDir);
  const { log, close: closeLog } = openLog(config.logging.level);
  const dbFile = databaseFile(config.storage.url, stateDir, homeDir);
  const file = createConfigFile({ path: loaded.path, env });
  const db = await openDatabase(dbFile, config.storage.durability, startedAt);
  const { limits } = config.gateway;
  const { mode, password } = loaded.auth;
  const token = mode === "token" ? (loaded.auth.token ?? (await gatewayToken(stateDir))) : undefined;

  const events = createEvents();
  const agents = createAgents(config.agents, { stateDir, homeDir });
  const models = createModels({
    config: config.models,
    keyOf: (variables) => environmentKey(env, variables),
    overrides: loaded.providerOverrides,
    secretOf: (text) => new Secret(text),
    agents,
    choices: config.agents.defaults.models,
    ports: { now: clock.now, random: Math.random, sleep },
  });
  const agentMethods = createAgentMethods({
    agents,
    file,
    models,
    events,
    log,
    forget: (agentId) => db.write((tx) => deleteAllowedCallsOf(tx, agentId)),
  });
  const { browser, media, routes: mediaRoutes } = buildBrowser({ loaded, env, db, ids, clock, log });
  const acting = await createActing({
    loaded,
    env,
    db,
    databaseFile: dbFile,
    models,
    clock,
    ids,
    log,
    measures: () => measured,
    ports: () => ({ sessionPorts, tasks, channelPort, cron, browser }),
  });
  const maintenance = startMaintenance({ db, clock, log, media });
  const announce = announceSession({ db, events });
  const runs = createRuns({
    db,
    agents,
    models,
    ...acting.forRuns,
    mode: config.session.queue,
    ids,
    clock,
    log,
    timeoutMs: limits.timeoutMs,
    onStart: (run, isNew) => announce(run, isNew ? "created" : "message"),
    onEnd(outcome, run) {
      measured.runEnded({ ...outcome, providerId: run.answering.providerId });
      announce(run, "message");
    },
  });
  const sessions = createSessions({
    db,
    runs,
    contexts: acting.forRuns.contexts,
    models,
    events,
    ids,
    clock,
    purge: maintenance.nudge,
    onGone(sessionId) {
      acting.endSession(sessionId);
      browser.endSession(sessionId);
    },
  });
  const sessionPorts = createSessionPorts({ db, runs });
  const tasks = createTasks({ db, runs, ids, clock, log });
  const cron = createCron({
    db,
    runs,
    agents,
    events,
    ids,
    clock,
    log,
    config: config.cron,
    timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  const { channels, routes: webhookRoutes } = buildChannels({
    ...{ loaded, env, file, db, runs, sessions, models, agents, events, ids, clock, log, version },
    outbound: acting.outbound,
    count: (channel, outcome) => measured.channelMessage(channel, outcome),
  });
  const channelPort = createChannelPort(channels);
  const tickets = createTickets({ clock });
  const credentials = createCredentials({
    mode,
    token,
    password,
    tokens: createTokenStore(db),
    tickets,
    clock,
  });
  const tokens = createTokens({ db, ids, clock, onRevoked: credentials.revoked });
  const metrics = createMetrics();
  const measured = measure(metrics, { runs, db });

  let isDraining = false;
  let port = config.gateway.port;
  const status = createStatus({
    version,
    clock,
    startedAt,
    auth: mode,
    address: () => ({ host: loaded.host, port }),
    draining: () => isDraining,
    channels,
    models,
    defaultAgentModel: () => agents.get().model,
    runs,
    db,
  });
  const dispatch = createDispatch(
    createHandlers({
      status,
      agents: agentMethods,
      runs,
      sessions,
      models,
      channels,
      browser,
      media,
      approvals: acting.approvals,
      cron,
      tokens,
      tickets,
    }),
  );
  const dialects = createDialects({ db, models, runs, acting, clock, ids, timeoutMs: limits.timeoutMs });
  const transport = createTransport({
    dispatch,
    credentials,
    limits,
    origins: {
      allowedHosts: config.gateway.allowedHosts,
      allowedOrigins: config.gateway.controlUi.allowedOrigins,
      boundAddress: loaded.host,
      hostName: hostname(),
    },
    routes: [
      ...dialects.routes,
      ...webhookRoutes,
      ...mediaRoutes,
      ...systemRoutes({
        version,
        notReady: async () => (isDraining ? "The gateway is shutting down." : await db.check()),
        channels: async () => Object.fromEntries((await channels.list()).map((it) => [it.id, it.status])),
        metrics: () => metrics.render(),
      }),
    ],
    socketRoutes: dialects.socketRoutes,
    version,
    capabilities,
    log,
    ids,
    clock,
    broadcast: events.listen,
    metrics: measured,
  });

  async function release(): Promise<void> {
    await browser.close();
    await acting.close();
    await maintenance.close();
    await models.close();
    credentials.close();
    measured.close();
    await db.close();
    unlock();
    closeLog();
  }

  try {
    const repaired = await runs.recover();
    if (repaired.interrupted + repaired.restarted > 0)
      log.info(repaired, "runs of the last process taken up");
    await tasks.recover();
    await dialects.recover();
    const address = await transport.listen(port, loaded.host);
    port = address.port;
    log.info({ host: loaded.host, port, version }, "gateway ready");
    void cron.start(); // it never rejects, and nobody has to wait for it
    setImmediate(() => void channels.start()); // nor this, and the port comes first
    void browser
      .reap()
      .catch((err: unknown) => log.warn({ err }, "browsers left running were not looked for"));
  } catch (error) {
    await release();
    throw error;
  }

  return {
    url: `http://${urlHost(loaded.host)}:${port}`,
    model: agents.get().model ?? (await models.defaultModel()),
    async close() {
      isDraining = true;
      log.info({}, "gateway stopping");
      transport.drain();
      await cron.close();
      channels.stop();
      await runs.drain(graceMs);
      await channels.close();
      await dialects.close();
      await tasks.close();
      await transport.close();
      await release();
    },
  };
}

/** An address as it stands in a URL; one that means "everywhere" is reached by loopback. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
