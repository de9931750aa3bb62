import { UsageError } from "./exit-codes.ts";

/** The value of a flag that takes one of a few words; undefined where the flag was not given. */
export function oneOf<T extends string>(
  known: readonly T[],
  flag: string,
  text: string | undefined,
): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((it) => it === text);
  if (found === undefined) throw new UsageError(`${flag} must be one of ${known.join(", ")}, not "${text}".`);
  return found;
}
