import type { Message, Methods, Session } from "./contract.gen.ts";
import type { CallOptions } from "./http.ts";
import type { HttpMethod } from "./request.ts";

type Params<M extends HttpMethod> = Methods[M]["params"];
type Rest<M extends HttpMethod, K extends string> = Omit<Params<M>, K>;
type Call = <M extends HttpMethod>(
  method: M,
  params: Params<M>,
  options?: CallOptions,
) => Promise<Methods[M]["result"]>;

/** The methods of the contract by what they are about; those of runs are the client's own. */
export type Groups = ReturnType<typeof createGroups>;

export function createGroups(call: Call) {
  return {
    agents: {
      list: (options?: CallOptions) => call("agent.list", {}, options),
      get: (agentId: string, options?: CallOptions) => call("agent.get", { agentId }, options),
      create: (agent: Params<"agent.create">, options?: CallOptions) => call("agent.create", agent, options),
      /** `null` takes a setting away. */
      update: (agentId: string, changes: Rest<"agent.update", "agentId">, options?: CallOptions) =>
        call("agent.update", { ...changes, agentId }, options),
      delete: (agentId: string, options?: CallOptions) => call("agent.delete", { agentId }, options),
    },

    sessions: {
      list: (params: Params<"session.list"> = {}, options?: CallOptions) =>
        call("session.list", params, options),
      /** All sessions, page after page, last used first. */
      iterate: (params: Params<"session.list"> = {}, options?: CallOptions) =>
        everySession(call, params, options),
      /** A session with its newest page of messages. */
      get: (sessionKey: string, params: Rest<"session.get", "sessionKey"> = {}, options?: CallOptions) =>
        call("session.get", { ...params, sessionKey }, options),
      /** All messages, page after page, the oldest first. */
      messages: (
        sessionKey: string,
        params: Rest<"session.export", "sessionKey"> = {},
        options?: CallOptions,
      ) => everyMessage(call, { ...params, sessionKey }, options),
      export: (
        sessionKey: string,
        params: Rest<"session.export", "sessionKey"> = {},
        options?: CallOptions,
      ) => call("session.export", { ...params, sessionKey }, options),
      update: (sessionKey: string, changes: Rest<"session.update", "sessionKey">, options?: CallOptions) =>
        call("session.update", { ...changes, sessionKey }, options),
      delete: (sessionKey: string, options?: CallOptions) => call("session.delete", { sessionKey }, options),
      /** Empties it. */
      reset: (sessionKey: string, options?: CallOptions) => call("session.reset", { sessionKey }, options),
      /** Has all but the last turn summed up for the model. */
      compact: (sessionKey: string, options?: CallOptions) =>
        call("session.compact", { sessionKey }, options),
      /** Copies it, as a whole or up to a message. */
      fork: (sessionKey: string, params: Rest<"session.fork", "sessionKey"> = {}, options?: CallOptions) =>
        call("session.fork", { ...params, sessionKey }, options),
    },

    models: {
      /** Everything that can be called now, agents too. */
      list: (options?: CallOptions) => call("model.list", {}, options),
      get: (id: string, options?: CallOptions) => call("model.get", { id }, options),
    },

    approvals: {
      /** The calls that wait for an answer. */
      list: (options?: CallOptions) => call("approval.list", {}, options),
      resolve: (
        approvalId: string,
        decision: Params<"approval.resolve">["decision"],
        options?: CallOptions,
      ) => call("approval.resolve", { approvalId, decision }, options),
      /** Every decision, the newest first. */
      log: (params: Params<"approval.log"> = {}, options?: CallOptions) =>
        call("approval.log", params, options),
      /** What `always` has allowed. */
      allowlist: (options?: CallOptions) => call("approval.allowlist", {}, options),
      /** Takes an entry of the allow-list back. */
      forget: (entryId: string, options?: CallOptions) => call("approval.forget", { entryId }, options),
    },

    cron: {
      list: (options?: CallOptions) => call("cron.list", {}, options),
      /** A job with its last slots. */
      get: (jobId: string, options?: CallOptions) => call("cron.get", { jobId }, options),
      create: (job: Params<"cron.create">, options?: CallOptions) => call("cron.create", job, options),
      update: (jobId: string, changes: Rest<"cron.update", "jobId">, options?: CallOptions) =>
        call("cron.update", { ...changes, jobId }, options),
      delete: (jobId: string, options?: CallOptions) => call("cron.delete", { jobId }, options),
      /** Runs it now, whatever its schedule says. */
      run: (jobId: string, options?: CallOptions) => call("cron.run", { jobId }, options),
    },

    channels: {
      list: (options?: CallOptions) => call("channel.list", {}, options),
      status: (channelId: string, options?: CallOptions) => call("channel.status", { channelId }, options),
      enable: (channelId: string, options?: CallOptions) => call("channel.enable", { channelId }, options),
      disable: (channelId: string, options?: CallOptions) => call("channel.disable", { channelId }, options),
      login: (channelId: string, params: Rest<"channel.login", "channelId"> = {}, options?: CallOptions) =>
        call("channel.login", { ...params, channelId }, options),
      logout: (channelId: string, params: Rest<"channel.logout", "channelId"> = {}, options?: CallOptions) =>
        call("channel.logout", { ...params, channelId }, options),
      /** Writes its settings into the gateway's configuration and starts it. */
      add: (channelId: string, params: Rest<"channel.add", "channelId">, options?: CallOptions) =>
        call("channel.add", { ...params, channelId }, options),
      /** The whole channel, or one account of it. */
      remove: (channelId: string, params: Rest<"channel.remove", "channelId"> = {}, options?: CallOptions) =>
        call("channel.remove", { ...params, channelId }, options),
      send: (channelId: string, message: Rest<"channel.send", "channelId">, options?: CallOptions) =>
        call("channel.send", { ...message, channelId }, options),
      /** What went out, the newest first. */
      deliveries: (
        channelId: string,
        params: Rest<"channel.deliveries", "channelId"> = {},
        options?: CallOptions,
      ) => call("channel.deliveries", { ...params, channelId }, options),
      /** Sends again what failed, or what may not have arrived. */
      retry: (channelId: string, deliveryId: string, options?: CallOptions) =>
        call("channel.retry", { channelId, deliveryId }, options),
    },

    pairings: {
      /** Who waits to be let in, and who was. */
      list: (params: Params<"pairing.list"> = {}, options?: CallOptions) =>
        call("pairing.list", params, options),
      approve: (channelId: string, code: string, options?: CallOptions) =>
        call("pairing.approve", { channelId, code }, options),
      remove: (channelId: string, peerId: string, options?: CallOptions) =>
        call("pairing.remove", { channelId, peerId }, options),
      /** Turns down all who wait. */
      clear: (params: Params<"pairing.clear"> = {}, options?: CallOptions) =>
        call("pairing.clear", params, options),
      /** What became of requests, the newest first. */
      history: (params: Params<"pairing.history"> = {}, options?: CallOptions) =>
        call("pairing.history", params, options),
    },

    browser: {
      status: (options?: CallOptions) => call("browser.status", {}, options),
      start: (params: Params<"browser.start"> = {}, options?: CallOptions) =>
        call("browser.start", params, options),
      stop: (params: Params<"browser.stop"> = {}, options?: CallOptions) =>
        call("browser.stop", params, options),
      navigate: (params: Params<"browser.navigate">, options?: CallOptions) =>
        call("browser.navigate", params, options),
      back: (params: Params<"browser.back"> = {}, options?: CallOptions) =>
        call("browser.back", params, options),
      forward: (params: Params<"browser.forward"> = {}, options?: CallOptions) =>
        call("browser.forward", params, options),
      reload: (params: Params<"browser.reload"> = {}, options?: CallOptions) =>
        call("browser.reload", params, options),
      screenshot: (params: Params<"browser.screenshot"> = {}, options?: CallOptions) =>
        call("browser.screenshot", params, options),
      pdf: (params: Params<"browser.pdf"> = {}, options?: CallOptions) =>
        call("browser.pdf", params, options),
      /** The page as a tree; its refs are what `act` takes. */
      snapshot: (params: Params<"browser.snapshot"> = {}, options?: CallOptions) =>
        call("browser.snapshot", params, options),
      act: (params: Params<"browser.act">, options?: CallOptions) => call("browser.act", params, options),
      evaluate: (params: Params<"browser.evaluate">, options?: CallOptions) =>
        call("browser.evaluate", params, options),
      upload: (params: Params<"browser.upload">, options?: CallOptions) =>
        call("browser.upload", params, options),
      tabs: (params: Params<"browser.tabs"> = {}, options?: CallOptions) =>
        call("browser.tabs", params, options),
      open: (params: Params<"browser.open"> = {}, options?: CallOptions) =>
        call("browser.open", params, options),
      activate: (tabId: string, options?: CallOptions) => call("browser.activate", { tabId }, options),
      close: (tabId: string, options?: CallOptions) => call("browser.close", { tabId }, options),
      console: (params: Params<"browser.console"> = {}, options?: CallOptions) =>
        call("browser.console", params, options),
      network: (params: Params<"browser.network"> = {}, options?: CallOptions) =>
        call("browser.network", params, options),
      profiles: (options?: CallOptions) => call("browser.profiles", {}, options),
      createProfile: (params: Params<"browser.profile.create">, options?: CallOptions) =>
        call("browser.profile.create", params, options),
      resetProfile: (profile: string, options?: CallOptions) =>
        call("browser.profile.reset", { profile }, options),
      deleteProfile: (profile: string, options?: CallOptions) =>
        call("browser.profile.delete", { profile }, options),
      request: (params: Params<"browser.request">, options?: CallOptions) =>
        call("browser.request", params, options),
    },

    media: {
      list: (params: Params<"media.list"> = {}, options?: CallOptions) => call("media.list", params, options),
      /** With its bytes in base64. */
      get: (mediaId: string, options?: CallOptions) => call("media.get", { mediaId }, options),
      delete: (mediaId: string, options?: CallOptions) => call("media.delete", { mediaId }, options),
    },

    tokens: {
      list: (options?: CallOptions) => call("token.list", {}, options),
      /** The answer alone holds the token itself. */
      create: (token: Params<"token.create">, options?: CallOptions) => call("token.create", token, options),
      revoke: (tokenId: string, options?: CallOptions) => call("token.revoke", { tokenId }, options),
      rotate: (tokenId: string, options?: CallOptions) => call("token.rotate", { tokenId }, options),
    },

    tickets: {
      /** A credential for one WebSocket, for 30 s. `chat` fetches its own. */
      create: (options?: CallOptions) => call("ticket.create", {}, options),
    },
  };
}

async function* everySession(
  call: Call,
  params: Params<"session.list">,
  options: CallOptions | undefined,
): AsyncGenerator<Session, void, undefined> {
  let cursor = params.cursor;
  do {
    const page = await call("session.list", { ...params, ...(cursor && { cursor }) }, options);
    yield* page.sessions;
    cursor = page.nextCursor;
  } while (cursor);
}

async function* everyMessage(
  call: Call,
  params: Params<"session.export">,
  options: CallOptions | undefined,
): AsyncGenerator<Message, void, undefined> {
  let after = params.after;
  do {
    const page = await call("session.export", { ...params, ...(after && { after }) }, options);
    yield* page.messages;
    after = page.nextAfter;
  } while (after);
}
