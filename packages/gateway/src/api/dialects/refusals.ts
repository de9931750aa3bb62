import { GatewayError } from "../../lib/errors.ts";

/** Whether a caller has said nothing by a parameter. */
function isUnset(value: unknown): boolean {
  return value === null || value === undefined || value === false;
}

/** Refuses by name every parameter that is set and neither honoured nor without any effect on an answer. */
export function refuseOthers(
  body: Readonly<Record<string, unknown>>,
  known: readonly ReadonlySet<string>[],
  by: string,
): void {
  for (const [name, value] of Object.entries(body)) {
    if (!isUnset(value) && !known.some((it) => it.has(name))) throw cannotHonour(name, by);
  }
}

/** The refusal of a parameter that a model or an agent cannot honour. */
export function cannotHonour(param: string, by: string): GatewayError {
  return new GatewayError("invalid_request", `${by} cannot honour the parameter ${param}. Leave it out.`, {
    param,
  });
}

/** The refusal of a caller's own tools by an agent. */
export function agentHasTools(): GatewayError {
  return new GatewayError(
    "invalid_request",
    "An agent has its own tools. Use provider/model to bring yours.",
    { param: "tools" },
  );
}
