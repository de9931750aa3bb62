import { seal, unseal } from "../sealed.ts";

/**
 * What a provider of another dialect wants back with its thoughts and calls, as the signature of a thinking block:
 * the one thing in an answer that clients keep without looking into it.
 */
export interface Carried {
  /** Of the block's own thought. */
  opaque?: unknown;
  /** How many characters at the end of what is shown are no part of the thought: wires part thoughts by blank lines. */
  extra?: number;
  /** Of calls of the same answer, by their ids; a call itself has no place for it. */
  calls?: Readonly<Record<string, unknown>>;
}

export function signatureOf({ opaque, extra, calls }: Carried): string {
  return seal({
    ...(opaque !== undefined && { opaque }),
    ...(extra !== undefined && { extra }),
    ...(calls && { calls }),
  });
}

/** What a signature carries; undefined for those that are not ours. */
export function carriedBy(signature: unknown): Carried | undefined {
  const value = unseal(signature);
  if (!isObject(value)) return undefined;
  const { opaque, extra, calls } = value;
  return {
    ...(opaque !== undefined && { opaque }),
    ...(typeof extra === "number" && { extra }),
    ...(isObject(calls) && { calls }),
  };
}

/** A body without the thinking blocks whose signatures are ours: to the vendor itself they would be forged. */
export function withoutOurs<B extends { messages: readonly Readonly<Record<string, unknown>>[] }>(
  body: B,
): B {
  if (!body.messages.some(({ content }) => hasOurs(content))) return body;
  return {
    ...body,
    messages: body.messages.map((it) =>
      hasOurs(it.content) ? { ...it, content: it.content.filter((block) => !isOurs(block)) } : it,
    ),
  };
}

function hasOurs(content: unknown): content is unknown[] {
  return Array.isArray(content) && content.some(isOurs);
}

function isOurs(block: unknown): boolean {
  return isObject(block) && block.type === "thinking" && unseal(block.signature) !== undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
