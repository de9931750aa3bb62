import { parentPort, workerData } from "node:worker_threads";
import { toGatewayError } from "../../../lib/errors.ts";
import type { EngineConfig } from "./base/types.ts";
import { createEngine } from "./engine.ts";
import { type FromEngine, methodNames, type ToEngine } from "./messages.ts";

/** The engine's thread: calls come in, results, errors and events go out. */
const port = parentPort!; // this file is a thread's program and nothing else
const calls = new Map<number, AbortController>();

function send(message: FromEngine, bytes: readonly Uint8Array[] = []): void {
  port.postMessage(
    message,
    bytes.map((it) => it.buffer as ArrayBuffer), // whole buffers of our own, see `owned`
  );
}

const engine = createEngine(workerData as EngineConfig, (event) => {
  if (event.type !== "frame") return send({ event });
  const data = owned(event.data);
  send({ event: { ...event, data } }, [data]);
});
engine.catch(() => {}); // each call tells why there is none

port.on("message", (message: ToEngine) => {
  if ("abort" in message) calls.get(message.abort)?.abort(message.reason);
  else void answer(message);
});

async function answer({ id, method, params }: Extract<ToEngine, { id: number }>): Promise<void> {
  const call = new AbortController();
  calls.set(id, call);
  try {
    if (!methodNames.includes(method)) throw new Error(`The engine has no method ${method}.`);
    const work = (await engine)[method] as (...args: unknown[]) => Promise<unknown>; // named by the list of its methods
    const result = withOwnBytes(await work(params, { signal: call.signal }));
    send({ id, result: result.value }, result.bytes);
  } catch (thrown) {
    const { code, message, param, retryAfterMs, cause } = toGatewayError(thrown);
    const detail =
      code === "internal_error" ? String((cause as Error | undefined)?.stack ?? cause) : undefined;
    send({ id, error: { code, message, param, retryAfterMs, detail } });
  } finally {
    calls.delete(id);
  }
}

/** Bytes are handed over, not copied; those that share a buffer with others are copied first. */
function withOwnBytes(value: unknown): { value: unknown; bytes: Uint8Array[] } {
  if (value instanceof Uint8Array) {
    const data = owned(value);
    return { value: data, bytes: [data] };
  }
  const data = (value as { data?: unknown } | undefined | null)?.data;
  if (!(data instanceof Uint8Array)) return { value, bytes: [] };
  const own = owned(data);
  return { value: { ...(value as object), data: own }, bytes: [own] };
}

function owned(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.constructor === Uint8Array && bytes.byteLength === bytes.buffer.byteLength;
  return isWhole ? bytes : new Uint8Array(bytes);
}
