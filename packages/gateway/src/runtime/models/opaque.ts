/** What providers want back with their own reasoning and calls: fields under the provider's key. */
export type OpaqueMetadata = Record<string, Record<string, unknown>>;

/**
 * What a wire gives its own reasoning and tool calls to carry, marked so that no other wire reads it.
 * It is stored with conversations, so its form stays.
 */
interface Opaque {
  wire: string;
  metadata: OpaqueMetadata;
}

/** Packs what a provider wants back, as an `opaque` value. */
export function pack(wire: string, metadata: OpaqueMetadata | undefined): Opaque | undefined {
  return metadata && Object.keys(metadata).length > 0 ? { wire, metadata } : undefined;
}

/** What the wire itself packed; undefined for what others did. */
export function unpack(wire: string, opaque: unknown): OpaqueMetadata | undefined {
  if (typeof opaque !== "object" || opaque === null) return undefined;
  const { wire: from, metadata } = opaque as Partial<Opaque>; // checked by its mark
  return from === wire ? metadata : undefined;
}
