import { type ThinkingLevel, thinkingLevels } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";

/**
 * The level to use for a wish: the wish itself where the model has it, else the nearest below, down to `off`.
 * `xhigh` is not a wish: where it is lacking it is refused as `invalid_request`.
 */
export function nearestThinking(wish: ThinkingLevel, levels: readonly ThinkingLevel[]): ThinkingLevel {
  if (levels.includes(wish)) return wish;
  if (wish === "xhigh") {
    throw new GatewayError(
      "invalid_request",
      `Thinking level "xhigh" is only supported by some models, and not by this one. It has: ${levels.join(", ")}.`,
      { param: "options.thinking" },
    );
  }
  const below = thinkingLevels.slice(0, thinkingLevels.indexOf(wish)).reverse();
  return below.find((it) => levels.includes(it)) ?? "off";
}
