/** Most characters of one text within a call that is shown. */
const textAtMost = 8_000;

const secretName = /key|secret|token|passw|passphrase|credential|auth|cookie|session|dsn|private/i;
const userInUrl = /(\b[a-z][\w+.-]*:\/\/)[^\s/@]+@/gi;

export interface Shown {
  value: unknown;
  /** Whether something of it was left out. */
  isCut: boolean;
}

/**
 * A call as people and the log see it: bounded, and without the values of variables whose names look secret. It is
 * never what runs.
 */
export function shown(value: unknown, charactersAtMost: number): Shown {
  let isCut = false;
  const text = JSON.stringify(value, function (this: unknown, key: string, inner: unknown) {
    if (key === "env" && isRecord(inner)) return maskedVariables(inner);
    if (typeof inner !== "string" || inner.length <= textAtMost) return inner;
    isCut = true;
    return `${inner.slice(0, textAtMost)} … (${inner.length - textAtMost} more characters)`;
  });
  if (text === undefined) return { value: null, isCut: false };
  if (text.length <= charactersAtMost) return { value: JSON.parse(text), isCut };
  return { value: { truncated: true, text: text.slice(0, charactersAtMost) }, isCut: true };
}

function maskedVariables(env: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      if (secretName.test(name)) return [name, "***"];
      return [name, typeof value === "string" ? value.replace(userInUrl, "$1***@") : value];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
