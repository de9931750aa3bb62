import type { ResultOf } from "openclaw-protocol";
import { isoTime } from "../lib/clock.ts";
import { GatewayError } from "../lib/errors.ts";
import type { AgentMethods } from "../services/agent-methods.ts";
import type { Approvals } from "../services/approvals/approvals.ts";
import type { Browser } from "../services/browser/browser.ts";
import type { Channels } from "../services/channels/channels.ts";
import type { Cron } from "../services/cron/cron.ts";
import type { Media } from "../services/media.ts";
import type { Models } from "../services/models/models.ts";
import { modelPage } from "../services/models/page.ts";
import type { Runs } from "../services/runs/runs.ts";
import type { RunRequest } from "../services/runs/types.ts";
import type { Sessions } from "../services/sessions/sessions.ts";
import type { Tickets } from "../services/tickets.ts";
import type { Tokens } from "../services/tokens.ts";
import { browserHandlers } from "./browser-handlers.ts";
import type { Call, Handler, Handlers } from "./dispatch.ts";

/** The services that methods are made of. */
export interface Services {
  status(): Promise<ResultOf<"system.status">>;
  agents: AgentMethods;
  runs: Runs;
  sessions: Sessions;
  models: Models;
  channels: Channels;
  browser: Browser;
  media: Media;
  approvals: Approvals;
  cron: Cron;
  tokens: Tokens;
  tickets: Tickets;
}

/** What each method of the table does. */
export function createHandlers(services: Services): Handlers {
  const { agents, runs, sessions, models, channels, browser, media, approvals, cron, tokens, tickets } =
    services;
  return {
    "system.status": () => services.status(),
    "system.health": async () => {
      const { status, version } = await services.status();
      return { status, version };
    },

    "agent.run": (params, call) => runs.answer(requestOf(params, call), call.signal),
    "chat.run": async (params, call) => {
      const { runId, sessionKey, status, follow } = await runs.start(requestOf(params, call));
      call.connection?.watch(runId, await follow(params.options?.stream));
      return { runId, sessionKey, status };
    },
    "run.get": ({ runId }, { caller }) => runs.get(runId, caller),
    "chat.abort": async ({ runId }, { caller }) => ({ aborted: await runs.abort(runId, caller) }),
    "chat.subscribe": async (params, { caller, connection }) => {
      const subscription = await runs.follow({ caller, ...params });
      const { runId, sessionKey, status, lastSeq } = subscription;
      if (connection) connection.watch(watchKey(params), subscription);
      else subscription.close();
      return { runId, sessionKey, status, lastSeq };
    },
    "chat.unsubscribe": async (params, { connection }) => {
      if ((params.runId === undefined) === (params.sessionKey === undefined)) {
        throw new GatewayError("invalid_request", "Give exactly one of runId and sessionKey.", {
          param: "runId",
        });
      }
      return { unsubscribed: connection?.unwatch(watchKey(params)) ?? false };
    },

    "agent.list": async () => agents.list(),
    "agent.get": async ({ agentId }) => agents.get(agentId),
    "agent.create": (params, { caller }) => agents.create(params, caller),
    "agent.update": (params, { caller }) => agents.update(params, caller),
    "agent.delete": ({ agentId }, { caller }) => agents.delete(agentId, caller),

    "session.list": (params, { caller }) => sessions.list(params, caller),
    "session.get": (params, { caller }) => sessions.get(params, caller),
    "session.export": (params, { caller }) => sessions.export(params, caller),
    "session.update": (params, { caller }) => sessions.update(params, caller),
    "session.delete": ({ sessionKey }, { caller }) => sessions.delete(sessionKey, caller),
    "session.reset": ({ sessionKey }, { caller }) => sessions.reset(sessionKey, caller),
    "session.compact": ({ sessionKey }, { caller, signal }) => sessions.compact(sessionKey, caller, signal),
    "session.fork": (params, { caller }) => sessions.fork(params, caller),

    "model.list": async (query) => modelPage(await models.list(), query),
    "model.get": ({ id }) => models.get(id),

    "channel.list": async () => ({ channels: await channels.list() }),
    "channel.status": ({ channelId }) => channels.status(channelId),
    "channel.enable": ({ channelId }) => channels.setEnabled(channelId, true),
    "channel.disable": ({ channelId }) => channels.setEnabled(channelId, false),
    "channel.login": (params, { signal }) => channels.login(params, signal),
    "channel.logout": (params, { signal }) => channels.logout(params, signal),
    "channel.add": (params) => channels.add(params),
    "channel.remove": (params) => channels.remove(params),
    "channel.send": ({ idempotencyKey, ...params }, call) =>
      channels.send({ ...params, idempotencyKey: idempotencyKey ?? call.idempotencyKey }, call),
    "channel.deliveries": (query) => channels.deliveries(query),
    "channel.retry": (params) => channels.retry(params),

    "pairing.list": (query) => channels.pairing.list(query),
    "pairing.approve": async (params, { caller }) => (await channels.pairing.approve(params, caller)).pairing,
    "pairing.remove": (params, { caller }) => channels.pairing.remove(params, caller),
    "pairing.clear": (params, { caller }) => channels.pairing.clear(params, caller),
    "pairing.history": (query) => channels.pairing.history(query),

    ...browserHandlers(browser),

    "media.list": (query) => media.list(query),
    "media.get": ({ mediaId }, { signal }) => media.get(mediaId, { signal }),
    "media.delete": ({ mediaId }) => media.delete(mediaId),

    "approval.list": async () => ({ approvals: approvals.list() }),
    "approval.resolve": (params, { caller }) => approvals.resolve(params, caller),
    "approval.log": (params) => approvals.log(params),
    "approval.allowlist": () => approvals.allowlist(),
    "approval.forget": ({ entryId }) => approvals.forget(entryId),

    "cron.list": () => cron.list(),
    "cron.get": ({ jobId }) => cron.get(jobId),
    "cron.create": (params, { caller }) => cron.create(params, caller),
    "cron.update": (params, { caller }) => cron.update(params, caller),
    "cron.delete": ({ jobId }) => cron.delete(jobId),
    "cron.run": ({ jobId }) => cron.run(jobId),

    "token.list": () => tokens.list(),
    "token.create": (params, { caller }) => tokens.create(params, caller),
    "token.revoke": ({ tokenId }) => tokens.revoke(tokenId),
    "token.rotate": ({ tokenId }) => tokens.rotate(tokenId),
    "ticket.create": async (_, { caller }) => {
      const { ticket, expiresAt } = tickets.issue(caller);
      return { ticket, expiresAt: isoTime(expiresAt) };
    },
  };
}

type ChatParams = Parameters<Handler<"chat.run">>[0];

function requestOf(params: ChatParams, call: Call): RunRequest {
  const { stream: _, idempotencyKey, ...request } = params;
  return { ...request, caller: call.caller, idempotencyKey: idempotencyKey ?? call.idempotencyKey };
}

function watchKey({
  runId,
  sessionKey,
}: {
  runId?: string | undefined;
  sessionKey?: string | undefined;
}): string {
  return runId ?? `session:${sessionKey}`;
}
