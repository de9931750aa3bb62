import { UsageError } from "./exit-codes.ts";

/** The value of a flag as a number above zero; undefined where the flag was not given. */
export function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`${flag} must be a number above zero, not "${text}".`);
}
