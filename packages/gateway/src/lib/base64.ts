import { setImmediate as nextTurn } from "node:timers/promises";

/** What is encoded at once; a multiple of 3, so that the pieces can be put together. */
const sliceBytes = 768 * 1024;

/** The bytes in base64. Lets others in between the slices, and throws the signal's reason once there is one. */
export async function toBase64(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at < buffer.length; at += sliceBytes) {
    if (at > 0) await nextTurn();
    signal?.throwIfAborted();
    text += buffer.toString("base64", at, at + sliceBytes);
  }
  return text;
}
