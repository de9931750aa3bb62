import { realpath } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { type AllowedCallKey, findAllowedCall } from "../../storage/allowed-calls.ts";
import type { Database } from "../../storage/database.ts";
import type { GateRequest } from "../gate.ts";
import type { CommandList } from "./command-list.ts";
import { isManyInOne } from "./programs.ts";

/** Longest call, in characters of its words, that a list may name. */
const wordsAtMost = 16_384;

/**
 * The words of a call that stand for it on a list; undefined where words do not tell what would happen: the file that
 * runs may have been written by the agent, or more is handed over than words.
 */
export async function wordsOf({
  scope,
  params,
  prepared: { words, risks },
}: Pick<GateRequest, "scope" | "params" | "prepared">): Promise<readonly string[] | undefined> {
  if (!words || words.length === 0 || JSON.stringify(words).length > wordsAtMost) return undefined;
  if (!risks.includes("system-command")) return words;
  const program = words[0]!; // not empty
  if (isGiven(params, "env") || isGiven(params, "stdin")) return undefined;
  if (!isAbsolute(program) || isManyInOne(program)) return undefined;
  const { workspace } = scope.agent;
  const folders = [workspace, await realOf(workspace)];
  const files = [program, await realOf(program)];
  return folders.some((folder) => files.some((file) => isWithin(folder, file))) ? undefined : words;
}

/** The name under which a call stands on the list of those that were allowed for good. */
export function keyOf(
  { scope, tool }: Pick<GateRequest, "scope" | "tool">,
  words: readonly string[],
): AllowedCallKey {
  return { agent_id: scope.agent.id, tool, words_json: JSON.stringify(words) };
}

/** Which list names the call; undefined: none does. */
export async function listNaming(
  request: Pick<GateRequest, "scope" | "tool" | "prepared">,
  words: readonly string[],
  { db, commands }: { db: Pick<Database, "read">; commands: CommandList },
): Promise<string | undefined> {
  const isCommand = request.prepared.risks.includes("system-command");
  if (isCommand && commands.matches(words, await realOf(words[0] ?? ""))) return "tools.allowlist names it";
  const found = await findAllowedCall(db.read, keyOf(request, words));
  return found && `${found.decided_by} has allowed it for good`;
}

/** Where a path leads; the path itself where nothing is there. */
function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** A value that is there and holds something. */
function isGiven(params: unknown, name: string): boolean {
  if (typeof params !== "object" || params === null || !Object.hasOwn(params, name)) return false;
  const value = (params as Record<string, unknown>)[name]; // an object, as just checked
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== "";
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
