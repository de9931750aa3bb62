import { pack, unpack } from "./opaque.ts";

/** Marks what this wire packs, and the provider's key in it. */
const key = "openai";

/**
 * What a thought goes back with. The parts of one thought have the same `itemId`, and the last of them what
 * the provider encrypted.
 */
export interface ThoughtMark {
  itemId: string | undefined;
  encrypted: string | undefined;
}

/** What a call goes back with, besides what everybody sees of it. */
export interface CallMark {
  itemId: string | undefined;
  async: boolean | undefined;
  namespace: string | undefined;
}

export function packThought({ itemId, encrypted }: ThoughtMark): unknown {
  return pack(key, {
    [key]: { ...(itemId !== undefined && { itemId }), reasoningEncryptedContent: encrypted ?? null },
  });
}

/** Undefined for the thoughts of other wires. */
export function unpackThought(opaque: unknown): ThoughtMark | undefined {
  const fields = unpack(key, opaque)?.[key];
  return fields && { itemId: text(fields.itemId), encrypted: text(fields.reasoningEncryptedContent) };
}

export function packCall({ itemId, async, namespace }: CallMark): unknown {
  const fields = {
    ...(itemId !== undefined && { itemId }),
    ...(async !== undefined && { async }),
    ...(namespace !== undefined && { namespace }),
  };
  return Object.keys(fields).length > 0 ? pack(key, { [key]: fields }) : undefined;
}

export function unpackCall(opaque: unknown): CallMark | undefined {
  const fields = unpack(key, opaque)?.[key];
  return (
    fields && { itemId: text(fields.itemId), async: flag(fields.async), namespace: text(fields.namespace) }
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}
