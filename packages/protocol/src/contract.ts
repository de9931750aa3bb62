import type { z } from "zod";
import { agentMethods } from "./agents.ts";
import { approvalMethods } from "./approvals.ts";
import { browserMethods } from "./browser.ts";
import { channelMethods } from "./channels.ts";
import { cronMethods } from "./cron.ts";
import { mediaMethods } from "./media.ts";
import { modelMethods } from "./models.ts";
import { pairingMethods } from "./pairing.ts";
import { runMethods } from "./runs.ts";
import { sessionMethods } from "./sessions.ts";
import { systemMethods } from "./system.ts";
import { tokenMethods } from "./tokens.ts";

/** THE table: every method of the gateway by its canonical name. */
export const contract = {
  ...systemMethods,
  ...runMethods,
  ...agentMethods,
  ...sessionMethods,
  ...modelMethods,
  ...channelMethods,
  ...pairingMethods,
  ...browserMethods,
  ...mediaMethods,
  ...approvalMethods,
  ...cronMethods,
  ...tokenMethods,
} as const;

export type Contract = typeof contract;
export type MethodName = keyof Contract;

/** What a caller may send: before defaults are filled in. */
export type ParamsOf<N extends MethodName> = z.input<Contract[N]["params"]>;
/** What a handler gets: after validation. */
export type ParsedParamsOf<N extends MethodName> = z.output<Contract[N]["params"]>;
export type ResultOf<N extends MethodName> = z.input<Contract[N]["result"]>;

const names = buildNames();

/**
 * The canonical name behind what a caller wrote: the name itself, a listed alias,
 * or either with its domain in the plural (`sessions.list`). `undefined` when there is none.
 */
export function resolveMethod(name: string): MethodName | undefined {
  return names.get(name);
}

function buildNames(): Map<string, MethodName> {
  const known = new Map<string, MethodName>();
  for (const [name, method] of Object.entries(contract)) {
    const canonical = name as MethodName; // keys of the table
    for (const spelling of [name, ...("aliases" in method ? (method.aliases ?? []) : [])]) {
      known.set(spelling, canonical);
      const dot = spelling.indexOf(".");
      if (dot > 0) known.set(`${spelling.slice(0, dot)}s${spelling.slice(dot)}`, canonical);
    }
  }
  return known;
}
