/** `("agents.list", 0)` → `agents.list[0]`; `("", "gateway")` → `gateway`. */
export function joinPath(path: string, step: PropertyKey): string {
  if (typeof step === "number") return `${path}[${step}]`;
  return path ? `${path}.${String(step)}` : String(step);
}

/** `["attachments", 0, "url"]` → `attachments[0].url`. */
export function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>(joinPath, "");
}

/** The value that a path leads to; undefined where it leads nowhere. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (!isObject(value)) return undefined;
    value = value[step];
  }
  return value;
}

/** A copy of the tree with the value at the path; what is no object on the way is left for validation to refuse. */
export function withValue(root: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  if (root !== undefined && !isObject(root)) return root;
  return { ...root, [step]: withValue(root?.[step], rest, value) };
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return value !== null && typeof value === "object";
}
