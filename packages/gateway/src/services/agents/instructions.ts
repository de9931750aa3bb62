import type { Clock } from "../../lib/clock.ts";
import { changeNote, systemPrompt, type ToldFile } from "../../runtime/prompt.ts";
import type { Database, Tx } from "../../storage/database.ts";
import { insertPrompt, keepTold, lastTold, promptText, type Told } from "../../storage/session-prompts.ts";
import type { Agent } from "./agents.ts";
import { createToldFiles, type ToldText, toldText } from "./told-files.ts";
import type { Workspaces } from "./workspace.ts";

/** What a message's run is told by the gateway. */
export interface PreparedInstructions {
  /** What has changed since the model was last told; goes before the message. */
  readonly note: string | undefined;
  /** Writes down what was told, in the transaction that stores the message. May run more than once. */
  store(tx: Tx, sessionId: number): Promise<void>;
}

/** What sessions are told of their agent: once, and then only what changes, so that what was sent stays as it is. */
export interface Instructions {
  /** For a message that is about to be stored; without a session it will be the first of a new one. */
  prepare(
    session: { readonly id: number; readonly created_at: number } | undefined,
    agent: Agent,
    extra?: { readonly tools?: readonly string[] | undefined },
  ): Promise<PreparedInstructions>;
  /** The system prompt that the session began with. */
  system(sessionId: number, agent: Agent): Promise<string>;
}

export interface InstructionsDeps {
  db: Database;
  clock: Clock;
  workspaces: Workspaces;
}

const dayMs = 86_400_000;
/** System prompts that are kept in memory: so many, and so many characters in all. */
const keptAtMost = 1_000;
const keptCharacters = 4_000_000;
/** As a file among the others: the owner may change it, too. */
const ownInstructions = "Your instructions";

export function createInstructions({ db, clock, workspaces }: InstructionsDeps): Instructions {
  const toldFiles = createToldFiles();
  const prompts = createPromptCache();

  /** All that sessions of the agent are told, as it is now. */
  async function textsOf(agent: Agent): Promise<ToldText[]> {
    const files = await toldFiles.read(await workspaces.filePortOf(agent));
    return agent.instructions ? [toldText(ownInstructions, agent.instructions), ...files] : files;
  }

  function begin(agent: Agent, texts: readonly ToldText[], startedAt: number, tools?: readonly string[]) {
    const text = systemPrompt({
      agentName: agent.name,
      instructions: agent.instructions,
      files: texts.filter((it) => it.name !== ownInstructions),
      startedAt,
      tools,
    });
    const told: Told = { files: hashesOf(texts), toldAt: startedAt };
    return { text, told };
  }

  return {
    async prepare(session, agent, { tools } = {}) {
      const now = clock.now();
      const [texts, known] = await Promise.all([
        textsOf(agent),
        session ? lastTold(db.read, session.id) : undefined,
      ]);
      // Sessions of versions that kept no prompts get one here, too.
      const beginning = known ? undefined : begin(agent, texts, session?.created_at ?? now, tools);
      const told = known ?? beginning!.told; // one of them is there
      const isNewDay = Math.floor(now / dayMs) !== Math.floor(told.toldAt / dayMs);
      const note = changeNote(changesSince(told, texts), isNewDay ? now : undefined);
      return {
        note,
        async store(tx, sessionId) {
          if (beginning) await insertPrompt(tx, sessionId, beginning.text, beginning.told);
          const toldAt = isNewDay ? now : told.toldAt;
          if (note !== undefined) await keepTold(tx, sessionId, { files: hashesOf(texts), toldAt });
        },
      };
    },

    async system(sessionId, agent) {
      const kept = prompts.get(sessionId) ?? (await promptText(db.read, sessionId));
      if (kept !== undefined) {
        prompts.keep(sessionId, kept);
        return kept;
      }
      const { text, told } = begin(agent, await textsOf(agent), clock.now());
      return db.write(async (tx) => {
        await insertPrompt(tx, sessionId, text, told);
        return (await promptText(tx, sessionId)) ?? text;
      });
    },
  };
}

function hashesOf(texts: readonly ToldText[]): Record<string, string> {
  return Object.fromEntries(texts.map((it) => [it.name, it.hash]));
}

function changesSince({ files }: Told, texts: readonly ToldText[]): ToldFile[] {
  const gone = Object.keys(files).filter((name) => !texts.some((it) => it.name === name));
  return [
    ...texts.filter((it) => files[it.name] !== it.hash),
    ...gone.map((name) => ({ name, text: undefined })),
  ];
}

/** Prompts by session, the last used ones. */
function createPromptCache() {
  const kept = new Map<number, string>();
  let characters = 0;

  function drop(sessionId: number): void {
    characters -= kept.get(sessionId)?.length ?? 0;
    kept.delete(sessionId);
  }

  return {
    get: (sessionId: number) => kept.get(sessionId),
    keep(sessionId: number, text: string): void {
      drop(sessionId);
      kept.set(sessionId, text);
      characters += text.length;
      for (const oldest of kept.keys()) {
        if (kept.size <= keptAtMost && characters <= keptCharacters) break;
        drop(oldest);
      }
    },
  };
}
