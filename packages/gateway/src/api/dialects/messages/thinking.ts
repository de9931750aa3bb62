import type { CountTokensRequest, ThinkingLevel } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import { nearestThinking } from "../../../runtime/models/thinking.ts";

type Asked = Pick<CountTokensRequest, "thinking" | "output_config">;

/** From how many tokens of a budget on it is which level; below them all it is `minimal`. */
const budgets: readonly (readonly [number, ThinkingLevel])[] = [
  [32_000, "xhigh"],
  [16_384, "high"],
  [8_192, "medium"],
  [2_048, "low"],
];

/** Where the model may decide how much to think, and the caller does not say how hard it shall try. */
const adaptive = "medium";

/** How hard to think, and whether less will do where a model cannot. */
interface Wish {
  level: ThinkingLevel;
  /** Where it is told, for errors. */
  param: string;
  /** Only what is asked for by its own name is refused where it is lacking. */
  strict: boolean;
}

function wishOf({ thinking, output_config: output }: Asked): Wish | undefined {
  const loose = (level: ThinkingLevel): Wish => ({ level, param: "thinking", strict: false });
  switch (thinking?.type) {
    case "disabled":
      return loose("off");
    case "between_tools":
      return loose("minimal");
    case "enabled": {
      const { budget_tokens: budget } = thinking;
      return loose(budgets.find(([from]) => budget >= from)?.[1] ?? "minimal");
    }
  }
  const effort = output?.effort ?? undefined;
  if (effort === undefined) return thinking?.type === "adaptive" ? loose(adaptive) : undefined;
  const level = effort === "max" ? "xhigh" : effort;
  return { level, param: "output_config.effort", strict: effort === "xhigh" };
}

/** The level for a model that has these; undefined: the model's own way. */
export function levelFor(asked: Asked, levels: readonly ThinkingLevel[]): ThinkingLevel | undefined {
  const wish = wishOf(asked);
  if (wish === undefined) return undefined;
  const tooMuch = wish.level === "xhigh" && !wish.strict && !levels.includes("xhigh");
  try {
    return nearestThinking(tooMuch ? "high" : wish.level, levels);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new GatewayError(error.code, error.message, { param: wish.param, cause: error });
  }
}

/** The level for an agent, whose model is not known here. */
export function levelForAgent(asked: Asked): ThinkingLevel | undefined {
  const wish = wishOf(asked);
  return wish?.level === "xhigh" && !wish.strict ? "high" : wish?.level;
}
