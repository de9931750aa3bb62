import { type ThinkingLevel, thinkingLevels } from "openclaw-protocol";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Database } from "../../storage/database.ts";
import { unfinishedRuns } from "../../storage/runs.ts";
import { findSession, insertSession, type SessionRow } from "../../storage/sessions.ts";
import type { Caller } from "../access.ts";
import type { Agents } from "../agents/agents.ts";
import type { Models } from "../models/models.ts";
import { callerNamed } from "../runs/rights.ts";
import type { Runs } from "../runs/runs.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { type ChatCommand, commandNames } from "./chat-commands.ts";
import { codeSpan } from "./code-span.ts";

/** The chat that a command was given in. */
export interface CommandPlace {
  sessionKey: string;
  agentId: string;
  /** Whom the runs of this chat belong to. */
  callerId: string;
  /** Where a session belongs that a setting has to make; without it there has to be one. */
  channelId?: string | undefined;
}

export interface ChannelCommands {
  /** Does what the owner said, and resolves with what to say about it, in Markdown. */
  run(command: ChatCommand, place: CommandPlace): Promise<string>;
}

export interface CommandsDeps {
  sessions: Pick<Sessions, "reset" | "update">;
  runs: Pick<Runs, "abort">;
  models: Pick<Models, "defaultModel" | "resolve">;
  agents: Pick<Agents, "get">;
  db: Database;
  version: string;
  clock?: Clock | undefined;
}

/** Most runs of the house that are looked through for those of a session. */
const runsAtMost = 10_000;
const modelIdAtMost = 256;

const help: Record<(typeof commandNames)[number], string> = {
  status: "what this chat is set to and what it has used",
  new: "forget this conversation and begin another",
  reset: "the same",
  stop: "stop what is being answered",
  model: "show the model; `/model provider/name` sets it, `/model default` takes the usual one",
  think: `show how hard the model thinks; \`/think high\` sets it (${thinkingLevels.join(", ")}), \`/think default\` takes the usual level`,
  help: "this list",
};

/** Commands of the owner. They never reach a model. */
export function createChannelCommands(deps: CommandsDeps): ChannelCommands {
  const { sessions, runs, models, agents, db, clock = systemClock } = deps;

  return {
    async run(command, place) {
      const caller = callerNamed(place.callerId, ["read", "chat", "operate"], undefined);
      try {
        return await obey(command, place, caller);
      } catch (error) {
        if (error instanceof GatewayError && error.code !== "internal_error") return error.message;
        throw error;
      }
    },
  };

  async function obey({ name, args }: ChatCommand, place: CommandPlace, caller: Caller): Promise<string> {
    switch (name) {
      case "status":
        return status(place);
      case "new":
      case "reset":
        return reset(place, caller);
      case "stop":
        return stop(place, caller);
      case "model":
        return model(args, place, caller);
      case "think":
        return think(args, place, caller);
      default:
        return commandNames.map((it) => `- \`/${it}\` – ${help[it]}`).join("\n");
    }
  }

  async function status(place: CommandPlace): Promise<string> {
    const session = await findSession(db.read, place.sessionKey);
    const agent = agents.get(session?.agent_id ?? place.agentId);
    const tokens = (session?.prompt_tokens ?? 0) + (session?.completion_tokens ?? 0);
    return [
      `- Agent: ${codeSpan(agent.id)}`,
      `- Model: ${codeSpan(await modelOf(place, session))}`,
      `- Thinking: ${thinkingOf(place, session)}`,
      `- Messages: ${session?.message_count ?? 0}`,
      `- Tokens: ${tokens}, cost: ${dollars(session?.cost ?? 0)}`,
      `- OpenClaw ${deps.version}`,
    ].join("\n");
  }

  async function reset({ sessionKey }: CommandPlace, caller: Caller): Promise<string> {
    if (await findSession(db.read, sessionKey)) await sessions.reset(sessionKey, caller);
    return "A new conversation begins; what was said before is forgotten.";
  }

  /** Ends the session's runs, the last first, so that none of those that wait begins. */
  async function stop({ sessionKey }: CommandPlace, caller: Caller): Promise<string> {
    const session = await findSession(db.read, sessionKey);
    const open = session ? await unfinishedRuns(db.read, runsAtMost) : [];
    let stopped = 0;
    for (const run of open.filter((it) => it.session_id === session?.id).reverse()) {
      if (await runs.abort(run.id, caller)) stopped += 1;
    }
    if (stopped === 0) return "Nothing is being answered here.";
    return stopped === 1 ? "Stopped 1 answer." : `Stopped ${stopped} answers.`;
  }

  async function model(args: string, place: CommandPlace, caller: Caller): Promise<string> {
    const session = await findSession(db.read, place.sessionKey);
    if (args === "") return `The model is ${codeSpan(await modelOf(place, session))}.`;
    if (/\s/.test(args) || args.length > modelIdAtMost) return "Say it like `/model provider/name`.";
    if (args.toLowerCase() === "default") {
      if (session) await sessions.update({ sessionKey: place.sessionKey, model: null }, caller);
      return `The model is the usual one again, ${codeSpan(await modelOf(place, undefined))}.`;
    }
    const { id } = await models.resolve(args);
    if (!(await makeSure(session, place))) return nothingSaid;
    await sessions.update({ sessionKey: place.sessionKey, model: id }, caller);
    return `The model is now ${codeSpan(id)}.`;
  }

  async function think(args: string, place: CommandPlace, caller: Caller): Promise<string> {
    const session = await findSession(db.read, place.sessionKey);
    if (args === "") return `Thinking is ${thinkingOf(place, session)}.`;
    const wish = args.toLowerCase();
    if (wish === "default") {
      if (session) await sessions.update({ sessionKey: place.sessionKey, thinking: null }, caller);
      return `Thinking is ${thinkingOf(place, undefined)} again, as usual.`;
    }
    const level = thinkingLevels.find((it) => it === wish);
    if (!level) return `There is no such level. Levels are ${thinkingLevels.join(", ")}, and default.`;
    if (!(await makeSure(session, place))) return nothingSaid;
    await sessions.update({ sessionKey: place.sessionKey, thinking: level }, caller);
    return `Thinking is now ${level}; a model that lacks this level uses its nearest.`;
  }

  /** Makes the session where there is none yet: with a model that cannot be called nobody could begin one by speaking. */
  async function makeSure(session: SessionRow | undefined, place: CommandPlace): Promise<boolean> {
    const { sessionKey: key, channelId: channel, callerId: owner } = place;
    if (session) return true;
    if (channel === undefined) return false;
    const agentId = agents.get(place.agentId).id;
    const now = clock.now();
    await db.write(async (tx) => {
      if (await findSession(tx, key)) return;
      await insertSession(tx, { key, agentId, owner, channel, listed: true, title: null, now });
    });
    return true;
  }

  async function modelOf(place: CommandPlace, session: SessionRow | undefined): Promise<string> {
    const agent = agents.get(session?.agent_id ?? place.agentId);
    return session?.model ?? agent.model ?? models.defaultModel();
  }

  function thinkingOf(place: CommandPlace, session: SessionRow | undefined): ThinkingLevel {
    const own = session?.thinking as ThinkingLevel | null | undefined; // stored from a validated level
    return own ?? agents.get(session?.agent_id ?? place.agentId).thinking ?? "off";
  }
}

const nothingSaid = "Nothing was said here yet. Write a message first, then choose.";

/** `$0.0123`: as many digits as there is something to see. */
function dollars(cost: number): string {
  if (cost === 0) return "$0";
  return cost < 0.0001 ? "less than $0.0001" : `$${cost.toFixed(cost < 1 ? 4 : 2)}`;
}
