/** Whether it thinks by effort; older models are given a budget of tokens. */
export function hasEffort(model: string): boolean {
  return /claude-(opus|sonnet|haiku|fable)-(4-[6-9]|[5-9])/.test(model);
}

/** Whether it takes no temperature, `top_p` and `top_k`. */
export function hasFixedSampling(model: string): boolean {
  return /claude-(opus|sonnet|haiku|fable)-(4-[7-9]|[5-9])/.test(model);
}

/** Whether it refuses a `tool_choice` that leaves it no choice. */
export function cannotBeForced(model: string): boolean {
  return /(sonnet|opus)-5-5|fable-5-1/.test(model);
}

/** Whether answers and calls can be held to a schema. */
export function hasStructuredOutputs(model: string): boolean {
  return /claude-(opus-4-1|(opus|sonnet|haiku|fable)-(4-[5-9]|[5-9]))(?!\d)/.test(model);
}
