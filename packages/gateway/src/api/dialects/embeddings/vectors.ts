import { GatewayError } from "../../../lib/errors.ts";
import { inSlices } from "../../../lib/slices.ts";
import type { Json } from "../dialect.ts";

const bytesPerNumber = 4;

/**
 * Brings the vectors of an answer, in place, into the form that was asked for: numbers, which is the default, or their
 * float32 values, little-endian, in base64. Forms that are neither are the provider's own and stay as they are.
 */
export async function formVectors(
  answer: Json,
  asked: unknown,
  options: { signal: AbortSignal },
): Promise<void> {
  const form = asked ?? "float";
  if (form !== "float" && form !== "base64") return;
  await inSlices(
    itemsOf(answer),
    (item) => {
      const { embedding } = item;
      if (form === "base64" && isVector(embedding)) item.embedding = toBase64(embedding);
      if (form === "float" && typeof embedding === "string") item.embedding = toNumbers(embedding);
    },
    options,
  );
}

/** What an answer lists. */
export function itemsOf({ data }: Json): Json[] {
  return Array.isArray(data)
    ? data.filter((it): it is Json => typeof it === "object" && it !== null) // an object: just checked
    : [];
}

export function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * bytesPerNumber);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < vector.length; index++) {
    view.setFloat32(index * bytesPerNumber, vector[index]!, true);
  }
  return bytes.toString("base64");
}

export function toNumbers(base64: string): number[] {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.byteLength === 0 || bytes.byteLength % bytesPerNumber !== 0) {
    throw new GatewayError("upstream_error", "The provider sent a vector that is not float32 in base64.");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / bytesPerNumber }, (_, index) =>
    view.getFloat32(index * bytesPerNumber, true),
  );
}

/** Vectors of vectors, which some providers have, are not. */
function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && typeof value[0] === "number";
}
