import type { AgentsConfig, Config, ToolProfile, ToolsConfig } from "openclaw-protocol";
import { nearest } from "../config/nearest.ts";
import type { AgentToolRules } from "./agents/agents.ts";
import type { Inherited } from "./run-scope.ts";

export interface ToolSelection {
  readonly rules: AgentToolRules;
  readonly channel: string;
  readonly inherited?: Pick<Inherited, "tools"> | undefined;
}

/** The tools of a run, sorted. The same tools are the same array, so that what is made of them can be kept by it. */
export type SelectTools = (selection: ToolSelection) => readonly string[];

export interface ToolSelectionDeps {
  tools: Pick<ToolsConfig, "profile" | "allow" | "deny" | "byChannel">;
  /** Every tool of this build. */
  known: readonly string[];
}

/** Most lists that are remembered. */
const listsAtMost = 1_000;

/** `full` is every tool of the build. */
const profiles: Readonly<Record<Exclude<ToolProfile, "full">, readonly string[]>> = {
  minimal: ["clock"],
  messaging: `clock cron message sessions_history sessions_list sessions_send web_fetch web_search`.split(
    " ",
  ),
  coding: `apply_patch clock edit exec list process read search spawn web_fetch web_search write`.split(" "),
};

/**
 * Which tools a run has. The whole config's rules are the ground, an agent's profile replaces its profile, what either
 * allows comes on top; an agent's plain list of names is exactly that list. Channels and the run above only take away,
 * and `deny` always wins. A name that ends in `*` stands for all that begin with the rest.
 */
export function createToolSelection({ tools, known }: ToolSelectionDeps): SelectTools {
  const lists = new Map<string, readonly string[]>();

  function permitted(profile: ToolProfile, allow: readonly string[]): string[] {
    return known.filter((it) => profile === "full" || isNamed(it, profiles[profile]) || isNamed(it, allow));
  }

  function namesOf({ rules, channel, inherited }: ToolSelection): string[] {
    const { byChannel } = tools;
    const here = Object.hasOwn(byChannel, channel) ? byChannel[channel] : undefined;
    const allow = [...(tools.allow ?? []), ...rules.allow];
    const given = rules.only
      ? known.filter((it) => isNamed(it, rules.only!))
      : permitted(rules.profile ?? tools.profile ?? "full", allow);
    const isLimited = here?.profile !== undefined || here?.allow !== undefined;
    const onChannel =
      here && isLimited
        ? known.filter(
            (it) =>
              isNamed(it, here.allow ?? []) ||
              (here.profile !== undefined && permitted(here.profile, []).includes(it)),
          )
        : known;
    const denied = [...(tools.deny ?? []), ...rules.deny, ...(here?.deny ?? [])];
    return given.filter(
      (it) => onChannel.includes(it) && (inherited?.tools.includes(it) ?? true) && !isNamed(it, denied),
    );
  }

  return (selection) => {
    const names = [...new Set(namesOf(selection))].sort();
    const key = names.join(" ");
    const found = lists.get(key);
    if (found) return found;
    if (lists.size >= listsAtMost) lists.clear();
    lists.set(key, names);
    return names;
  };
}

function isNamed(tool: string, names: readonly string[]): boolean {
  return names.some((it) => it === tool || (it.endsWith("*") && tool.startsWith(it.slice(0, -1))));
}

type Rules = AgentsConfig["defaults"]["tools"];

/** Sentences for the owner about rules that name tools which this build lacks. */
export function unknownToolWarnings(
  { tools, agents }: Pick<Config, "tools" | "agents">,
  known: readonly string[],
): string[] {
  const places: [string, Rules][] = [
    ["tools", tools],
    ...Object.entries(tools.byChannel).map(([id, rules]): [string, Rules] => [
      `tools.byChannel.${id}`,
      rules,
    ]),
    ["agents.defaults.tools", agents.defaults.tools],
    ...agents.list.map((it, place): [string, Rules] => [`agents.list[${place}].tools`, it.tools]),
  ];
  return places.flatMap(([place, rules]) =>
    namesIn(place, rules).flatMap(([at, name]) => {
      if (known.some((it) => isNamed(it, [name]))) return [];
      const meant = nearest(name, known);
      return [`${at}: there is no tool "${name}".${meant ? ` Did you mean "${meant}"?` : ""}`];
    }),
  );
}

function namesIn(place: string, rules: Rules): [at: string, name: string][] {
  if (rules === undefined) return [];
  if (Array.isArray(rules)) return rules.map((it) => [place, it]);
  const named = { allow: rules.allow ?? [], deny: rules.deny ?? [], policy: Object.keys(rules.policy ?? {}) };
  return Object.entries(named).flatMap(([key, names]) =>
    names.map((it): [string, string] => [`${place}.${key}`, it]),
  );
}
