import type { ModelChoice } from "openclaw-protocol";

/** A model as `provider/model`, and what to try in its place, in order. */
export interface ChosenModel {
  primary: string;
  fallbacks: readonly string[];
}

/** Any of the three documented shapes of a model choice as one. */
export function normaliseModelChoice(choice: ModelChoice | undefined): ChosenModel | undefined {
  if (choice === undefined) return undefined;
  if (typeof choice === "string") return { primary: choice, fallbacks: [] };
  if ("primary" in choice) return { primary: choice.primary, fallbacks: choice.fallbacks ?? [] };
  return { primary: `${choice.provider}/${choice.id}`, fallbacks: [] };
}
